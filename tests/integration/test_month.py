"""The month of a performance team: an indicator that begins in the middle of a year, figures that are suppressed, running figures over
the year's end, figures that cannot be right, and which report is meant. As the command line and the API tell them."""

import re
import tempfile
import unittest

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import types_pb2 as types_pb
from stack import COUNCIL, PATIENCE, StackTest, indicator, reading
from test_absences import month


def absent(ref, period, status, reason=""):
    r = reading(ref, period)
    r.measurement.not_available.reason = reason
    r.observation_status = status
    return r


class MonthTest(StackTest):
    def report(self, period):
        return {row.definition.ref: row.score for row in self.query.GetReport(
            query_pb.GetReportRequest(council=COUNCIL, period=period), timeout=PATIENCE).rows}

    def sent(self, *readings):
        results = self.record(*readings)
        self.assertFalse([e for r in results for e in r.errors])
        self.score(readings[-1].ref, readings[-1].period, [r.position for r in results])
        return results

    def test_an_indicator_begins(self):
        self.define("{ref: NEW1, description: from July, unit: '%', decimal_places: 1, polarity: higher, quarter_rule: ratio, "
                    "year_to_date_rule: ratio, active_from: 2022-07, targets: [{value: 100}]}",
                    "{ref: NEW2, description: from July, unit: count, polarity: higher, quarter_rule: sum, year_to_date_rule: sum, "
                    "active_from: 2022-07, targets: [{value: 100}, {value: 150, cells: [year-to-date]}]}", indicator("OLD1"))
        self.sent(reading("OLD1", "2022-06", 90), reading("NEW1", "2022-07", numerator=980, denominator=1000), reading("NEW2", "2022-07", 120),
                  reading("NEW2", "2022-08", 95))
        june = self.report("2022-06")
        self.assertIn("OLD1", june)
        self.assertFalse({"NEW1", "NEW2"} & set(june))
        due = {row["ref"] for row in self.stack.cli_csv("readings", "due", "--period", "2022-06")}
        self.assertFalse({"NEW1", "NEW2"} & due)
        august = self.report("2022-08")["NEW2"]
        self.assertEqual((august.year_to_date.value.value, august.year_to_date.status), ("215", "green"))
        self.assertEqual(august.quarters[0].state, types_pb.CELL_STATE_NOT_SHOWN)
        self.assertEqual(self.report("2022-07")["NEW1"].previous.state, types_pb.CELL_STATE_NOT_SHOWN)
        refused, = self.record(reading("NEW1", "2022-06", numerator=1, denominator=2))
        self.assertEqual(refused.errors[0].reason, "PERIOD_NOT_TAKEN")
        self.assertIn("active from 2022-07", refused.errors[0].message)

    def test_absences_are_told_apart(self):
        self.define(indicator("CP1"), indicator("CP2"), indicator("CP3"), indicator("CP4"), indicator("CP5"))
        provisional = reading("CP4", "2022-05", 95)
        provisional.observation_status = "P"
        self.sent(absent("CP1", "2022-05", "Q", "fewer than 5"), absent("CP2", "2022-05", "L"), absent("CP3", "2022-05", "M"), provisional)
        status = {ref: score.current.status for ref, score in self.report("2022-05").items()}
        self.assertEqual({ref: status[ref] for ref in ("CP1", "CP2", "CP3", "CP4", "CP5")},
                         {"CP1": "suppressed", "CP2": "not-collected", "CP3": "not-applicable", "CP4": "green", "CP5": "missing"})
        table = self.stack.cli("report", "--period", "2022-05").stdout
        for ref, words in (("CP1", "suppressed"), ("CP2", "not collected"), ("CP3", "not applicable"), ("CP4", r"Green \(provisional\)")):
            self.assertRegex(table, rf"(?m)^{ref} .*{words}")
        counts = re.search(r"Now: (.*?)\nYear", table, re.DOTALL)[1].replace("\n", " ")
        for words in ("1 suppressed", "1 not collected", "1 not applicable", "of them 1 provisional"):
            self.assertIn(words, counts)
        rows = {r["ref"]: r for r in self.stack.cli_csv("report", "--period", "2022-05")}
        self.assertEqual((rows["CP1"]["status"], rows["CP1"]["observation_status"], rows["CP4"]["observation_status"]), ("suppressed", "Q", "P"))
        self.assertIn("The source suppresses the figure of May 2022: fewer than 5.", self.stack.cli("explain", "CP1", "--period", "2022-05").stdout)

    def test_a_running_figure_begins_again(self):
        self.define("{ref: SK1, description: days lost, unit: days, decimal_places: 2, polarity: lower, quarter_rule: cumulative, "
                    "year_to_date_rule: cumulative, targets: [{profile: {points: [{month: 2022-03, value: 8}, {month: 2022-04, value: 0.67}]}}]}")
        self.sent(reading("SK1", "2022-03", "7.80"), reading("SK1", "2022-04", "0.90"))
        april = self.score("SK1", "2022-04")
        self.assertEqual((april.current.status, april.arrow, april.movement), ("red", "", types_pb.MOVEMENT_UNSPECIFIED))
        explained = self.stack.cli("explain", "SK1", "--period", "2022-04").stdout.replace("\n  ", " ")
        self.assertIn("a running figure begins again in April 2022, so March 2022 does not compare", explained)
        self.assertFalse(self.query.GetIndicator(query_pb.GetIndicatorRequest(council=COUNCIL, ref="SK1"), timeout=PATIENCE).HasField("trend"))

    def test_what_cannot_be_right_is_told_when_it_comes(self):
        self.define("{ref: W1, description: share, unit: percent, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, "
                    "targets: [{value: 90}]}", indicator("W2"))
        earlier = self.sent(reading("W1", "2022-01", 92), reading("W1", "2022-02", 100))
        self.assertFalse([w for r in earlier for w in r.warnings])
        above = reading("W1", "2022-04", numerator=96, denominator=88)
        checked = self.ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[above], validate_only=True), timeout=PATIENCE)
        kinds = [w.kind for w in checked.results[0].warnings]
        self.assertEqual(kinds, [types_pb.WARNING_KIND_NUMERATOR_ABOVE_DENOMINATOR])
        share = reading("W1", "2022-03", "0.93")
        checked = self.query.CheckReadings(query_pb.CheckReadingsRequest(readings=[share, reading("W3", "2022-03", 1)]), timeout=PATIENCE)
        self.assertEqual([[w.kind for w in r.warnings] for r in checked.results], [[types_pb.WARNING_KIND_SHARE_FOR_PERCENT], []])
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("ref,period,value\nW1,2022-03,0.93\n")
            file.flush()
            said = self.stack.cli("readings", "submit", "--check", file.name).stdout
            self.assertIn("warning: line 2 (W1 2022-03): 0.93% looks like a share of one", said)
        self.sent(share)
        told = self.occurrences(share)[-1]
        self.assertEqual([w.kind for w in told.warnings], [types_pb.WARNING_KIND_SHARE_FOR_PERCENT])
        findings = self.query.ListFindings(query_pb.ListFindingsRequest(council=COUNCIL, period="2022-03"), timeout=PATIENCE).findings
        found = [f for f in findings if f.ref == "W1"]
        self.assertEqual([f.warning for f in found], [types_pb.WARNING_KIND_SHARE_FOR_PERCENT])
        self.assertIn("looks like a share of one", found[0].explanation)

    def test_the_report_that_is_meant(self):
        council = "E06000062"
        self.define(indicator("R1"), indicator("R2"), indicator("R3"), council=council)
        last, now = month(-1), month(0)
        for period, refs in ((last, ("R1", "R2")), (now, ("R1", "R2", "R3"))):
            results = self.record(*[reading(ref, period, 95, council=council) for ref in refs])
        self.assertEqual(results[0].warnings[0].kind, types_pb.WARNING_KIND_PERIOD_NOT_OVER)
        request = query_pb.GetReportRequest(council=council, min_position=results[-1].position)
        report = self.query.GetReport(request, timeout=PATIENCE)
        self.assertEqual(report.period, last)
        self.assertRegex(report.period_note, "which is not over, has readings of 3 of its 3 indicators")
        request.period = now
        score = self.query.GetReport(request, timeout=PATIENCE).rows[0].score
        self.assertEqual((score.current.status, score.current.value.value, score.arrow), ("in-progress", "95", ""))


if __name__ == "__main__":
    unittest.main()
