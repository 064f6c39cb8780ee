"""SIGTERM drains: calls under way are answered, a stream is answered for all that it sent, then told to go on elsewhere."""

import queue
import signal
import subprocess
import unittest

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from stack import BIN, COUNCIL, PATIENCE, StackTest, details_of, indicator, reading


class DrainTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), indicator("S1"))

    def test_a_stream_is_answered_then_closed(self):
        second = self.stack.start_service("ingestion")
        second.await_ready()
        frames = queue.Queue()
        call = self.stack.ingestion_stub(second).StreamReadings(iter(frames.get, None))
        sent = [reading("S1", f"2010-{month:02}", month) for month in range(1, 13)]
        frames.put(ingestion_pb.StreamReadingsRequest(readings=sent))
        acknowledged = list(next(call).acknowledgements)
        second.popen.send_signal(signal.SIGTERM)
        with self.assertRaises(grpc.RpcError) as caught:
            for answer in call:
                acknowledged += answer.acknowledgements
        frames.put(None)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(details_of(caught.exception)[0], "SERVER_DRAINING")
        self.assertEqual([a.sequence for a in acknowledged], list(range(12)))
        self.assertTrue(all(a.result.HasField("position") for a in acknowledged))
        self.assertEqual(second.popen.wait(PATIENCE), 0)

    def test_a_watch_is_told_to_go_on_elsewhere(self):
        second = self.stack.start_service("query")
        second.await_ready()
        position = self.record(reading("S1", "2022-01", 1))[0].position
        call = self.stack.query_stub(second).WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-01", min_positions=[position]))
        self.assertTrue(next(call).snapshot.complete)
        second.popen.send_signal(signal.SIGTERM)
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in call:
                pass
        self.assertEqual(details_of(caught.exception)[0], "SERVER_DRAINING")
        self.assertEqual(second.popen.wait(PATIENCE), 0)

    def test_scoring_that_is_stopped_and_started_goes_on_where_it_was(self):
        self.assertEqual(self.stack.scoring.stop(), 0)
        position = self.record(reading("S1", "2022-02", 42))[0].position
        self.stack.scoring = self.stack.start_service("scoring")
        self.assertEqual(self.score("S1", "2022-02", [position]).current.value.value, "42")

    def test_scoring_that_is_killed_counts_nothing_twice(self):
        self.stack.scoring.stop(signal.SIGKILL)
        position = self.record(reading("S1", "2022-03", 43))[0].position
        self.stack.scoring = self.stack.start_service("scoring")
        score = self.score("S1", "2022-03", [position])
        self.assertEqual(score.current.value.value, "43")

    def test_configuration_is_checked_at_start(self):
        for name in ("ingestion", "scoring", "query"):
            binary = BIN / f"bellwether-{name}"
            good = subprocess.run([binary, "--check-config"], capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual(good.returncode, 0, good.stderr)
            bad = subprocess.run([binary, "--check-config", "--admin", "nowhere", "--kafka-property", "no.such.key=1"],
                                 capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual(bad.returncode, 2)
            self.assertIn("--admin: \"nowhere\" is not HOST:PORT", bad.stderr)
            self.assertIn("no.such.key", bad.stderr)
            unknown = subprocess.run([binary, "--no-such-flag"], capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual(unknown.returncode, 2)
            version = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertIn("rules 1", version.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
