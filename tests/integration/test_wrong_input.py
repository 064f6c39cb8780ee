"""Wrong input gets a clear answer, all of it at once, each with its place; and nothing is lost or recorded by mistake."""

import tempfile
import threading
import unittest

import grpc
from bellwether.v1 import definition_pb2 as definition_pb
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from stack import COUNCIL, PATIENCE, SCHEMES, StackTest, details_of, fails_with, indicator, reading, wait_until


class WrongInputTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), indicator("W1"), "{ref: W2, description: share, unit: percent, decimal_places: 1, polarity: higher, quarter_rule: ratio, "
                   "year_to_date_rule: ratio, allowed_values: {low: 0, high: 100}, targets: [{value: 90}]}")

    def errors_of(self, r):
        (result,) = self.record(r)
        self.assertFalse(result.HasField("position"), "nothing is recorded")
        return {(e.field, e.reason): e.message for e in result.errors}

    def refused(self, r, field, reason, *words):
        errors = self.errors_of(r)
        self.assertIn((field, reason), errors)
        for word in words:
            self.assertIn(word, errors[field, reason])

    def test_unknown_council_and_indicator(self):
        self.refused(reading("W1", "2022-01", 1, council="E06000099"), "council", "UNKNOWN_COUNCIL", "E06000099")
        self.refused(reading("W9", "2022-01", 1), "ref", "UNKNOWN_INDICATOR", "W9")

    def test_periods(self):
        for period in ("2022-13", "Feb 2022", "1980-01"):
            self.refused(reading("W1", period, 1), "period", "NOT_A_PERIOD")
        self.refused(reading("W1", "2098-01", 1), "period", "PERIOD_NOT_BEGUN", "2098-01")

    def test_figures(self):
        for text in ("NaN", "inf", "1e5", "1,000", "12%", "", "１"):
            self.refused(reading("W1", "2022-01", text), "measurement.value", "NOT_A_NUMBER")
        self.refused(reading("W1", "2022-01", "1" * 19), "measurement.value", "TOO_MANY_DIGITS", "18 digits")
        self.refused(reading("W2", "2022-01", numerator=1, denominator=0), "measurement.ratio.denominator", "DENOMINATOR_ZERO")
        self.refused(reading("W2", "2022-01", numerator=1, denominator=-2), "measurement.ratio.denominator", "NEGATIVE")
        self.refused(reading("W2", "2022-01", numerator=24, denominator=28, ratio_value="85.8"), "measurement.ratio.value", "VALUE_CONTRADICTS_PARTS", "85.7")
        self.refused(reading("W2", "2022-01", "100.1"), "measurement.value", "VALUE_NOT_ALLOWED", "100")
        self.refused(reading("W1", "2022-01"), "measurement", "REQUIRED")

    def test_0_over_0_is_a_reading(self):
        (result,) = self.record(reading("W2", "2021-12", numerator=0, denominator=0))
        self.assertTrue(result.HasField("position"))
        score = self.score("W2", "2021-12", [result.position])
        self.assertEqual(score.current.status, "not-computable")

    def test_texts_over_their_limit(self):
        self.refused(reading("W1", "2022-01", 1, reading_id="x" * 129), "reading_id", "INVALID_ID", "128")
        comment = ingestion_pb.RecordCommentRequest()
        comment.comment.council, comment.comment.ref, comment.comment.period = COUNCIL, "W1", "2022-01"
        comment.comment.comment_id, comment.comment.text = "c", "x" * 10_001
        with fails_with(self, grpc.StatusCode.INVALID_ARGUMENT) as caught:
            self.ingestion.RecordComment(comment, timeout=PATIENCE)
        self.assertIn("10,000", details_of(caught[0])[1]["comment.text"].replace("10000", "10,000"))

    def test_all_errors_of_a_request_at_once(self):
        bad = reading("W1", "2022-13", "NaN", reading_id="")
        results = self.record(bad, reading("W1", "2022-01", 5), reading("W9", "2022-01", 5))
        self.assertGreaterEqual({e.field for e in results[0].errors}, {"period", "measurement.value", "reading_id"})
        self.assertTrue(results[1].HasField("position"), "the good one of the batch is recorded")
        self.assertEqual([e.reason for e in results[2].errors], ["UNKNOWN_INDICATOR"])

    def test_a_10_mb_message(self):
        request = ingestion_pb.RecordReadingsRequest(readings=[reading("W1", "2022-01", 1, reading_id="x" * (10 << 20))])
        with fails_with(self, grpc.StatusCode.RESOURCE_EXHAUSTED) as caught:
            self.ingestion.RecordReadings(request, timeout=PATIENCE)
        self.assertIn("larger than max", caught[0].details())

    def test_too_many_in_a_batch(self):
        with fails_with(self, grpc.StatusCode.INVALID_ARGUMENT) as caught:
            self.record(*[reading("W1", "2022-01", 1) for _ in range(501)])
        self.assertIn("500", caught[0].details() + str(details_of(caught[0])))

    def test_validate_only_records_nothing(self):
        r = reading("W1", "2019-01", 77)
        request = ingestion_pb.RecordReadingsRequest(readings=[r], validate_only=True)
        (result,) = self.ingestion.RecordReadings(request, timeout=PATIENCE).results
        self.assertFalse(result.errors)
        self.assertFalse(result.HasField("position"))
        position = self.record(reading("W1", "2018-01", 1))[0].position
        self.assertFalse(self.occurrences(r, [position]))

    def test_a_stream_acknowledges_each_reading_in_order(self):
        frames = [ingestion_pb.StreamReadingsRequest(readings=[reading("W1", f"20{year}-{month:02}", year) for month in range(1, 13)])
                  for year in range(10, 20)]
        frames[3].readings[5].period = "nonsense"
        acknowledged = [a for answer in self.ingestion.StreamReadings(iter(frames), timeout=PATIENCE) for a in answer.acknowledgements]
        self.assertEqual([a.sequence for a in acknowledged], list(range(120)))
        self.assertEqual([a.sequence for a in acknowledged if a.result.errors], [41])
        self.assertEqual([a.reading_id for a in acknowledged], [r.reading_id for f in frames for r in f.readings])

    def test_a_stream_that_is_cut_loses_nothing_that_was_acknowledged(self):
        sent = [reading("W1", f"2005-{month:02}", month) for month in range(1, 13)]
        go_on = threading.Event()
        def frames():
            yield ingestion_pb.StreamReadingsRequest(readings=sent[:6])
            go_on.wait(PATIENCE)
        call = self.ingestion.StreamReadings(frames())
        acknowledged = []
        for answer in call:
            acknowledged += answer.acknowledgements
            if len(acknowledged) == 6:
                break
        call.cancel()
        go_on.set()
        positions = [a.result.position for a in acknowledged]
        for r in sent[:6]:
            self.assertEqual(len(self.occurrences(r, positions)), 1)
        results = self.record(*sent)  # Sent again with the same ids: six repeats, six first readings.
        outcomes = [self.occurrences(r, [x.position for x in results])[-1].outcome for r in sent]
        self.assertEqual(outcomes, [1] * 6 + [6] * 6)

    def test_a_client_that_never_reads_its_acknowledgements_is_bounded(self):
        frame = ingestion_pb.StreamReadingsRequest(readings=[reading("W1", "2004-01", 1, reading_id=f"never-{n}-{'x' * 100}") for n in range(500)])
        taken = 0
        stop = threading.Event()
        def frames():
            nonlocal taken
            while not stop.is_set() and taken < 2000:
                taken += 1
                yield frame
        call = self.ingestion.StreamReadings(frames())
        # Nobody iterates over `call`. Others are served all the while.
        def stalled():
            before = taken
            self.assertTrue(self.record(reading("W1", "2003-01", taken))[0].HasField("position"))
            threading.Event().wait(0.5)
            return taken == before
        wait_until(stalled, "flow control stops the writer")
        self.assertLess(taken, 2000)
        stop.set()
        call.cancel()

    def test_a_scheme_that_cannot_be_satisfied(self):
        broken = SCHEMES.replace("any_of: [{otherwise: true}]", "any_of: [{shortfall_within: {target: true}}]")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(f"council: {COUNCIL}\nschemes: {broken}\ndefaults: {{scheme_id: test}}\nindicators: [{indicator('W3')}]\n")
            file.flush()
            result = self.stack.cli("catalogue", "apply", file.name, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("line ", result.stderr)
        self.assertEqual(result.stderr.count("schemes[0].statuses[4].any_of[0]"), 1, result.stderr)
        with fails_with(self, grpc.StatusCode.NOT_FOUND):
            self.query.ExplainScore(query_pb.ExplainScoreRequest(council=COUNCIL, ref="W3"), timeout=PATIENCE)

    def test_a_catalogue_with_many_faults(self):
        catalogue = definition_pb.Catalogue(council=COUNCIL)
        catalogue.indicators.add(ref="bad ref", description="x" * 2001, unit="count")
        response = self.ingestion.ApplyCatalogue(ingestion_pb.ApplyCatalogueRequest(catalogue=catalogue, apply_id="faults"), timeout=PATIENCE)
        fields = {e.field for e in response.results[0].result.errors}
        self.assertGreaterEqual(fields, {"ref", "description", "polarity", "quarter_rule", "year_to_date_rule", "scheme_id"})

    def submit(self, content, *arguments):
        with tempfile.NamedTemporaryFile("wb", suffix=".csv") as file:
            file.write(content)
            file.flush()
            return self.stack.cli("readings", "submit", file.name, *arguments, check=False)

    def test_csv_as_spreadsheets_save_it(self):
        result = self.submit(b"\xef\xbb\xbfvalue,period,ref\r\n5,2016-01,W1\r\n")
        self.assertEqual((result.returncode, "1 of 1 readings" in result.stdout), (0, True), result.stderr)

    def test_csv_with_bad_rows_says_which_were_taken(self):
        result = self.submit(b"ref,period,value\nW1,1999-01,5\nW1,1999-02,abc\nW7,1999-03,5\nW1,1999-04,\n")
        self.assertEqual(result.returncode, 1)
        self.assertIn("1 of 3 readings", result.stdout)
        for words in ("line 3", "line 4", "NOT_A_NUMBER", "UNKNOWN_INDICATOR"):
            self.assertIn(words, result.stderr)
        self.assertIn("1 rows that are not filled in (line 5: W1 1999-04)", result.stdout)
        self.assertEqual(result.stderr.count("measurement.value: "), 1, "each place is named once")

    def test_csv_without_its_columns(self):
        result = self.submit(b"ref,valeu\nW1,5\n")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no column \"valeu\"", result.stderr)
        self.assertIn("\"period\" is missing", result.stderr)

    def test_csv_submitted_twice_changes_nothing(self):
        content = b"ref,period,value\nW1,2002-01,5\nW1,2002-02,6\n"
        self.assertIn("2 first", self.submit(content).stdout)
        for arguments in ((), ("--again",)):
            self.assertIn("0 of 2 readings and 0 comments recorded; 2 readings are in force already", self.submit(content, *arguments).stdout)

    def test_usage_and_unreachable_services_have_exit_codes_of_their_own(self):
        self.assertEqual(self.stack.cli("report", "--format", "sideways", check=False).returncode, 2)
        self.assertEqual(self.stack.cli("report", check=False, environment={"BELLWETHER_COUNCIL": "Northants"}).returncode, 2)
        gone = self.stack.cli("--timeout", "2", "report", check=False, environment={"BELLWETHER_QUERY": "127.0.0.1:1"})
        self.assertEqual(gone.returncode, 3)
        self.assertIn("cannot be reached", gone.stderr)
        unknown = self.stack.cli("explain", "W9", check=False)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("UNKNOWN_INDICATOR", unknown.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
