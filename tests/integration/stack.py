"""The services as real processes over the embedded broker, and the published API to talk to them."""

import contextlib
import csv
import io
import os
import pathlib
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from bellwether.v1 import record_pb2 as record_pb
from google.rpc import error_details_pb2, status_pb2

BUILD = pathlib.Path(os.environ["BELLWETHER_BUILD"])
SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
BIN = BUILD / "bin"
# What the services of a test said; kept for whoever looks why it failed.
LOGS = BUILD / "service-logs"
EXAMPLE = SOURCE / "examples" / "north-northamptonshire"
COUNCIL = "E06000061"
# A second scores topic, to fold the log anew into.
FRESH_SCORES = "bellwether.scores.v1.e1.fresh"
# Under sanitizers everything takes longer; only waits that fail ever last this long.
PATIENCE = 90


def wait_until(condition, what, seconds=PATIENCE):
    """Waits for a condition; a deadline makes its absence a failure."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        threading.Event().wait(0.05)


class Process:
    """A service that this test started. `before`: a command that runs it, and becomes it."""

    def __init__(self, name, arguments, pattern, before=()):
        self.name = name
        LOGS.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=LOGS, prefix=f"{pathlib.Path(name).name}-", suffix=".log", delete=False) as log:
            self.log = pathlib.Path(log.name)
            self.popen = subprocess.Popen([*before, BIN / name, *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
        self.ports = self._read_ports(pattern)

    def _read_ports(self, pattern):
        lines = queue.Queue()

        def forward():
            with self.popen.stdout:
                for line in self.popen.stdout:
                    lines.put(line)
            lines.put("")

        threading.Thread(target=forward, daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"{self.name} says nothing:\n{self.text()}") from None
            if line == "":
                raise AssertionError(f"{self.name} ended:\n{self.text()}")
            if match := re.search(pattern, line):
                return {name: int(found) if found.isdigit() else found for name, found in match.groupdict().items() if found}

    def text(self):
        return self.log.read_text()

    def get(self, path):
        """Status and body of a page of the admin port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['admin']}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def await_ready(self):
        def ready():
            assert self.popen.poll() is None, f"{self.name} ended:\n{self.text()}"
            return self.get("/readyz")[0] == 200

        wait_until(ready, f"{self.name} is ready")

    def stop(self, with_signal=signal.SIGTERM):
        """Ends it; its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(with_signal)
        try:
            return self.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:  # A failure, which leaves nothing behind.
            self.popen.kill()
            self.popen.wait(PATIENCE)
            raise


class Stack:
    """Broker, ingestion, scoring and query, and the pages where they are wanted; stopped by close()."""

    def __init__(self, scoring=True, query=True, web=False):
        self.processes = getattr(self, "processes", [])
        self.broker = self.start("bellwether-standalone", ["--broker-only", "--port", "0", "--admin", "127.0.0.1:0", "--extra-scores-topic", FRESH_SCORES], r":(?P<kafka>\d+)")
        self.kafka = f"127.0.0.1:{self.broker.ports['kafka']}"
        self.ingestion = self.start_service("ingestion")
        self.scoring = self.start_service("scoring") if scoring else None
        self.query = self.start_service("query") if query else None
        self.web = self.start_service("web") if web else None
        for service in (self.ingestion, self.scoring, self.query, self.web):
            if service:
                service.await_ready()

    @classmethod
    def started(cls, cleanup, **arguments):
        """A stack that is closed by `cleanup` (addCleanup, addClassCleanup), also if it does not come up."""
        stack = cls.__new__(cls)
        stack.processes = []
        cleanup(stack.close)
        stack.__init__(**arguments)
        return stack

    def start(self, name, arguments, pattern, before=()):
        process = Process(name, arguments, pattern, before)
        self.processes.append(process)
        return process

    def start_service(self, name, *arguments, next_version=False):
        """`next_version`: the binary that tests/e2e links with the next rules version."""
        listen = [] if name == "scoring" or "--listen" in arguments else ["--listen", "127.0.0.1:0"]
        return self.start(
            f"../tests/bellwether-{name}-next" if next_version else f"bellwether-{name}",
            [*(["--query", self.address(self.query)] if name == "web" else ["--kafka", self.kafka]), "--admin", "127.0.0.1:0", *listen, *arguments],
            r"started(?:, \w+ on port (?P<listen>\d+))?, admin on port (?P<admin>\d+)",
        )

    def address(self, service):
        return f"127.0.0.1:{service.ports['listen']}"

    def ingestion_stub(self, service=None):
        return ingestion_grpc.IngestionServiceStub(grpc.insecure_channel(self.address(service or self.ingestion)))

    def query_stub(self, service=None):
        options = [("grpc.max_receive_message_length", 64 << 20)]
        return query_grpc.QueryServiceStub(grpc.insecure_channel(self.address(service or self.query), options=options))

    def cli(self, *arguments, check=True, environment=None):
        """Runs the command line against this stack."""
        result = subprocess.run(
            [BIN / "bellwether", *arguments],
            env={**os.environ, "BELLWETHER_COUNCIL": COUNCIL, "BELLWETHER_INGESTION": self.address(self.ingestion),
                 "BELLWETHER_QUERY": self.address(self.query) if self.query else "127.0.0.1:1", **(environment or {})},
            capture_output=True, text=True, timeout=PATIENCE * 2, check=False,
        )
        if check and result.returncode != 0:
            raise AssertionError(f"{arguments} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result

    def cli_csv(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.cli(*arguments, "--format", "csv").stdout, newline="")))

    def load_example(self):
        self.cli("catalogue", "apply", str(EXAMPLE / "catalogue.yaml"))
        self.cli("readings", "submit", str(EXAMPLE / "readings-2022-02.csv"))

    def close(self):
        with contextlib.ExitStack() as ends:  # Also after one that failed.
            for process in self.processes:
                ends.callback(process.stop)


class StackTest(unittest.TestCase):
    """Tests that share one stack."""

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack.started(cls.addClassCleanup)
        cls.ingestion = cls.stack.ingestion_stub()
        cls.query = cls.stack.query_stub()

    def define(self, *indicators, schemes=None, restate=False, council=COUNCIL):
        """Applies definitions in the catalogue's own YAML, given as text of the list `indicators`."""
        defaults = "" if schemes else "defaults: {scheme_id: test}\n"
        text = f"council: {council}\nschemes: {schemes or SCHEMES}\n{defaults}indicators: [{', '.join(indicators)}]\n"
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            return self.stack.cli("catalogue", "apply", *(["--restate"] if restate else []), file.name)

    def record(self, *readings):
        """Records readings; their results."""
        return self.ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=readings), timeout=PATIENCE).results

    def score(self, ref, period, positions=()):
        """The score of one data period, as the report shows it, once the view has seen the positions."""
        newest = max(positions, key=lambda p: p.offset, default=None)
        request = query_pb.GetReportRequest(council=COUNCIL, period=period, min_position=newest)
        request.filter.refs.append(ref)
        rows = self.query.GetReport(request, timeout=PATIENCE).rows
        self.assertEqual(len(rows), 1, f"rows of {ref}")
        return rows[0].score

    def occurrences(self, reading, positions=()):
        key = query_pb.ReadingKey(council=reading.council, ref=reading.ref, reading_id=reading.reading_id)
        answer = self.query.LookUpReadings(query_pb.LookUpReadingsRequest(keys=[key], min_positions=positions), timeout=PATIENCE)
        return answer.results[0].occurrences


# Green on target, amber within 5%, red beyond; arrows as words.
SCHEMES = """[{id: test, name: Test key, default_tolerance: {shortfall: {relative_percent: 5}},
  statuses: [
    {id: missing, label: Missing, colour: "#3D3D3D", shape: "?", any_of: [{state: missing}]},
    {id: tracking, label: Tracking, colour: "#28A197", shape: "-", any_of: [{state: tracking}]},
    {id: green, label: Green, colour: "#00703C", shape: "●", any_of: [{shortfall_within: {target: true}}]},
    {id: amber, label: Amber, colour: "#B58105", shape: "▲", any_of: [{shortfall_within: {tolerance: true}}]},
    {id: red, label: Red, colour: "#D4351C", shape: "◆", any_of: [{otherwise: true}]}],
  directions: [
    {performances: [improved], judgement: improved, arrow: "+"},
    {performances: [same], judgement: same, arrow: "="},
    {performances: [declined], any_of: [{change_within_percent: 5}], judgement: worse-within-tolerance, arrow: "~"},
    {performances: [declined], judgement: worse, arrow: "!"},
    {performances: [changed], judgement: changed, arrow: "<>"}]}]"""


def indicator(ref, extra="", target=90):
    """The YAML of one indicator."""
    targets = "" if target is None else f", targets: [{{value: {target}, cells: [current, quarter, year-to-date]}}]"
    return (f"{{ref: {ref}, description: indicator {ref}, unit: count, polarity: higher, quarter_rule: sum, year_to_date_rule: sum"
            f"{targets}{', ' + extra if extra else ''}}}")


_next_id = iter(range(1, 1 << 30))


def reading(ref, period, value=None, reading_id=None, corrects="", council=COUNCIL, **measures):
    """A reading; its id is new unless one is given."""
    r = record_pb.Reading(council=council, ref=ref, period=period, reading_id=f"id-{next(_next_id)}" if reading_id is None else reading_id, corrects=corrects,
                          source="test feed")
    if value is not None:
        r.measurement.value.value = str(value)
    if "numerator" in measures:
        r.measurement.ratio.numerator.value = str(measures["numerator"])
        r.measurement.ratio.denominator.value = str(measures["denominator"])
        if "ratio_value" in measures:
            r.measurement.ratio.value.value = str(measures["ratio_value"])
    if "mean" in measures:
        r.measurement.weighted_mean.mean.value = str(measures["mean"])
        r.measurement.weighted_mean.weight.value = str(measures["weight"])
    return r


# grpc.health.v1.HealthCheckResponse, on the wire.
SERVING = b"\x08\x01"


def health(channel, timeout):
    """What gRPC health says of the whole service."""
    return channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=timeout)


def details_of(error):
    """Reason, field violations (path to words) and retry delay of a failed call."""
    status = status_pb2.Status()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status.ParseFromString(value)
    reason, fields, retry = "", {}, None
    for any_detail in status.details:
        for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo):
            detail = kind()
            if any_detail.Is(kind.DESCRIPTOR) and any_detail.Unpack(detail):
                if kind is error_details_pb2.ErrorInfo:
                    reason = detail.reason
                elif kind is error_details_pb2.BadRequest:
                    fields = {v.field: v.description for v in detail.field_violations}
                else:
                    retry = detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9
    return reason, fields, retry


@contextlib.contextmanager
def fails_with(test, code):
    """Expects a call to fail with a code; yields a list that then holds the error."""
    caught = []
    with test.assertRaises(grpc.RpcError) as context:
        yield caught
    caught.append(context.exception)
    test.assertEqual(context.exception.code(), code, context.exception.details())
