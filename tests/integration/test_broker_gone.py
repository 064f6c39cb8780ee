"""The broker goes away: calls fail within their deadline and say that trying again is safe; services live and recover."""

import signal
import time
import unittest

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from stack import COUNCIL, PATIENCE, StackTest, details_of, indicator, reading, wait_until


class BrokerGoneTest(StackTest):
    def test_broker_gone_and_back(self):
        self.define(indicator("B1"))
        acknowledged = self.record(reading("B1", "2022-01", 1))[0].position
        self.assertEqual(self.score("B1", "2022-01", [acknowledged]).current.value.value, "1")
        port = self.stack.broker.ports["kafka"]
        self.stack.broker.stop()

        request = ingestion_pb.RecordReadingsRequest(readings=[reading("B1", "2022-02", 2, reading_id="during")])
        try:
            (result,) = self.ingestion.RecordReadings(request, timeout=5).results
            self.assertFalse(result.HasField("position"))
            self.assertEqual([e.error_class for e in result.errors], [ingestion_pb.ERROR_CLASS_TRY_AGAIN])
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE, error.details())
            reason, _, retry = details_of(error)
            self.assertIn(reason, ("BROKER_UNAVAILABLE", "DEFINITIONS_NOT_CURRENT"))
            self.assertIsNotNone(retry)

        # What the view has, it goes on serving; and everything is alive, and says that it is not ready.
        rows = self.query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-01"), timeout=PATIENCE).rows
        self.assertEqual(rows[0].score.current.value.value, "1")
        services = {"ingestion": self.stack.ingestion, "scoring": self.stack.scoring, "query": self.stack.query}
        for name, service in services.items():
            wait_until(lambda service=service: service.get("/readyz")[0] == 503, f"{name} is not ready", 15)
            self.assertIn("the broker does not answer", service.get("/readyz")[1], name)
            self.assertEqual(service.get("/livez"), (200, "ok\n"))
            self.assertIn(f'kafka_broker_answers{{client="bellwether-{name}"}} 0\n', service.get("/metrics")[1])
            self.assertIn("bellwether_ready 0\n", service.get("/metrics")[1])
            self.assertIsNone(service.popen.poll())

        # The embedded broker comes back empty: another cluster. Everything begins again.
        self.stack.broker = self.stack.start("bellwether-standalone", ["--broker-only", "--port", str(port), "--admin", "127.0.0.1:0"], r":(?P<kafka>\d+)")
        def defined():
            try:
                self.define(indicator("B1"))
                return True
            except AssertionError:
                return False
        wait_until(defined, "ingestion works again")
        def recorded():
            results = self.record(request.readings[0])
            return results[0].position if results[0].HasField("position") else None
        position = wait_until(recorded, "the same reading, sent again, is recorded")
        def seen():
            try:
                return self.score("B1", "2022-02", [position]).current.value.value
            except grpc.RpcError as error:  # The view begins again, and says so.
                self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE, error.details())
                return None
        self.assertEqual(wait_until(seen, "the view has it"), "2")
        for name, service in services.items():
            service.await_ready()
            self.assertIn(f'kafka_broker_answers{{client="bellwether-{name}"}} 1\n', service.get("/metrics")[1])
            self.assertIsNone(service.popen.poll(), f"{name} was not restarted")

    def answers(self):
        return [service.get("/readyz")[0] for service in (self.stack.ingestion, self.stack.scoring, self.stack.query)]

    def test_a_broker_that_is_silent(self):
        """Its connections stand, and nothing comes: as when a network drops what is sent."""
        wait_until(lambda: self.answers() == [200] * 3, "everything is ready")
        self.stack.broker.popen.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        try:
            wait_until(lambda: self.answers() == [503] * 3, "nothing is ready", 15)
            print(f"not ready after {time.monotonic() - began:.1f} s", flush=True)
            for service in (self.stack.ingestion, self.stack.scoring, self.stack.query):
                self.assertEqual(service.get("/livez"), (200, "ok\n"))
        finally:
            self.stack.broker.popen.send_signal(signal.SIGCONT)
        began = time.monotonic()
        wait_until(lambda: self.answers() == [200] * 3, "everything is ready again")
        print(f"ready after {time.monotonic() - began:.1f} s", flush=True)

    def test_a_broker_that_is_away_for_a_moment_is_nothing(self):
        wait_until(lambda: self.answers() == [200] * 3, "everything is ready")
        self.stack.broker.popen.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        seen = []
        try:
            while time.monotonic() - began < 1.5:
                seen += self.answers()
        finally:
            self.stack.broker.popen.send_signal(signal.SIGCONT)
        self.assertEqual(set(seen), {200})


if __name__ == "__main__":
    unittest.main(verbosity=2)
