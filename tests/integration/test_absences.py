"""A report with nothing in it yet, a month in the middle of being collected, a quarter after year's end: each empty cell says
which absence it is. "Today" is the machine's own date, so the months are chosen around it."""

import datetime
import re
import csv
import io
import unittest

from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from stack import COUNCIL, PATIENCE, StackTest, indicator, reading


def month(offset):
    """A month before (-) or after today's."""
    today = datetime.date.today()
    index = today.year * 12 + today.month - 1 + offset
    return f"{index // 12}-{index % 12 + 1:02}"


class AbsenceTest(StackTest):
    def test_seven_absences_and_zero_are_eight_things(self):
        last = month(-1)
        self.define(
            indicator("A1"), indicator("A2"), indicator("A3", "days_until_due: 200"), indicator("A4"),
            indicator("A5", "targets: [{under_review: true}]", target=None), indicator("A6", target=None), indicator("A7"), indicator("A8"),
            "{ref: A9, description: share, unit: percent, polarity: higher, quarter_rule: ratio, year_to_date_rule: ratio, targets: [{value: 90}]}",
            "{ref: A10, description: profile, unit: count, polarity: higher, quarter_rule: cumulative, year_to_date_rule: cumulative, "
            "targets: [{profile: {points: [{month: 2020-01, value: 5}]}}]}",
        )
        not_applicable = reading("A7", last)
        not_applicable.measurement.not_available.reason = "the service does not exist"
        not_applicable.observation_status = "M"
        withdrawn = reading("A4", last, 5)
        results = self.record(reading("A1", last, 0), withdrawn, reading("A5", last, 5), reading("A6", last, 5), not_applicable,
                              reading("A9", last, numerator=0, denominator=0), reading("A10", last, 5))
        self.assertFalse([e for r in results for e in r.errors])
        def status(ref):
            return self.score(ref, last, [r.position for r in results]).current.status
        self.assertEqual(status("A4"), "red")
        self.stack.cli("readings", "withdraw", "A4", last)
        self.assertEqual({ref: status(ref) for ref in ("A1", "A2", "A3", "A5", "A6", "A7", "A9", "A10")},
                         {"A1": "red", "A2": "missing", "A3": "not-due", "A5": "under-review", "A6": "tracking", "A7": "not-applicable",
                          "A9": "not-computable", "A10": "not-rated"})
        row = next(r for r in self.stack.cli_csv("report", "--period", last) if r["ref"] == "A4")
        self.assertEqual((row["status"], row["current"]), ("withdrawn", ""))
        # People read the scheme's label, and the word of the absence where the label does not say it.
        table = self.stack.cli("report", "--period", last).stdout
        for ref, word in {"A2": "? Missing", "A3": "not due", "A4": "withdrawn", "A7": "not applicable", "A9": "not computable"}.items():
            self.assertRegex(table, rf"(?m)^{ref} .*{re.escape(word)}")

    def test_a_report_period_with_nothing_in_it_yet(self):
        self.define(indicator("N1"), indicator("N2", "days_until_due: 10"), council="E06000062")
        request = query_pb.GetReportRequest(council="E06000062", period=month(0))
        rows = self.query.GetReport(request, timeout=PATIENCE).rows
        self.assertEqual([r.score.current.status for r in rows], ["not-due", "not-due"])
        request.period = "2020-01"
        rows = self.query.GetReport(request, timeout=PATIENCE).rows
        self.assertEqual([r.score.current.status for r in rows], ["missing", "missing"])
        self.assertEqual(rows[0].score.year_to_date.status, "missing")

    def test_a_quarter_after_the_years_end(self):
        self.define(indicator("Q1"))
        results = self.record(*[reading("Q1", m, 10) for m in ("2021-01", "2021-02", "2021-03", "2021-04")])
        positions = [r.position for r in results]
        march = self.score("Q1", "2021-03", positions)
        self.assertEqual([c.period for c in march.quarters], ["2020-21-Q1", "2020-21-Q2", "2020-21-Q3", "2020-21-Q4"])
        self.assertEqual(march.quarters[3].value.value, "30")
        self.assertEqual([c.status for c in march.quarters[:3]], ["missing"] * 3)
        april = self.score("Q1", "2021-04", positions)
        self.assertEqual([c.period for c in april.quarters], ["2021-22-Q1", "2021-22-Q2", "2021-22-Q3", "2021-22-Q4"])
        self.assertEqual([c.status for c in april.quarters], ["", "", "", ""])
        self.assertEqual(april.year_to_date.value.value, "10")

    def test_due_list_and_template(self):
        self.define(indicator("D1"), indicator("D2"), council="E06000063")
        self.record(record_pb.Reading(council="E06000063", ref="D1", period="2022-01", reading_id="d",
                                      measurement=record_pb.Measurement(value={"value": "1"})))
        environment = {"BELLWETHER_COUNCIL": "E06000063"}
        due = self.stack.cli("readings", "due", "--period", "2022-02", "--format", "csv", environment=environment).stdout
        self.assertIn("D1,indicator D1,2022-02,2022-02-28,missing,", due)
        template = self.stack.cli("readings", "template", "--period", "2022-01", environment=environment).stdout
        rows = list(csv.DictReader(io.StringIO(template)))
        self.assertEqual([(r["ref"], r["period"], r["value"]) for r in rows], [("D2", "2022-01", "")], template)


if __name__ == "__main__":
    unittest.main(verbosity=2)
