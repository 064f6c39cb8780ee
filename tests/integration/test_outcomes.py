"""Every outcome of the guarantee, seen through the services; and that a change re-rates what depends on it and no more."""

import unittest

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from bellwether.v1 import types_pb2 as types
from stack import COUNCIL, PATIENCE, StackTest, indicator, reading


class OutcomeTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.refs = (f"O{n}" for n in range(1, 1000))

    def new_indicator(self, **arguments):
        ref = next(self.refs)
        self.define(indicator(ref, **arguments))
        return ref

    def sent(self, r):
        """Records one reading; its position and its outcome."""
        (result,) = self.record(r)
        self.assertFalse(result.errors, result.errors)
        occurrence = [o for o in self.occurrences(r, [result.position]) if o.position == result.position]
        self.assertEqual(len(occurrence), 1)
        return result.position, occurrence[0]

    def withdraw(self, r, withdrawal_id):
        w = record_pb.Withdrawal(council=r.council, ref=r.ref, period=r.period, reading_id=r.reading_id, withdrawal_id=withdrawal_id, reason="wrong")
        return self.ingestion.WithdrawReading(ingestion_pb.WithdrawReadingRequest(withdrawal=w), timeout=PATIENCE).position

    def test_first_and_repeat_and_conflict(self):
        ref = self.new_indicator()
        first = reading(ref, "2022-01", 90, reading_id="a")
        self.assertEqual(self.sent(first)[1].outcome, types.OUTCOME_FIRST)
        self.assertEqual(self.sent(first)[1].outcome, types.OUTCOME_REPEAT)
        position, conflict = self.sent(reading(ref, "2022-01", 10, reading_id="a"))
        self.assertEqual(conflict.outcome, types.OUTCOME_CONFLICT)
        self.assertIn("other content", conflict.detail)
        self.assertFalse(conflict.in_force)
        self.assertEqual(self.score(ref, "2022-01", [position]).current.value.value, "90")

    def test_a_retry_after_the_correction_changes_nothing(self):
        ref = self.new_indicator()
        wrong, right = reading(ref, "2022-01", 10, reading_id="a"), reading(ref, "2022-01", 95, reading_id="b", corrects="a")
        self.sent(wrong)
        self.assertEqual(self.sent(right)[1].outcome, types.OUTCOME_REVISION)
        position, retry = self.sent(wrong)
        self.assertEqual(retry.outcome, types.OUTCOME_REPEAT)
        self.assertEqual(self.score(ref, "2022-01", [position]).current.value.value, "95")

    def test_a_correction_that_overtakes_its_original(self):
        ref = self.new_indicator()
        self.sent(reading(ref, "2022-01", 95, reading_id="b", corrects="a"))
        position, late = self.sent(reading(ref, "2022-01", 10, reading_id="a"))
        self.assertEqual(late.outcome, types.OUTCOME_SUPERSEDED)
        self.assertEqual(self.score(ref, "2022-01", [position]).current.value.value, "95")

    def test_confirmation(self):
        ref = self.new_indicator()
        self.sent(reading(ref, "2022-01", 90, reading_id="a"))
        position, confirmation = self.sent(reading(ref, "2022-01", 90, reading_id="b"))
        self.assertEqual(confirmation.outcome, types.OUTCOME_CONFIRMATION)
        self.assertEqual(self.score(ref, "2022-01", [position]).reading_id, "a")

    def test_withdrawal_brings_withdrawn_not_missing(self):
        ref = self.new_indicator()
        r = reading(ref, "2022-01", 90, reading_id="a")
        self.sent(r)
        position = self.withdraw(r, "w")
        score = self.score(ref, "2022-01", [position])
        self.assertEqual(score.current.state, types.CELL_STATE_WITHDRAWN)
        self.assertEqual(score.current.status, "withdrawn")
        self.assertFalse(score.current.HasField("value"))
        position, retry = self.sent(r)
        self.assertEqual(retry.outcome, types.OUTCOME_REPEAT)
        self.assertEqual(self.score(ref, "2022-01", [position]).current.state, types.CELL_STATE_WITHDRAWN)

    def test_a_correction_to_another_period_leaves_the_first_withdrawn(self):
        ref = self.new_indicator()
        self.sent(reading(ref, "2022-01", 90, reading_id="a"))
        position, moved = self.sent(reading(ref, "2022-02", 90, reading_id="b", corrects="a"))
        self.assertTrue(moved.in_force)
        self.assertEqual(self.score(ref, "2022-01", [position]).current.state, types.CELL_STATE_WITHDRAWN)
        self.assertEqual(self.score(ref, "2022-02", [position]).current.value.value, "90")

    def test_comments(self):
        ref = self.new_indicator()
        def comment(text, comment_id):
            c = record_pb.Comment(council=COUNCIL, ref=ref, period="2022-01", comment_id=comment_id, text=text)
            return self.ingestion.RecordComment(ingestion_pb.RecordCommentRequest(comment=c), timeout=PATIENCE).position
        def shown(position):
            request = query_pb.GetReportRequest(council=COUNCIL, period="2022-01", min_position=position)
            request.filter.refs.append(ref)
            return self.query.GetReport(request, timeout=PATIENCE).rows[0].comment.text
        self.assertEqual(shown(comment("good", "a")), "good")
        self.assertEqual(shown(comment("better", "b")), "better")
        self.assertEqual(shown(comment("good", "a")), "better", "a late retry changes nothing")
        self.assertEqual(shown(comment("", "c")), "")

    def test_what_depends_on_a_month_is_rated_again_and_nothing_else(self):
        ref = self.new_indicator()
        months = ["2021-04", "2021-05", "2021-06", "2021-07", "2021-08", "2022-04"]
        position = None
        for month in months:
            position, _ = self.sent(reading(ref, month, 100, reading_id=f"{month}-a"))
        before = {month: self.score(ref, month, [position]) for month in months}
        self.assertEqual(before["2021-06"].quarters[0].value.value, "300")
        self.assertEqual(before["2021-08"].year_to_date.value.value, "500")
        position, _ = self.sent(reading(ref, "2021-05", 40, reading_id="correction", corrects="2021-05-a"))
        after = {month: self.score(ref, month, [position]) for month in months}
        self.assertEqual(after["2021-04"], before["2021-04"], "an earlier month does not change")
        self.assertEqual(after["2022-04"], before["2022-04"], "nor does another year")
        self.assertEqual(after["2021-05"].current.value.value, "40")
        self.assertEqual(after["2021-05"].current.status, "red")
        self.assertEqual(after["2021-06"].previous.value.value, "40")
        self.assertEqual(after["2021-06"].judgement, types.JUDGEMENT_IMPROVED)
        self.assertEqual(after["2021-06"].quarters[0].value.value, "240")
        self.assertEqual(after["2021-08"].year_to_date.value.value, "440")
        self.assertEqual(after["2021-08"].current, before["2021-08"].current)

    def test_a_late_reading_for_an_old_month(self):
        ref = self.new_indicator()
        position = None
        for month in ("2021-04", "2021-06"):
            position, _ = self.sent(reading(ref, month, 100))
        before = self.score(ref, "2021-06", [position])
        self.assertEqual(before.year_to_date.state, types.CELL_STATE_NOT_COMPUTABLE)
        self.assertIn("May 2021", before.year_to_date.reason)
        position, _ = self.sent(reading(ref, "2021-05", 100))
        after = self.score(ref, "2021-06", [position])
        self.assertEqual(after.year_to_date.value.value, "300")
        self.assertEqual(after.quarters[0].value.value, "300")
        self.assertEqual(after.judgement, types.JUDGEMENT_SAME)

    def test_a_definition_change_rates_again(self):
        ref = self.new_indicator(target=90)
        position, _ = self.sent(reading(ref, "2022-01", 88))
        self.assertEqual(self.score(ref, "2022-01", [position]).current.status, "amber")
        self.define(indicator(ref, target=80), restate=True)
        position, _ = self.sent(reading(ref, "2022-02", 88))
        self.assertEqual(self.score(ref, "2022-01", [position]).current.status, "green")


if __name__ == "__main__":
    unittest.main(verbosity=2)
