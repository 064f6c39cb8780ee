"""Watches: what changes arrives, many watchers do no harm, and one that does not read is dropped."""

import threading
import time
import unittest

import grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from stack import COUNCIL, PATIENCE, StackTest, details_of, indicator, reading, wait_until


class WatchTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), indicator("V1"), indicator("V2"))
        results = cls.record(cls(), reading("V1", "2022-01", 1), reading("V2", "2022-01", 1))
        cls.position = results[-1].position

    def watch(self):
        return self.query.WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-01", min_position=self.position))

    def test_the_report_then_each_row_that_changes(self):
        call = self.watch()
        snapshot = next(call).snapshot
        self.assertTrue(snapshot.complete)
        self.assertEqual([r.definition.ref for r in snapshot.rows], ["V1", "V2"])
        self.record(reading("V2", "2022-01", 99), reading("V1", "2019-05", 5))
        row = next(event.row for event in call if event.WhichOneof("event") == "row")
        self.assertEqual((row.definition.ref, row.score.current.value.value), ("V2", "99"))
        call.cancel()

    def test_the_command_line_watches(self):
        result = {}
        def run():
            result["out"] = self.stack.cli("watch", "--period", "2022-01", "--seconds", "4").stdout
        thread = threading.Thread(target=run)
        thread.start()
        value = 100
        while thread.is_alive():
            value += 1
            last, = self.record(reading("V1", "2022-01", value))
            thread.join(0.3)
        self.score("V1", "2022-01", [last.position])  # Or whoever watches next is told of it.
        self.assertIn("Watching the report of 2022-01: 2 rows", result["out"])
        self.assertIn("V1  2022-01", result["out"])

    def test_200_watches_do_not_slow_an_ordinary_call_noticeably(self):
        request = query_pb.GetReportRequest(council=COUNCIL, period="2022-01")
        def median_call():
            times = []
            for _ in range(60):
                begin = time.monotonic()
                self.query.GetReport(request, timeout=PATIENCE)
                times.append(time.monotonic() - begin)
            return sorted(times)[30]
        alone = median_call()
        calls = [self.watch() for _ in range(200)]
        for call in calls:
            self.assertTrue(next(call).snapshot.complete)
        watched = median_call()
        print(f"median GetReport: {alone * 1000:.2f} ms alone, {watched * 1000:.2f} ms beside 200 open watches")
        self.record(reading("V1", "2022-01", 5000))
        for call in calls:
            row = next(event.row for event in call if event.WhichOneof("event") == "row")
            self.assertEqual(row.definition.ref, "V1")
            call.cancel()

    def test_a_watcher_that_does_not_read_is_dropped_with_a_reason(self):
        query = self.stack.start_service("query", "--watcher-timeout", "1")
        query.await_ready()
        long_words = "x" * 1900
        self.define(*[indicator(f"L{n}", f"notes: [{', '.join([long_words] * 10)}]") for n in range(40)], council="E06000064")
        # A client whose flow-control window does not grow: the snapshot of 0.8 MB does not fit into it.
        narrow = grpc.insecure_channel(self.stack.address(query), options=[("grpc.http2.bdp_probe", 0)])
        call = query_grpc.QueryServiceStub(narrow).WatchReport(query_pb.WatchReportRequest(council="E06000064", period="2022-01"))
        wait_until(lambda: "WATCHER_TOO_SLOW" in query.text() or "does not read" in query.text(), "the watcher is dropped")
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in call:
                pass
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(details_of(caught.exception)[0], "WATCHER_TOO_SLOW")


if __name__ == "__main__":
    unittest.main(verbosity=2)
