"""The proof of the guarantee that needs no real broker: fresh services give the same bytes, and holes are noticed."""

import unittest

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from bellwether.v1 import score_pb2 as score_pb
from bellwether.v1 import types_pb2 as types
from kcat import consumed, produce
from stack import COUNCIL, EXAMPLE, FRESH_SCORES, PATIENCE, Stack, details_of, fails_with, reading, wait_until

INDICATORS = "bellwether.indicators.v1.e1"
SCORES = "bellwether.scores.v1.e1.r1"


class GuaranteeTest(unittest.TestCase):
    def stack(self, **arguments):
        return Stack.started(self.addCleanup, **arguments)

    def test_fresh_services_give_the_same_bytes(self):
        stack = self.stack()
        stack.load_example()
        # Something of every kind, so that more than first readings is compared.
        stack.cli("readings", "submit", str(EXAMPLE / "readings-2022-02.csv"))
        stack.cli("readings", "withdraw", "T22", "2022-01", "--reason", "counted twice")
        stack.cli("comment", "T22", "2022-02", "Counted again.")
        lived = stack.query.get("/view")[1]
        self.assertIn("T21a", lived)
        self.assertGreater(len(lived), 100_000)

        fresh = stack.start_service("query")
        fresh.await_ready()
        wait_until(lambda: fresh.get("/view")[1] == stack.query.get("/view")[1], "a fresh query dumps what the old one dumps")

        stack.start_service("scoring", "--scores-topic", FRESH_SCORES, "--group", "bellwether.scoring.e1.fresh").await_ready()
        first = consumed(stack.kafka, SCORES)
        wait_until(lambda: len(consumed(stack.kafka, FRESH_SCORES)) >= len(first), "the fresh group has folded the log")
        self.assertEqual(consumed(stack.kafka, FRESH_SCORES), first)
        self.assertEqual(len(consumed(stack.kafka, INDICATORS)), len(first), "one record in, one update out")

    def test_a_hole_in_the_scores_topic_raises_the_alarm_and_heals(self):
        stack = self.stack(scoring=False, query=False)
        query = stack.start_service("query", "--hole-timeout", "1")
        query.await_ready()
        def update(offset):
            u = score_pb.Update(detail="unreadable", original_key=b"x", outcome=11)
            u.position.epoch, u.position.partition, u.position.offset = 1, 3, offset
            return u.SerializeToString(deterministic=True)
        produce(stack.kafka, SCORES, 3, "x", update(0))
        produce(stack.kafka, SCORES, 3, "x", update(2))
        wait_until(lambda: query.get("/readyz")[0] == 503, "the hole is noticed")
        self.assertIn("offset 1", query.get("/readyz")[1])
        produce(stack.kafka, SCORES, 3, "x", update(1))
        wait_until(lambda: query.get("/readyz")[0] == 200, "replay fills the hole")

    def test_a_log_that_lost_its_beginning_stops_scoring(self):
        stack = self.stack(scoring=False, query=False)
        # The embedded broker keeps 5 MiB a partition: seven records of 0.9 MB push the first ones out.
        for _ in range(7):
            produce(stack.kafka, INDICATORS, 0, f"{COUNCIL}/X", b"\xff" * 900_000)
        scoring = stack.start_service("scoring")
        self.assertNotEqual(scoring.popen.wait(PATIENCE), 0)
        self.assertIn(INDICATORS, scoring.text())
        self.assertRegex(scoring.text(), "no longer hold|does not hold|hole")

    def test_what_cannot_be_read_is_a_dead_letter_and_the_partition_moves_on(self):
        stack = self.stack()
        stack.load_example()
        partition = next(p for (p, _), (key, _) in consumed(stack.kafka, INDICATORS).items() if key == f"{COUNCIL}/T22".encode())
        produce(stack.kafka, INDICATORS, partition, f"{COUNCIL}/T22", b"\xff\xfe garbage")
        foreign = record_pb.IndicatorRecord(reading=reading("T23", "2022-02", 1, reading_id="foreign"))
        produce(stack.kafka, INDICATORS, partition, f"{COUNCIL}/T22", foreign.SerializeToString())
        (result,) = stack.ingestion_stub().RecordReadings(
            ingestion_pb.RecordReadingsRequest(readings=[reading("T22", "2022-02", 130, reading_id="after")]), timeout=PATIENCE).results
        rows = stack.query_stub().GetReport(
            query_pb.GetReportRequest(council=COUNCIL, period="2022-02", min_position=result.position), timeout=PATIENCE).rows
        self.assertEqual([r.score.current.value.value for r in rows if r.definition.ref == "T22"], ["130"])
        def letters():
            return [value for _, value in consumed(stack.kafka, "bellwether.indicators.v1.e1.dlt").values()]
        wait_until(lambda: letters() == [b"\xff\xfe garbage", foreign.SerializeToString()], "both are dead letters, byte for byte")

    def test_a_position_of_another_epoch_is_told_so(self):
        stack = self.stack()
        stack.load_example()
        request = query_pb.GetReportRequest(council=COUNCIL, min_position=types.Position(epoch=7, partition=0, offset=0))
        with fails_with(self, grpc.StatusCode.FAILED_PRECONDITION) as caught:
            stack.query_stub().GetReport(request, timeout=PATIENCE)
        self.assertEqual(details_of(caught[0])[0], "LOG_REBUILT")


if __name__ == "__main__":
    unittest.main(verbosity=2)
