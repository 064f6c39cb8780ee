"""SIGTERM drains: calls under way are answered, a stream is answered for all that it sent, then told to go on elsewhere."""

import queue
import signal
import subprocess
import time
import unittest

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from stack import BIN, COUNCIL, PATIENCE, StackTest, details_of, indicator, reading, wait_until


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

    def test_what_is_under_way_is_answered(self):
        """The broker is silent while calls and a stream come in, so that all of it is under way when SIGTERM comes."""
        second = self.stack.start_service("ingestion")
        second.await_ready()
        stub = self.stack.ingestion_stub(second)
        periods = [f"{year}-{month:02}" for year in range(1990, 2007) for month in range(1, 13)]
        calls, streamed = periods[:20], periods[20:200]
        frames = queue.Queue()
        self.stack.broker.popen.send_signal(signal.SIGSTOP)
        try:
            futures = [stub.RecordReadings.future(ingestion_pb.RecordReadingsRequest(readings=[reading("S1", period, 1)]), timeout=PATIENCE) for period in calls]
            stream = stub.StreamReadings(iter(frames.get, None))
            for i in range(0, len(streamed), 60):
                frames.put(ingestion_pb.StreamReadingsRequest(readings=[reading("S1", period, 1) for period in streamed[i:i + 60]]))
            waiting = f'kafka_producer_queue_messages{{client="bellwether-ingestion"}} {len(calls) + len(streamed)}\n'
            wait_until(lambda: waiting in second.get("/metrics")[1], "everything waits for the broker", 20)
            began = time.monotonic()
            second.popen.send_signal(signal.SIGTERM)
            wait_until(lambda: "stopping" in second.text(), "it drains")
            self.assertIsNone(second.popen.poll())
        finally:
            self.stack.broker.popen.send_signal(signal.SIGCONT)
        for future in futures:
            self.assertTrue(future.result().results[0].HasField("position"))
        acknowledged = []
        with self.assertRaises(grpc.RpcError) as caught:
            for answer in stream:
                acknowledged += answer.acknowledgements
        frames.put(None)
        self.assertEqual(details_of(caught.exception)[0], "SERVER_DRAINING")
        self.assertEqual([a.sequence for a in acknowledged], list(range(len(streamed))))
        self.assertTrue(all(a.result.HasField("position") for a in acknowledged))
        self.assertEqual(second.popen.wait(PATIENCE), 0)
        self.assertLess(time.monotonic() - began, 20, "within the grace period")

    def test_a_watch_is_told_to_go_on_elsewhere(self):
        second = self.stack.start_service("query")
        second.await_ready()
        position = self.record(reading("S1", "2022-01", 1))[0].position
        call = self.stack.query_stub(second).WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-01", min_position=position))
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
