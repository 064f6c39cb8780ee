#!/usr/bin/python3
"""What one call of each RPC costs at the limits: CPU of the service, and bytes of the answer. For the table of
docs/operations.md, "What one call can cost". Asserts nothing.

    ./dev bench --costs                                all of it, a few minutes
    ./dev bench --costs --records 5000 --indicators 100   smaller
    ./dev bench --costs --only LookUp                  those whose name holds the word
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.setdefault("BELLWETHER_BUILD", str(SOURCE / "build" / "release")))
os.environ.setdefault("BELLWETHER_SOURCE", str(SOURCE))
sys.path += [str(SOURCE / "tests" / "integration"), str(BUILD / "python")]

import grpc  # noqa: E402
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb  # noqa: E402
from bellwether.v1 import query_service_pb2 as query_pb  # noqa: E402
from bellwether.v1 import record_pb2 as record_pb  # noqa: E402
from kcat import consumed, produce  # noqa: E402
from stack import COUNCIL, Stack, indicator, reading, wait_until  # noqa: E402

INDICATORS = "bellwether.indicators.v1.e1"
MONTHS = [f"{year}-{month:02}" for year in range(2016, 2022) for month in range(1, 13)]


def cpu_of(process):
    """Seconds of CPU that its threads have had."""
    total = 0
    for task in pathlib.Path(f"/proc/{process.popen.pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            pass  # It has ended.
    return total / 1e9


class Costs:
    def __init__(self, arguments):
        self.arguments = arguments
        self.stack = Stack()
        self.ingestion = self.stack.ingestion_stub()
        self.query = self.stack.query_stub()
        self.refs = [f"T{i}" for i in range(arguments.indicators)]

    def batches(self, readings):
        for begin in range(0, len(readings), 500):
            yield ingestion_pb.RecordReadingsRequest(readings=readings[begin:begin + 500])

    def record(self, readings):
        newest = None
        for request in self.batches(readings):
            for result in self.ingestion.RecordReadings(request, timeout=60).results:
                assert result.HasField("position"), result
                newest = result.position
        request = query_pb.GetReportRequest(council=COUNCIL, period="2021-12", page_size=1, min_position=newest)

        def visible():
            try:
                return self.query.GetReport(request, timeout=10)
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
                return None

        wait_until(visible, "the view has all of it", 600)

    def fill(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            from stack import SCHEMES  # pylint: disable=import-outside-toplevel
            refs = ", ".join(indicator(ref) for ref in [*self.refs, "MANY"])
            for council in (COUNCIL,):
                file.write(f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators: [{refs}]\n")
            file.flush()
            self.stack.cli("catalogue", "apply", file.name)
        self.record([reading(ref, month, 90 + i % 9) for i, month in enumerate(MONTHS) for ref in self.refs])
        self.many = [reading("MANY", MONTHS[i % len(MONTHS)], i % 1000) for i in range(self.arguments.records)]
        self.record(self.many)

    def measure(self, name, call, service=None, times=5):
        if self.arguments.only and self.arguments.only not in name:
            return
        service = service or self.stack.query
        costs = []
        for _ in range(times):
            before = cpu_of(service)
            began = time.monotonic()
            answer = call()
            took = time.monotonic() - began
            costs.append((cpu_of(service) - before, took))
        cpu, took = sorted(costs)[len(costs) // 2]
        size = answer.ByteSize() if hasattr(answer, "ByteSize") else 0
        print(f"| {name} | {cpu * 1000:.0f} | {size / 1024:,.0f} |", f"  wall {took * 1000:.0f} ms", flush=True)

    def pages(self, method, request):
        """All pages; the answer is the last."""
        count = 0
        while True:
            answer = method(request, timeout=60)
            count += 1
            request.page_token = answer.next_page_token
            if not request.page_token:
                return answer

    def query_calls(self):
        q, n = self.query, self.arguments.indicators
        key = lambda r: query_pb.ReadingKey(council=COUNCIL, ref=r.ref, reading_id=r.reading_id)  # noqa: E731
        lookup = query_pb.LookUpReadingsRequest
        self.measure(f"LookUpReadings, 500 keys of one indicator with {len(self.many):,} records",
                     lambda: q.LookUpReadings(lookup(keys=map(key, self.many[::max(1, len(self.many) // 500)][:500])), timeout=60))
        self.measure("LookUpReadings, 1 key of it", lambda: q.LookUpReadings(lookup(keys=[key(self.many[0])]), timeout=60))
        spread = [query_pb.ReadingKey(council=COUNCIL, ref=ref, reading_id="none") for ref in self.refs[:500]]
        self.measure(f"LookUpReadings, 500 indicators with {len(MONTHS)} records each", lambda: q.LookUpReadings(lookup(keys=spread), timeout=60))
        self.measure("GetIndicator, first page of 2,000 of it",
                     lambda: q.GetIndicator(query_pb.GetIndicatorRequest(council=COUNCIL, ref="MANY", page_size=2000), timeout=60))
        self.measure("ExplainScore of it", lambda: q.ExplainScore(query_pb.ExplainScoreRequest(council=COUNCIL, ref="MANY"), timeout=60))
        report = lambda **how: query_pb.GetReportRequest(council=COUNCIL, **how)  # noqa: E731
        self.measure(f"GetReport, a page of {n:,} rows", lambda: q.GetReport(report(period="2021-12", page_size=1000), timeout=60))
        self.measure("GetReport of a month without any reading", lambda: q.GetReport(report(period="2035-05", page_size=1000), timeout=60))
        filtered = report(period="2021-12")
        filtered.filter.refs.extend([self.refs[-1]] * 150_000)
        self.measure("GetReport, a filter of 150,000 refs", lambda: q.GetReport(filtered, timeout=60))
        waits = query_pb.LookUpReadingsRequest(keys=[query_pb.ReadingKey(council=COUNCIL, ref=self.refs[0], reading_id="none")])
        waits.min_positions.extend([type(waits).DESCRIPTOR.fields_by_name["min_positions"].message_type._concrete_class(epoch=1)] * 100_000)
        self.measure("LookUpReadings, 100,000 min_positions", lambda: q.LookUpReadings(waits, timeout=60))
        self.measure(f"ListIndicators, {n:,}", lambda: q.ListIndicators(query_pb.ListIndicatorsRequest(council=COUNCIL, page_size=1000), timeout=60))
        self.measure(f"ListFindings, {n:,} rows", lambda: q.ListFindings(query_pb.ListFindingsRequest(council=COUNCIL, period="2021-12", page_size=1000), timeout=60))
        self.measure(f"ListDueReadings, {n:,} rows, received too",
                     lambda: q.ListDueReadings(query_pb.ListDueReadingsRequest(council=COUNCIL, period="2021-12", include_received=True, page_size=1000), timeout=60))
        self.measure("ListReadings, a page of 2,000", lambda: q.ListReadings(query_pb.ListReadingsRequest(council=COUNCIL, page_size=2000), timeout=60))
        self.measure("ListReadings, all pages of the council",
                     lambda: self.pages(q.ListReadings, query_pb.ListReadingsRequest(council=COUNCIL, page_size=2000)), times=1)

        def unknown():
            try:
                q.ExplainScore(query_pb.ExplainScoreRequest(council=COUNCIL, ref="T" * 64), timeout=60)
            except grpc.RpcError as error:
                return error

        self.measure("any call, a ref that is not there", unknown)

        def watch():
            stream = q.WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2021-12"), timeout=60)
            for event in stream:
                if event.snapshot.complete:
                    stream.cancel()
                    return event

        self.measure(f"WatchReport, a snapshot of {n:,} rows", watch)
        stat = pathlib.Path(f"/proc/{self.stack.query.popen.pid}/status").read_text()
        print("query:", next(line for line in stat.splitlines() if line.startswith("VmHWM")))

    def ingestion_calls(self):
        service, i = self.stack.ingestion, self.ingestion
        batch = ingestion_pb.RecordReadingsRequest(readings=[reading(self.refs[0], MONTHS[0], 5) for _ in range(500)])
        self.measure("RecordReadings, 500", lambda: i.RecordReadings(batch, timeout=60), service)
        self.measure("StreamReadings, a frame of 500",
                     lambda: list(i.StreamReadings(iter([ingestion_pb.StreamReadingsRequest(readings=batch.readings)]), timeout=60))[-1], service)
        known = self.query.ListIndicators(query_pb.ListIndicatorsRequest(council=COUNCIL, page_size=1000), timeout=60)

        def apply(how):
            request = ingestion_pb.ApplyCatalogueRequest(apply_id=f"costs-{time.monotonic_ns()}", validate_only=how == "checked")
            catalogue = request.catalogue
            catalogue.council = COUNCIL if how != "new" else f"E{time.monotonic_ns() % 100000000:08}"
            catalogue.schemes.extend(known.schemes)
            for d in known.definitions:
                catalogue.indicators.add().CopyFrom(d)
                catalogue.indicators[-1].council = ""
                if how == "changed":
                    catalogue.indicators[-1].description = request.apply_id
            return i.ApplyCatalogue(request, timeout=60)

        for how in ("new", "changed", "unchanged", "checked"):
            self.measure(f"ApplyCatalogue, {len(known.definitions):,} indicators, {how}", lambda how=how: apply(how), service)
        self.dead_letters(service)
        stat = pathlib.Path(f"/proc/{service.popen.pid}/status").read_text()
        print("ingestion:", next(line for line in stat.splitlines() if line.startswith("VmHWM")))

    def dead_letters(self, service):
        i, kafka = self.ingestion, self.stack.kafka
        partition = next(p for (p, _), (key, _) in consumed(kafka, INDICATORS).items() if key.decode() == f"{COUNCIL}/MANY")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"".join(b"no record %d\n" % n for n in range(self.arguments.letters)))
            file.flush()
            subprocess.run(["kcat", "-b", kafka, "-t", INDICATORS, "-P", "-p", str(partition), "-k", "rubbish", "-l", file.name], check=True)
        bad = record_pb.IndicatorRecord(reading=reading("MANY", MONTHS[0], 5)).SerializeToString()
        produce(kafka, INDICATORS, partition, f"{COUNCIL}/T0", bad)

        def last():
            request = ingestion_pb.ListDeadLettersRequest(page_size=500)
            while True:
                answer = i.ListDeadLetters(request, timeout=60)
                for letter in answer.dead_letters:
                    if letter.reason == "key-mismatch":
                        return letter.position
                if not answer.next_page_token:
                    return None
                request.page_token = answer.next_page_token

        position = wait_until(last, "the last letter is there")
        n = self.arguments.letters
        self.measure(f"ListDeadLetters, a page of 500 of {n:,}", lambda: i.ListDeadLetters(ingestion_pb.ListDeadLettersRequest(page_size=500), timeout=60), service)
        self.measure(f"ListDeadLetters, the last of {n:,}", lambda: i.ListDeadLetters(ingestion_pb.ListDeadLettersRequest(position=position), timeout=60), service)
        self.measure(f"ReplayDeadLetter, the last of {n:,}, whose partition holds {self.arguments.records:,} records of its key",
                     lambda: i.ReplayDeadLetter(ingestion_pb.ReplayDeadLetterRequest(position=position, validate_only=True, supersede=True), timeout=60), service)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=39_000, help="of one indicator")
    parser.add_argument("--indicators", type=int, default=999, help="of the council, beside that one")
    parser.add_argument("--letters", type=int, default=20_000, help="dead letters")
    parser.add_argument("--only", default="", help="measures whose name holds it")
    costs = Costs(parser.parse_args())
    try:
        costs.fill()
        print("| call | CPU, ms | answer, KiB |\n|---|---:|---:|")
        costs.query_calls()
        costs.ingestion_calls()
    finally:
        costs.stack.close()


if __name__ == "__main__":
    main()
