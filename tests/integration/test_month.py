"""The month of a performance team: an indicator that begins in the middle of a year, figures that are suppressed, running figures over
the year's end, figures that cannot be right, and which report is meant. As the command line and the API tell them."""

import csv
import io
import re
import tempfile
import unittest

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import types_pb2 as types_pb
from stack import COUNCIL, PATIENCE, SCHEMES, StackTest, indicator, reading
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

    def test_words_that_no_report_would_show(self):
        self.define("{ref: WO1, description: until May, unit: '%', polarity: higher, quarter_rule: mean, year_to_date_rule: mean, retired_from: 2022-06, targets: [{value: 90}]}",
                    "{ref: WN1, description: from June, unit: '%', polarity: higher, quarter_rule: mean, year_to_date_rule: mean, active_from: 2022-06, predecessor: WO1, targets: [{value: 90}]}")
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("ref,period,value,comment\nWO1,2022-06,,one\nWN1,2022-05,,two\nWN1,2022-23-Q1,,three\nWO1,2022-23-Q1,30,\nWO1,2022-05,91,four\n")
            file.flush()
            for arguments in (("--check",), ()):
                done = self.stack.cli("readings", "submit", *arguments, file.name, check=False)
                said = done.stdout + done.stderr
                self.assertEqual(done.returncode, 1, said)
                for words in ("line 2 (WO1 2022-06): comment.period: 2022-06 is after the end of WO1", "line 3 (WN1 2022-05): comment.period: 2022-05 is before the beginning of WN1",
                              "warning: line 4 (WN1 2022-23-Q1): comment: no report shows words about 2022-23-Q1 of WN1: they are kept with its history; write them for 2022-06",
                              "warning: line 5 (WO1 2022-23-Q1): no report has a cell for 2022-23-Q1 of WO1: it is kept and never shown, since WO1 is retired from 2022-06"):
                    self.assertIn(words, said)
                self.assertNotIn("line 6", said)
        self.assertIn("warning: no report shows words about 2022-06-YTD of WN1", self.stack.cli("comment", "WN1", "2022-06-YTD", "words").stdout)
        refused = self.stack.cli("comment", "WO1", "2022-09", "words", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("retired from 2022-06", refused.stderr)
        self.stack.cli("comment", "WO1", "2022-09", "")  # What stands there from before can be taken back.

    def test_figures_that_may_still_change(self):
        self.define("{ref: MC1, description: share, unit: percent, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, targets: [{value: 90}]}")
        early = reading("MC1", "2022-04", 95)
        early.as_at = "2022-04-12"
        future = reading("MC1", "2022-05", 96)
        future.as_at = f"{month(20)}-12"
        provisional = reading("MC1", "2022-06", 97)
        provisional.observation_status, provisional.as_at = "P", "2022-06-12"
        results = self.record(early, future, reading("MC1", "2022-05", 96), provisional)
        self.assertIn("its source was read on 2022-04-12", results[0].warnings[0].message)
        self.assertEqual([(e.field, e.reason) for e in results[1].errors], [("as_at", "OUT_OF_RANGE")])
        self.assertFalse(results[3].warnings)
        self.score("MC1", "2022-06", [results[3].position])
        brief = self.stack.cli("explain", "MC1", "--period", "2022-06", "--brief").stdout
        self.assertIn("so the status is Green; its source calls it provisional.", brief.replace("\n", " "))
        explained = self.stack.cli("explain", "MC1", "--period", "2022-06").stdout.replace("\n  ", " ")
        self.assertIn("its source is not sure of June 2022 (provisional).", explained)
        self.assertEqual(self.score("MC1", "2022-06").year_to_date.observation_status, "P", "and so in every table")
        table = self.stack.cli("report", "--period", "2022-06").stdout
        self.assertRegex(table, r"(?m)^MC1 .* \[p\] ")
        self.assertIn("\n[p] provisional\n", table)

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
        self.define(indicator("R4", f"active_from: {now}"), council=council)  # Its year to date is this month.
        result, = self.record(reading("R4", now, 95, council=council))
        request.min_position.CopyFrom(result.position)
        self.query.GetReport(request, timeout=PATIENCE)
        self.assertIn("95 so far", self.stack.cli("--council", council, "report", "--period", now).stdout)


class RulesInTimeTest(StackTest):
    """A catalogue that changes, as `bellwether` and as reports tell it."""

    def apply(self, *arguments, expect=0, **changes):
        text = self.text
        for old, new in changes.items():
            text = text.replace(old, new)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            done = self.stack.cli("catalogue", *arguments, file.name, check=False)
            self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
            return done.stdout + done.stderr

    def status(self, period):
        return self.score("RT1", period).current.status

    def test_rules_hold_from_a_month_on(self):
        self.text = (f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
                     "- {ref: RT1, description: WORDING, directorate: PLACE, unit: percent, polarity: higher, quarter_rule: mean, "
                     "year_to_date_rule: mean, targets: [{value: TARGET}]}\n")
        first = {"WORDING": "calls answered", "PLACE": "Resources", "TARGET": "80"}
        self.apply("apply", **first)
        results = self.record(*[reading("RT1", month, 85) for month in ("2022-02", "2022-03", "2022-04", "2022-05")])
        self.score("RT1", "2022-05", [r.position for r in results])
        second = {"WORDING": "calls answered in time", "PLACE": "Transformation", "TARGET": "90"}
        said = self.apply("apply", **second, expect=1)
        for words in ("RT1 2022-03: Green -> Red", "no month declares it", "nothing is applied", "--from", "--restate"):
            self.assertIn(words, said)
        self.assertEqual(self.status("2022-03"), "green")
        said = self.apply("check", "--from", "2022-04", **second)
        self.assertIn("RT1 2022-04: Green -> Red", said)
        self.assertNotIn("RT1 2022-03", said)
        self.assertIn("would change: ", said)
        self.assertEqual(self.status("2022-04"), "green")
        self.apply("apply", "--from", "2022-04", **second)
        self.assertEqual([self.status(month) for month in ("2022-03", "2022-04")], ["green", "red"])
        self.assertEqual(self.score("RT1", "2022-04").previous.status, "green", "as March's report has it")
        march, april = (self.query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period=month), timeout=PATIENCE).rows
                        for month in ("2022-03", "2022-04"))
        places = [[r.definition.directorate + ": " + r.definition.description for r in rows if r.definition.ref == "RT1"] for rows in (march, april)]
        self.assertEqual(places, [["Resources: calls answered"], ["Transformation: calls answered in time"]])
        of_place = query_pb.ReportFilter(directorate="Resources")
        for month, count in (("2022-03", 1), ("2022-04", 0)):
            request = query_pb.GetReportRequest(council=COUNCIL, period=month, filter=of_place)
            self.assertEqual(len(self.query.GetReport(request, timeout=PATIENCE).rows), count, month)
        self.assertIn("of 80%", self.stack.cli("explain", "RT1", "--period", "2022-03").stdout.replace("\n", " "))
        self.assertIn("1 unchanged", self.apply("apply", **second), "and again without the month")
        # What was wrong is set right, from its month on as well.
        third = dict(second, TARGET="84")
        self.assertIn("nothing is applied", self.apply("apply", **third, expect=1))
        self.apply("apply", "--restate", **third)
        self.assertEqual([self.status(month) for month in ("2022-03", "2022-04")], ["green", "green"])
        self.assertEqual(self.score("RT1", "2022-03").target.value, "80")

    def test_a_report_keeps_its_order_and_its_limits(self):
        rest = "unit: percent, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, targets: [{value: 80}]"
        council = "E06000065"
        head = f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
        rows = [f"- {{ref: {ref}, description: {ref}, directorate: {place}, {rest}MORE}}\n" for ref, place in (("PA", "X"), ("PB", "X"), ("PC", "Y"), ("PD", "Y"))]
        self.text = head + "".join(rows)
        self.apply("apply", MORE=", allowed_values: {low: 0, high: 150}")
        sent = self.record(*[reading(ref, month, 120 if (ref, month) == ("PA", "2022-03") else 85, council=council)
                             for ref in ("PA", "PB", "PC", "PD") for month in ("2022-02", "2022-03", "2022-04")])

        def report(month):
            rows = self.query.GetReport(query_pb.GetReportRequest(council=council, period=month, page_size=2, min_position=sent[-1].position), timeout=PATIENCE)
            rest = self.query.GetReport(query_pb.GetReportRequest(council=council, period=month, page_size=2, page_token=rows.next_page_token), timeout=PATIENCE)
            return [(r.definition.ref, r.definition.directorate, r.score.current.status) for r in [*rows.rows, *rest.rows]]

        march = [("PA", "X", "green"), ("PB", "X", "green"), ("PC", "Y", "green"), ("PD", "Y", "green")]
        self.assertEqual(report("2022-03"), march)
        # From April on PA stands with the others of Y, at the end, and 120% can no longer be.
        self.text = head + "".join([*rows[1:], rows[0].replace("directorate: X", "directorate: Y")])
        april = {"MORE": ", allowed_values: {low: 0, high: 100}"}
        self.assertNotIn("no month declares it", self.apply("check", "--from", "2022-04", **april))
        self.apply("apply", "--from", "2022-04", **april)
        self.assertEqual(report("2022-03"), march)
        self.assertEqual([row[:2] for row in report("2022-04")], [("PB", "X"), ("PC", "Y"), ("PD", "Y"), ("PA", "Y")])
        # Without a month a new one moves the places behind it, in March too.
        self.text = head + rows[2].replace("PC", "PN") + "".join([*rows[1:], rows[0].replace("directorate: X", "directorate: Y")])
        self.apply("apply", **april)
        self.assertEqual([row[0] for row in report("2022-03") if row[0] != "PN"], ["PA", "PB", "PC"])
        refused, taken = self.record(reading("PA", "2022-04", 120, council=council), reading("PA", "2022-02", 121, council=council))
        self.assertEqual((refused.errors[0].reason, list(taken.errors)), ("VALUE_NOT_ALLOWED", []))

    def test_what_is_prepared_for_later_is_not_lost_by_accident(self):
        council = "E06000066"
        self.text = (f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
                     "- {ref: LP1, description: WORDING, unit: percent, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, "
                     "targets: [{value: TARGET}]}\n")
        today = {"WORDING": "Calls", "TARGET": "90"}
        self.apply("apply", **today)
        self.apply("apply", "--from", "2099-04", WORDING="Calls", TARGET="95")
        mended = {"WORDING": "Calls answered", "TARGET": "90"}
        # Neither a file without a month, nor one of a month before.
        for arguments in ((), ("--from", "2022-10")):
            for verb, words in (("check", "an apply would be refused"), ("apply", "nothing is applied")):
                said = self.apply(verb, *arguments, expect=1, **mended)
                self.assertIn("what was said from 2099-04 on would be lost (description, targets): LP1", said)
                self.assertIn(words, said)
                self.assertIn("--drop-later", said)
        shown = self.stack.cli("--council", council, "catalogue", "show", "LP1").stdout
        self.assertRegex(shown, r"(?s)value: 95.*effective_from: 2099-04.*earlier:.*value: 90")
        # With its month it stays, and with consent it goes, and says so.
        said = self.apply("apply", "--from", "2099-04", WORDING="Calls answered", TARGET="95")
        self.assertIn("LP1: changed: description, from 2099-04 on\n", said)
        said = self.apply("apply", "--from", "2022-10", "--drop-later", **mended)
        self.assertIn("what was said from 2099-04 on would be lost (targets): LP1", said)
        self.assertRegex(said, r"LP1: changed: .*, from 2022-10 on\n")
        # What holds already may be put right without a month, and it is said from when.
        said = self.apply("apply", WORDING="Calls answered in time", TARGET="90")
        self.assertIn("what was said from 2022-10 on would be replaced (description): LP1", said)
        self.assertIn("LP1: changed: description, from 2022-10 on\n", said)

    def test_months_that_are_laid_over_figures_change_the_past(self):
        council = "E06000067"
        self.text = (f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
                     "- {ref: MO1, description: begins, unit: count, polarity: higher, quarter_rule: sum, year_to_date_rule: sum, "
                     "targets: [{value: 10}], BEGINS}\n"
                     "- {ref: MO2, description: ends, unit: count, polarity: higher, quarter_rule: sum, year_to_date_rule: sum, "
                     "targets: [{value: 10}], ENDS}\n")
        nothing = {", BEGINS": "", ", ENDS": ""}
        self.apply("apply", **nothing)
        sent = self.record(*[reading(ref, f"2022-0{m}", 6 + m, council=council) for ref in ("MO1", "MO2") for m in (4, 5, 6, 7)])
        self.query.GetReport(query_pb.GetReportRequest(council=council, period="2022-07", min_position=sent[-1].position), timeout=PATIENCE)
        over = {"BEGINS": "active_from: 2022-06", "ENDS": "retired_from: 2022-07"}
        said = self.apply("apply", expect=1, **over)
        for words in ("MO1 2022-04: no longer shown: 10 Green (no month declares it)", "MO1 2022-06: arrow + -> none",
                      "MO1 2022-23-Q1: 33 -> 12", "MO1 2022-07-YTD: 46 -> 25", "MO2 2022-07: no longer shown: 13 Green",
                      "MO2 2022-07-YTD: no longer shown", "nothing is applied", "--restate"):
            self.assertIn(words, said)
        lag = {", BEGINS": "", "ENDS": "reporting_lag_periods: 1"}
        self.assertIn("MO2 in the report of 2022-07: the figures of 2022-07 -> 2022-06 (no month declares it)", self.apply("check", expect=1, **lag))
        self.apply("apply", "--restate", **over)
        history = self.stack.cli("--council", council, "indicator", "MO1").stdout
        self.assertNotRegex(history.split("as recorded")[0], "(?m)^2022-0[45] ")
        self.assertIn("MO1 begins in June 2022, so no report shows it for May 2022.",
                      self.stack.cli("--council", council, "explain", "MO1", "--period", "2022-05", "--brief").stdout)

    def test_a_key_of_other_rules_has_an_id_of_its_own(self):
        council = "E06000068"
        rest = "unit: percent, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, targets: [{value: 90}]}\n"
        self.text = (f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
                     f"- {{ref: KE1, description: words, directorate: PLACE, {rest}")
        first = {"words": "old words", "PLACE": "Resources"}
        self.apply("apply", **first)
        sent = self.record(*[reading("KE1", month, 86, council=council) for month in ("2022-04", "2022-05", "2022-06", "2022-07")])
        stricter = {"relative_percent: 5}": "relative_percent: 2}"}
        said = self.apply("check", expect=1, **{"ref: KE1": "ref: KE2"}, **stricter)
        self.assertIn('"test" has other rules for KE1', said)
        second = {**stricter, "id: test,": "id: strict,", "scheme_id: test": "scheme_id: strict", "words": "new words", "PLACE": "Place"}
        self.apply("apply", "--from", "2022-07", **second)
        july = query_pb.GetReportRequest(council=council, period="2022-07", min_position=sent[-1].position)
        self.query.GetReport(july, timeout=PATIENCE)
        report = self.stack.cli("--council", council, "report", "--period", "2022-07").stdout
        self.assertIn("Test key (strict):", report)
        self.assertIn("Test key (test):", report)
        explained = self.stack.cli("--council", council, "explain", "KE1", "--period", "2022-07").stdout.replace("\n  ", " ")
        self.assertIn("so the status is Amber by the key that held then, Test key (test).", explained)
        two = self.stack.cli("--council", council, "changes", "--from", "2022-06", "--to", "2022-07").stdout.replace("\n  ", " ")
        for words in ("KE1: other rules or words, from 2022-07 on ", "description: old words -> new words", "directorate: Resources -> Place",
                      "the key's default_tolerance: {shortfall: {relative_percent: 5}} -> {shortfall: {relative_percent: 2}}"):
            self.assertIn(words, two)

    def test_an_indicator_continues_another_under_a_new_ref(self):
        rest = ("unit: percent, decimal_places: 1, polarity: higher, quarter_rule: ratio, year_to_date_rule: ratio, "
                "targets: [{value: 90}]")
        self.text = (f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
                     f"- {{ref: RN1, description: calls answered, {rest}, RETIRED}}\n"
                     f"- {{ref: RN2, description: calls answered, {rest}, active_from: 2022-07, CONTINUES}}\n")
        first = self.text.split("- {ref: RN2")[0]
        self.text, both = first, self.text
        self.apply("apply", **{", RETIRED": ""})
        self.record(*[reading("RN1", month, numerator=n, denominator=100, reading_id=f"rn1-{month}")
                                for month, n in (("2022-04", 80), ("2022-05", 85), ("2022-06", 95))])
        # What does not fit is told before anything is applied.
        self.text = both
        wrong = {"RETIRED": "alternate_refs: [RN one]", "CONTINUES": "predecessor: RN1"}
        said = self.apply("check", expect=1, **wrong)
        self.assertIn('RN2: predecessor: "RN1" is not retired, and this begins in 2022-07: months would have both; say '
                      "`retired_from: 2022-07` of it", said)
        for continues, retired, words in (
                ("predecessor: RN9", "2022-07", '"RN9" is neither in this catalogue nor defined already'),
                ("predecessor: RN1", "2022-08", '"RN1" is retired only from 2022-08 on'),
                ("predecessor: RN1", "2022-06", "let one begin where the other ends"),
                ("predecessor: RN1, notes: [x]", "2022-07, predecessor: RN2", "RN1: active_from: "),
        ):
            with self.subTest(continues, retired=retired):
                self.assertIn(words, self.apply("check", expect=1, RETIRED=f"retired_from: {retired}", CONTINUES=continues))
        good = {"RETIRED": "retired_from: 2022-07", "CONTINUES": "predecessor: RN1"}
        self.apply("check", **good)
        self.apply("apply", **good)
        results = self.record(reading("RN2", "2022-07", numerator=93, denominator=100), reading("RN2", "2022-08", numerator=94, denominator=100))
        july = self.score("RN2", "2022-07", [results[-1].position])
        self.assertEqual((july.previous.value.value, july.arrow, july.year_to_date.value.value), ("95.0", "~", "88.3"))
        refs = lambda period: {r.definition.ref for r in self.query.GetReport(  # noqa: E731
            query_pb.GetReportRequest(council=COUNCIL, period=period), timeout=PATIENCE).rows} & {"RN1", "RN2"}
        self.assertEqual((refs("2022-06"), refs("2022-07")), ({"RN1"}, {"RN2"}))
        astray, = self.record(reading("RN2", "2022-06", numerator=91, denominator=100))
        self.assertIn("send it for RN1, which it continues", astray.errors[0].message)
        # A late correction under the old ref.
        late, = self.record(reading("RN1", "2022-06", numerator=91, denominator=100, reading_id="rn1-late", corrects="rn1-2022-06"))
        july = self.score("RN2", "2022-07", [late.position])
        self.assertEqual((july.previous.value.value, july.arrow, july.year_to_date.value.value), ("91.0", "+", "87.3"))
        self.assertRegex(self.stack.cli("explain", "RN2", "--period", "2022-07").stdout.replace("\n  ", " "),
                         r"93.0% is up from 91.0% in June 2022, then RN1\.")
        history = self.stack.cli("indicator", "RN2").stdout
        self.assertIn("until 2022-07 it was RN1\n", history)
        self.assertRegex(history, r"(?m)^2022-06 +RN1 +91\.0%.*\n2022-07 +RN2 +93\.0%.* \+ ")
        self.assertIn("those of RN1: bellwether indicator RN1", history)
        self.assertIn("from 2022-07 on it is RN2\n", self.stack.cli("indicator", "RN1").stdout)
        changes = self.stack.cli("changes", "--since", "2022-01-01").stdout
        self.assertRegex(changes, r"RN2 +2022-07 ")
        self.assertRegex(self.stack.cli("changes", "--from", "2022-06", "--to", "2022-07").stdout,
                         r"RN2 \(was RN1\) +calls answered +91.0 Green .*target 90 +93.0 Green \+ target 90")
        # Where the catalogue says that they do not compare, they are shown and not compared.
        apart = {**good, "CONTINUES": "predecessor: RN1, breaks: [2022-07]"}
        self.assertRegex(self.apply("apply", expect=1, **apart), r"RN2 2022-07: .*\+")
        self.apply("apply", "--restate", **apart)
        july = self.score("RN2", "2022-07")
        self.assertEqual((july.previous.HasField("value"), july.arrow, july.year_to_date.value.value), (False, "", "93.0"))
        self.assertIn("until 2022-07 it was RN1, whose figures do not compare\n", self.stack.cli("indicator", "RN2").stdout)

    def test_months_are_not_added_to_a_year_so_far(self):
        self.text = (f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
                     "- {ref: RY1, description: homes, unit: count, polarity: higher, targets: [{value: 10}], "
                     "quarter_rule: QUARTER, year_to_date_rule: YEAR}\n")
        self.apply("apply", QUARTER="cumulative", YEAR="cumulative")
        self.record(*[reading("RY1", month, value) for month, value in (("2022-04", 10), ("2022-05", 20), ("2022-06", 30))])
        self.apply("apply", "--from", "2022-07", QUARTER="sum", YEAR="sum")
        july = reading("RY1", "2022-07", 11)
        recorded, = self.record(july)
        score = self.score("RY1", "2022-07", [recorded.position])
        self.assertEqual((score.year_to_date.value.value, score.previous.value.value, score.arrow), ("41", "30", ""))
        self.assertFalse(self.occurrences(july)[-1].warnings, "what came before is the year so far")
        explained = " ".join(self.stack.cli("explain", "RY1", "--period", "2022-07").stdout.split())
        self.assertIn("30 + 11 = 41; the figure of June 2022 is the year so far", explained)
        self.assertIn("There is no direction of travel: the figure of June 2022 is the year so far, and that of July 2022 is not", explained)
        said = self.apply("check", QUARTER="sum", YEAR="cumulative", expect=1)
        self.assertIn("RY1: quarter_rule: adds up months, but by year_to_date_rule, cumulative, each reading is the year so far already", said)
        said = self.apply("check", QUARTER="mean", YEAR="sum", count="percent", expect=1)
        self.assertIn("RY1: year_to_date_rule: adds percentages up", said)

    def test_a_pair_in_the_wrong_columns_is_told(self):
        self.define("{ref: RP1, description: calls, unit: percent, polarity: higher, quarter_rule: ratio, year_to_date_rule: ratio}",
                    "{ref: RP2, description: days, unit: days, polarity: lower, quarter_rule: weighted-mean, year_to_date_rule: weighted-mean}")
        wrong = [reading("RP1", "2022-05", mean=92, weight=1000), reading("RP2", "2022-05", numerator=22000, denominator=1000)]
        checked = self.query.CheckReadings(query_pb.CheckReadingsRequest(readings=wrong), timeout=PATIENCE)
        self.assertEqual([[w.kind for w in r.warnings] for r in checked.results], [[types_pb.WARNING_KIND_COUNTS_LEFT_OUT]] * 2)

    def test_absences_of_several_kinds_are_no_missing_figure(self):
        self.define("{ref: RA1, description: cases, unit: count, polarity: lower, quarter_rule: sum, year_to_date_rule: sum, targets: [{value: 20}]}",
                    "{ref: RA2, description: days, unit: days, polarity: lower, quarter_rule: weighted-mean, year_to_date_rule: weighted-mean, "
                    "targets: [{value: 20}]}")
        results = self.record(absent("RA1", "2022-04", "Q"), absent("RA1", "2022-05", "L"), reading("RA2", "2022-04", mean=0, weight=0),
                              reading("RA2", "2022-05", mean=19, weight=10))
        score = self.score("RA1", "2022-05", [r.position for r in results])
        self.assertEqual((score.year_to_date.state, score.year_to_date.reason),
                         (types_pb.CELL_STATE_NOT_COMPUTABLE, "the figure of April 2022 is suppressed; the figure of May 2022 was not collected"))
        score = self.score("RA2", "2022-05")
        self.assertEqual((score.previous.state, score.arrow, score.year_to_date.value.value), (types_pb.CELL_STATE_NOT_COMPUTABLE, "", "19"))
        self.assertIn("a mean over a weight of 0: nothing happened", " ".join(self.stack.cli("explain", "RA2", "--period", "2022-04").stdout.split()))

    def test_a_range_that_no_figure_can_miss_is_refused(self):
        self.text = (f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n"
                     "- {ref: RO1, description: open, unit: days, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, "
                     "targets: [{range: {high: 20}}]}\n")
        self.assertIn("RO1: targets[0].range: has no low end", self.apply("check", expect=1))

    def test_a_roll_up_over_a_break_says_so(self):
        self.define("{ref: RK1, description: days, unit: days, polarity: lower, quarter_rule: mean, year_to_date_rule: mean, targets: [{value: 20}], "
                    "breaks: [2022-05]}")
        results = self.record(reading("RK1", "2022-04", 19), reading("RK1", "2022-05", 25))
        self.score("RK1", "2022-05", [r.position for r in results])
        explained = " ".join(self.stack.cli("explain", "RK1", "--period", "2022-05").stdout.split())
        self.assertIn("A new series began in May 2022: this is made of figures from before it and from then on, which do not compare.", explained)

    def test_what_is_wrong_with_many_is_said_once(self):
        self.text = (f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test, unit: percent, quarter_rule: mean, year_to_date_rule: mean}}\n"
                     "indicators:\n" + "".join(f"- {{ref: RS{i}, description: one of many}}\n" for i in range(5)))
        said = self.apply("check", expect=1)
        self.assertEqual(said.count("RS0: polarity: is not stated: say one of higher, lower, none, close-to"), 1)
        self.assertIn("and the same of 4 more indicators: polarity: is not stated", said)
        self.text = self.text.replace(COUNCIL, "X123")  # Refused as a whole.
        said = self.apply("check", expect=1)
        self.assertEqual(said.count("indicators[0].polarity: is not stated"), 1)
        self.assertEqual(said.count('"X123" is not a council'), 1)
        self.assertIn("and the same of 4 more indicators: polarity: is not stated", said)
        self.assertEqual(said.count("polarity: is not stated"), 2)


class WhoAndWhatTest(StackTest):
    """Who owes what, and what changed since a day."""

    def catalogue(self, council, **texts):
        indicators = "".join(f"- {{ref: {ref}, description: about {ref}, unit: percent, polarity: higher, {more} targets: [{{value: 90}}]}}\n"
                             for ref, more in texts.items())
        text = (f"council: {council}\nschemes: {SCHEMES}\ndefaults:\n  scheme_id: test\n  owner: {{name: Performance team}}\n  quarter_rule: mean\n  year_to_date_rule: mean\n"
                "  scoped_owners: [{service: Calls, owner: {name: Ada Jones, address: ada@council.example}}]\n"
                f"indicators:\n{indicators}")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            self.stack.cli("catalogue", "apply", file.name)

    def cli(self, council, *arguments):
        return self.stack.cli("--council", council, *arguments).stdout

    def test_who_owes_what(self):
        council = "E06000063"
        self.catalogue(council, O1="service: Calls,", O2="service: Calls,", O3="service: Roads,", O4="owner: {name: Bo},")
        none = absent("O2", "2022-05", "L", "the system changed")
        none.council = council
        results = self.record(none, reading("O4", "2022-05", 95, council=council))
        self.query.GetReport(query_pb.GetReportRequest(council=council, period="2022-05", min_position=results[-1].position), timeout=PATIENCE)
        table = self.cli(council, "readings", "due", "--period", "2022-05", "--by", "owner")
        self.assertIn("outstanding for the report of 2022-05: 2", table)
        ada, team = table.index("Ada Jones <ada@council.example>: 1 outstanding, 1 overdue, 1 declared without a figure"), table.index("Performance team: 1 ")
        self.assertLess(ada, table.index("about O1"))
        self.assertLess(table.index("the system changed"), team)
        self.assertNotIn("Bo:", table)
        mail = self.cli(council, "readings", "due", "--period", "2022-05", "--format", "mail")
        self.assertRegex(mail, r"To: Ada Jones <ada@council.example>\nSubject: E06000063 performance figures for 2022-05: 1 outstanding\n")
        self.assertRegex(mail, r'  O2  about O2\n      for 2022-05: not-collected, "the system changed"\n')
        rows = {row["ref"]: row for row in csv.DictReader(io.StringIO(self.cli(council, "readings", "due", "--period", "2022-05", "--by", "owner",
                                                                              "--format", "csv")))}
        self.assertEqual((rows["O1"]["owner_address"], rows["O2"]["declared_absent"], rows["O3"]["owner"]),
                         ("ada@council.example", "yes", "Performance team"))

    def test_what_changed_and_why(self):
        council = "E06000064"
        self.catalogue(council, C1="", C2="")
        def send(*readings):
            results = self.record(*readings)
            self.assertFalse([e for r in results for e in r.errors])
            return results[-1].position
        sent = [reading(ref, month, 95, council=council) for ref in ("C1", "C2") for month in ("2022-02-YTD", "2022-01", "2022-02")]
        before = self.occurrences(sent[-1], [send(*sent)])[-1].recorded_at
        since = type(before)(seconds=before.seconds, nanos=before.nanos + 1_000_000)
        last = send(reading("C1", "2022-02", 70, council=council), reading("C1", "2022-02-YTD", 60, council=council))
        answer = self.query.ListChanges(query_pb.ListChangesRequest(council=council, since=since, min_position=last), timeout=PATIENCE)
        self.assertEqual([(c.ref, c.period) for c in answer.changes], [("C1", "2022-02"), ("C1", "2022-02-YTD")])
        change = answer.changes[0]
        self.assertEqual((change.ref, change.period, change.before.value.value, change.after.value.value), ("C1", "2022-02", "95", "70"))
        self.assertEqual((change.before.status, change.after.status), ("Green", "Red"))
        self.assertRegex(change.cause, "^reading .* of 2022-02")
        day = self.cli(council, "changes", "--since", "2022-03-01")
        self.assertRegex(day, r"C1 +definition .*is new: an apply of")
        self.assertRegex(day, r"C1 +2022-02 .*70 Red")
        two = self.cli(council, "changes", "--from", "2022-01", "--to", "2022-02")
        self.assertIn("From 2022-01 to 2022-02: 2 of 2 rows changed", two)
        self.assertRegex(two, r"C1 +about C1 +95 Green.* +70 Red")
        brief = self.cli(council, "explain", "C1", "--period", "2022-02", "--brief")
        self.assertRegex(brief, r"^70% is .*so the status is Red\.\n$")
        # A comment taken back, and an apply, are told as what they are.
        self.cli(council, "comment", "C2", "2022-01", "one school")
        self.cli(council, "comment", "C2", "2022-01", "")
        self.catalogue(council, C1="", C2="decimal_places: 1,")
        answer = self.query.ListChanges(query_pb.ListChangesRequest(council=council, since=since), timeout=PATIENCE)
        of_c2 = [(c.period, list(c.changed_fields)) for c in answer.changes if c.ref == "C2"]
        self.assertEqual(of_c2, [("", ["decimal_places"])])
        # A figure that is new came with its reading, whatever was applied since.
        everything = self.query.ListChanges(query_pb.ListChangesRequest(council=council, since=type(before)()), timeout=PATIENCE)
        self.assertTrue([c for c in everything.changes if (c.ref, c.period) == ("C2", "2022-01") and c.cause.startswith("reading ")])
        pages, token = [], ""
        while True:
            page = self.query.ListChanges(query_pb.ListChangesRequest(council=council, since=since, page_size=1, page_token=token), timeout=PATIENCE)
            pages += page.changes
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(pages, list(answer.changes))
        # An indicator that has no place says nothing of one; a key says each label whole.
        self.assertIn("about C1\nunit percent; polarity higher\n", self.cli(council, "indicator", "C1"))
        long = "Data missing, and long overdue"
        text = (f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators:\n- {{ref: C9, description: late, "
                "unit: percent, polarity: higher, quarter_rule: mean, year_to_date_rule: mean}\n").replace("label: Missing", f"label: '{long}'").replace("id: test", "id: long")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            self.stack.cli("catalogue", "apply", file.name)
        self.assertIn(f"? {long}\n", self.cli(council, "report", "--period", "2022-02"))
        wrong = self.stack.cli("--council", council, "changes", "--since", "1/3/2022", check=False)
        self.assertIn("is not a day: write it like 2022-03-01", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
