"""The checker sees what it is there to see: each fault put into a sound log on purpose is told."""

import types as python_types
import unittest

import checker
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from bellwether.v1 import score_pb2 as score_pb
from bellwether.v1 import types_pb2 as types
from feeds import OperationLog
from stack import COUNCIL

KEY = f"{COUNCIL}/F1"


def record(identifier, value, period="2022-02"):
    r = record_pb.IndicatorRecord()
    r.reading.council, r.reading.ref, r.reading.period, r.reading.reading_id = COUNCIL, "F1", period, identifier
    r.reading.measurement.value.value = str(value)
    return r


def definition(apply_id, words):
    r = record_pb.IndicatorRecord()
    r.definition.apply_id = apply_id
    r.definition.definition.council, r.definition.definition.ref, r.definition.definition.description = COUNCIL, "F1", words
    return r


class CheckerTest(unittest.TestCase):
    def setUp(self):
        self.operations = OperationLog()
        self.log = {}
        # A figure, its retry, a revision; a definition, its retry, the same under another id.
        records = [record("a", 1), record("a", 1), record("b", 2), definition("d", "words"), definition("d", "words"), definition("e", "words")]
        for offset, r in enumerate(records):
            self.log[0, offset] = (KEY, r)
            self.operations.send(r)
            self.operations.acknowledge(r, types.Position(partition=0, offset=offset))
        self.indicators, self.outcomes = checker.fold(self.log)
        self.topic = {(0, offset): (b"", self.update(offset)) for _, offset in self.log}
        self.shown = [query_pb.ReadingInForce(reading=record("b", 2).reading)]

    def update(self, offset, outcome=None):
        outcome = self.outcomes[0, offset] if outcome is None else outcome
        return score_pb.Update(position=types.Position(epoch=1, partition=0, offset=offset), outcome=outcome).SerializeToString()

    def check(self):
        checker.check_log(self.log, self.operations)
        checker.check_scores(self.topic, self.log, self.outcomes)
        query = python_types.SimpleNamespace(
            ListReadings=lambda request, timeout: query_pb.ListReadingsResponse(readings=self.shown),
            GetReport=lambda request, timeout: query_pb.GetReportResponse(rows=self.rows()))
        checker.check_view(query, self.log, self.indicators)

    def rows(self):
        row = query_pb.ReportRow()
        row.definition.ref, row.definition.description = "F1", "words"
        return [row]

    def told(self, words):
        return self.assertRaisesRegex(checker.Fault, words)

    def test_a_sound_log_passes(self):
        self.assertEqual([types.Outcome.Name(o)[8:] for o in self.outcomes.values()],
                         ["FIRST", "REPEAT", "REVISION", "DEFINED", "REPEAT", "CONFIRMATION"])
        self.check()

    def test_a_definition_that_nobody_applied(self):
        self.log[0, 6] = (KEY, definition("d", "other words"))
        with self.told("no feed sent"):
            self.check()

    def test_a_definition_that_is_lost(self):
        del self.log[0, 5]
        with self.told("not in the log"):
            self.check()

    def test_a_definition_that_queries_do_not_show(self):
        row = self.rows()[0]
        row.definition.description = "older words"
        self.rows = lambda: [row]
        with self.told('shown as "older words", defined as "words"'):
            self.check()

    def test_an_indicator_that_queries_do_not_show(self):
        self.rows = lambda: []
        with self.told("the report has 0 rows, 1 indicators are defined"):
            self.check()

    def test_an_alarm_that_did_not_heal(self):
        healed = f"[error] {checker.ALARM} a hole\n[info] {checker.HEALED}\n"
        self.assertEqual(checker.check_alarms("query", healed), 1)
        with self.told("did not heal"):
            checker.check_alarms("query", healed + f"[error] {checker.ALARM} another\n")

    def test_a_late_write_is_told_from_a_new_beginning(self):
        offsets = [0, 1, 2, 1, 2, 3]
        self.assertEqual(checker.late_writes(self.written(offsets)), 0)
        self.assertEqual(checker.late_writes(self.written(offsets + [2, 4])), 1)

    def written(self, offsets):
        return {(0, at): (b"", self.update(offset)) for at, offset in enumerate(offsets)}

    def test_a_loss(self):
        del self.log[0, 2]
        with self.told("not in the log"):
            self.check()

    def test_a_record_under_another_key(self):
        self.log[0, 5] = (f"{COUNCIL}/F2", self.log[0, 5][1])
        with self.told("has the key E06000061/F2"):
            self.check()

    def test_a_hole_in_the_log(self):
        self.log[0, 7] = self.log[0, 0]
        with self.told("has a hole"):
            self.check()

    def test_a_record_that_nobody_sent(self):
        self.log[0, 6] = (KEY, record("ghost", 3))
        with self.told("no feed sent"):
            self.check()

    def test_a_double_count(self):
        self.topic[0, 1] = (b"", self.update(1, types.OUTCOME_REVISION))
        with self.told("by the rules OUTCOME_REPEAT"):
            self.check()

    def test_a_skipped_offset(self):
        del self.topic[0, 1]
        with self.told("no update for"):
            self.check()

    def test_duplicates_that_differ(self):
        self.topic[0, 6] = (b"", self.update(1, types.OUTCOME_CONFLICT))
        with self.told("differ"):
            self.check()

    def test_a_stale_overwrite(self):
        self.shown = [query_pb.ReadingInForce(reading=record("a", 1).reading)]
        with self.told("by the rules"):
            self.check()

    def test_a_wrong_sum(self):
        row = self.rows()[0]
        row.score.year_to_date.value.value = "3"
        self.rows = lambda: [row]
        with self.told("year to date 3, its months give none"):
            self.check()


if __name__ == "__main__":
    unittest.main()
