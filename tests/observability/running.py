"""A stack in which everything that metrics tell of happens, and what its services export."""

import pathlib
import re
import shutil
import tempfile
import threading
import urllib.request

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from certificates import Authority
from kafka import free_ports
from kcat import produce
from programs import SERVICES
from stack import COUNCIL, PATIENCE, Stack, reading

FEED = "feed of the metrics"
_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")


def series_of(page):
    """Each metric of a /metrics page: its type and, of each of its series, the names of the labels. A histogram is one metric."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE))
    found = {}
    for line in page.splitlines():
        if not line or line.startswith("#"):
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, f"no sample: {line}"
        name, labels = sample["name"], set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', sample["labels"] or ""))
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        if kinds.get(family) == "histogram":
            name = family
            labels.discard("le")
        found.setdefault((name, kinds[name]), set()).add(frozenset(labels))
    return found


class BusyStack(Stack):
    """Services in plaintext, ingestion and query also with TLS and access.yaml, and a collector of traces that does not answer."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.collector = free_ports(1)[0]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._work)
        self.failed = None
        super().__init__(web=True)
        authority = Authority(self.folder)
        self.services = {name: [getattr(self, name)] for name in SERVICES}
        access = self.folder / "access.yaml"
        access.write_text("roles: [{name: reader, actions: [read]}]\ngrants: [{principals: [anonymous], role: reader}]\n")
        for name in ("ingestion", "query"):
            certificate, key = authority.sign(name)
            self.services[name].append(self.start_service(name, "--tls-certificate", str(certificate), "--tls-key", str(key), "--access", str(access)))
            self.services[name][-1].await_ready()

    def start_service(self, name, *arguments, **keywords):
        return super().start_service(name, "--otlp-endpoint", f"http://127.0.0.1:{self.collector}", *arguments, **keywords)

    def jobs(self):
        return {f"bellwether-{name}": [service.ports["admin"] for service in services] for name, services in self.services.items()}

    def exported(self):
        """As prometheus.metrics(): name to type, labels and services. Fails where series of one metric differ in their labels."""
        found = {}
        for name, services in self.services.items():
            for service in services:
                for (metric, kind), labels in series_of(service.get("/metrics")[1]).items():
                    one, all_labels, by = found.setdefault(metric, (kind, set(), set()))
                    assert one == kind, f"{metric} is a {one} and a {kind}"
                    all_labels.update(labels)
                    by.add(name[0].upper())
        for metric, (_, labels, _) in found.items():
            assert len(labels) == 1, f"{metric} has series with these labels: {sorted(map(sorted, labels))}"
        return {metric: (kind, next(iter(labels)), frozenset(by)) for metric, (kind, labels, by) in found.items()}

    def work(self):
        """The example, a record that cannot be read, and from now on feeds, readers and a watch."""
        self.load_example()
        produce(self.kafka, "bellwether.indicators.v1.e1", 0, None, b"nobody's")
        self.thread.start()

    def _work(self):
        try:
            ingestion, query = self.ingestion_stub(), self.query_stub()
            watch = query.WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-02"))
            value = 0
            while not self.over.wait(0.1):
                value += 1
                good, refused = reading("T45", "2022-01", value % 100), reading("NONE", "2022-01", value)
                good.source = refused.source = FEED
                results = ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[good, refused]), timeout=PATIENCE).results
                assert [r.HasField("position") for r in results] == [True, False], results
                query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-02"), timeout=PATIENCE)
                with urllib.request.urlopen(f"http://{self.address(self.web)}/{COUNCIL}/reports/2022-02", timeout=PATIENCE) as page:
                    assert page.status == 200, page.status
                for call, wrong in ((query.GetReport, query_pb.GetReportRequest(council=COUNCIL, period="February")),
                                    (ingestion.RecordReadings, ingestion_pb.RecordReadingsRequest())):
                    try:
                        call(wrong, timeout=PATIENCE)
                    except grpc.RpcError as error:
                        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
            watch.cancel()
        except Exception as error:
            self.failed = error  # The test says so: what it lacks then is not the metrics.

    def close(self):
        self.over.set()
        if self.thread.is_alive():
            self.thread.join(PATIENCE)
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)
