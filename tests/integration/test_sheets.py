"""The month of a performance team in a spreadsheet: what is clear is read and told, what is not is refused, and nothing that
somebody corrected or took back comes back by accident."""

import csv
import io
import itertools
import pathlib
import subprocess
import tempfile
import unittest

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from stack import BIN, PATIENCE, SCHEMES, StackTest, reading

CATALOGUE = """council: {council}
schemes: {schemes}
defaults: {{scheme_id: test, days_until_due: 15}}
indicators:
  - {{ref: HB1, description: "Days to process a claim", unit: days, decimal_places: 1, polarity: lower, quarter_rule: mean, year_to_date_rule: mean, targets: [{{value: 20}}]}}
  - {{ref: CT2, description: "% resolved at first contact", unit: percent, decimal_places: 2, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, targets: [{{value: 90}}], alternate_refs: ["KPI 2"]}}
  - {{ref: "9.1", description: "Missed bins", unit: "per 100,000", decimal_places: 1, polarity: lower, quarter_rule: mean, year_to_date_rule: mean, targets: [{{value: 40}}]}}
  - {{ref: "9.10", description: "Fly-tips cleared", unit: percent, decimal_places: 1, polarity: higher, quarter_rule: mean, year_to_date_rule: mean, targets: [{{value: 95}}]}}
"""
_councils = itertools.count(901)


class SheetsTest(StackTest):
    """Each test has a body of its own."""

    def setUp(self):
        self.council = f"E06000{next(_councils)}"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.checked = self.cli("catalogue", "apply", self.file("catalogue.yaml", CATALOGUE.format(council=self.council, schemes=SCHEMES)))

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def cli(self, *arguments, check=True):
        return self.stack.cli(*arguments, check=check, environment={"BELLWETHER_COUNCIL": self.council})

    def submit(self, content, *arguments, code=0, name="figures.csv"):
        """Submits a file; all that was said."""
        result = self.cli("readings", "submit", self.file(name, content), *arguments, check=False)
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, code, said)
        return said

    def in_force(self):
        """Values, or reasons in brackets, by ref and period."""
        answer = self.query.ListReadings(query_pb.ListReadingsRequest(council=self.council), timeout=PATIENCE)
        values = {}
        for r in answer.readings:
            if r.HasField("reading"):
                m = r.reading.measurement
                kind = m.WhichOneof("kind")
                values[r.reading.ref, r.reading.period] = (m.value.value if kind == "value" else m.ratio.value.value if kind == "ratio" else f"[{r.reading.observation_status}]")
        return values

    def comments(self):
        answer = self.query.ListReadings(query_pb.ListReadingsRequest(council=self.council), timeout=PATIENCE)
        return {(r.comment.ref, r.comment.period): r.comment.text for r in answer.readings if r.HasField("comment")}

    def export(self):
        path = self.folder / "export.csv"
        self.cli("readings", "export", "-o", str(path))
        return path.read_bytes().decode("utf-8")

    def withdraw(self, ref, period):
        self.cli("readings", "withdraw", ref, period, "--reason", "wrong month")

    # A correction is never undone by accident.

    def test_an_old_workbook_does_not_undo_a_correction(self):
        workbook = "ref,period,value\nCT2,2022-01,95\n"
        self.submit(workbook)
        said = self.submit("ref,period,value\nCT2,2022-01,80\n", name="correction.csv")
        self.assertIn('line 2 (CT2 2022-01): value "95" -> "80" (recorded ', said)
        self.assertIn('by "figures.csv', said)
        larger = workbook + "CT2,2022-02,91\n"
        for arguments in (("--check",), ()):
            said = self.submit(larger, *arguments, code=1)
            self.assertIn("1 stay out of force", said)
            self.assertRegex(said, r'line 2 \(CT2 2022-01\): value "95" was recorded before, and overruled since: in force is value "80", '
                                   r'recorded .* by "correction.csv.*--again')
        self.assertEqual(self.in_force(), {("CT2", "2022-01"): "80", ("CT2", "2022-02"): "91"})
        said = self.submit(larger, "--again")
        self.assertIn('value "80" -> "95"', said)
        self.assertEqual(self.in_force()["CT2", "2022-01"], "95")

    def test_an_old_workbook_does_not_revive_a_withdrawal(self):
        workbook = "ref,period,value\nCT2,2022-01,95\n"
        self.submit(workbook)
        self.withdraw("CT2", "2022-01")
        said = self.submit(workbook, code=1)
        self.assertRegex(said, r"withdrawn .*wrong month.*it stays so")
        self.assertEqual(self.in_force(), {})
        self.assertIn("withdrawn", self.submit("ref,period,value\nCT2,2022-01,96\n"))  # Another figure is another.
        self.assertEqual(self.in_force(), {("CT2", "2022-01"): "96"})
        self.withdraw("CT2", "2022-01")
        self.submit(workbook, "--again")
        self.assertEqual(self.in_force(), {("CT2", "2022-01"): "95"})

    def test_what_a_feed_sent_is_known_by_what_it_said(self):
        self.ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[
            reading("CT2", "2022-01", "95", council=self.council, reading_id="f1"),
            reading("CT2", "2022-01", "80", council=self.council, reading_id="f2", corrects="f1")]), timeout=PATIENCE)
        self.cli("comment", "CT2", "2022-03", "wait until it is seen")
        self.assertIn("overruled since", self.submit("ref,period,value\nCT2,2022-01,95.0\n", code=1))

    def test_an_exported_row_that_is_edited_is_a_correction(self):
        self.submit("ref,period,value\nCT2,2022-01,91.00\nCT2,2022-02,90.50\n")
        exported = self.export()
        edited = exported.replace("91.00", "91.3")
        said = self.submit(edited)
        self.assertIn('value "91.00" -> "91.3"', said)
        self.assertEqual(self.in_force(), {("CT2", "2022-01"): "91.3", ("CT2", "2022-02"): "90.50"})
        self.assertIn("2 readings are in force already", self.submit(edited))
        # Who edits the old copy has not seen that.
        said = self.submit(exported.replace("91.00", "92"), code=1)
        self.assertIn("edit of an old copy", said)
        self.assertEqual(self.in_force()["CT2", "2022-01"], "91.3")
        self.submit(exported.replace("91.00", "92"), "--again")
        self.assertEqual(self.in_force()["CT2", "2022-01"], "92")

    def test_rows_copied_to_the_next_period_are_readings_of_their_own(self):
        self.submit("ref,period,value,comment\nCT2,2022-01,91,one school\nHB1,2022-01,18.5,\n")
        self.submit("ref,period,value\nHB1,2022-01,19\n")  # Its row of the export says what it corrects.
        self.submit("ref,period,value\nHB1,2022-01,18.5\n", "--again")
        exported = self.export()
        copied = exported.replace("2022-01", "2022-02").replace(",91,", ",92,")
        self.assertIn("row-", copied)
        self.assertIn("2 rows with the reading_id of another period", self.submit(copied, "--check"))
        said = self.submit(copied)
        self.assertRegex(said, r'2 rows with the reading_id of another period, .* \(first: (CT2|HB1) 2022-02: "row-.*" is of 2022-01\)')
        self.assertIn("2 first", said)
        self.assertEqual(self.in_force(), {("CT2", "2022-01"): "91", ("HB1", "2022-01"): "18.5", ("CT2", "2022-02"): "92", ("HB1", "2022-02"): "18.5"})
        self.assertIn("2 readings are in force already", self.submit(copied))
        # Filled down in one file: both months, one id.
        down = exported + "".join(line.replace("2022-01", "2022-03") for line in exported.splitlines(True)[1:])
        self.assertIn("2 first", self.submit(down))
        # Two rows with an id that is new to everybody.
        for arguments in (("--check",), ()):
            said = self.submit("ref,period,value,reading_id\nCT2,2022-05,91,x1\nCT2,2022-06,92,x1\n", *arguments, code=1)
            self.assertIn('line 3 (CT2 2022-06): reading_id: "x1" is that of line 2 too', said)

    def test_comments_are_told_as_figures_are(self):
        self.submit("ref,period,value,comment\nHB1,2022-02,18.5,old words\n")
        exported = self.export()
        said = self.submit(exported.replace("old words", "new words"))
        self.assertRegex(said, r'comment "old words" -> "new words" \(recorded .* by "figures.csv')
        self.assertEqual(self.comments(), {("HB1", "2022-02"): "new words"})
        for arguments in (("--check",), ()):
            said = self.submit("ref,period,comment\nHB1,2022-02,old words\n", *arguments, code=1)
            self.assertIn('the comment "old words" was recorded before, and overruled since: in force is "new words"', said)
        self.assertEqual(self.comments(), {("HB1", "2022-02"): "new words"})
        self.submit("ref,period,comment\nHB1,2022-02,old words\n", "--again")
        self.assertEqual(self.comments(), {("HB1", "2022-02"): "old words"})
        self.cli("comment", "HB1", "2022-02", "")
        self.assertIn('no comment -> "old words" (recorded ', self.submit("ref,period,comment\nHB1,2022-02,old words\n", "--again"))
        said = self.submit(self.export().replace("old words", ""))
        self.assertIn("1 comments that were emptied stay in force", said)
        self.assertEqual(self.comments(), {("HB1", "2022-02"): "old words"})

    def test_words_beside_a_figure_that_stays_out_stay_out(self):
        self.submit("ref,period,value,comment\nHB1,2022-02,19.5,words A\n")
        exported = self.export()
        self.submit("ref,period,value,comment\nHB1,2022-02,21.9,words B\n")
        for edited in (exported.replace("words A", "words A edited"), exported.replace("words A", "words C").replace("19.5", ""), exported.replace("words A", "words D").replace("19.5", "20")):
            for arguments in (("--check",), ()):
                said = self.submit(edited, *arguments, code=1)
                self.assertRegex(said, r'the comment "words [ACD].*" is an edit of an old copy, whose comment is in force no more: in force is "words B", recorded')
        self.assertEqual((self.comments(), self.in_force()), ({("HB1", "2022-02"): "words B"}, {("HB1", "2022-02"): "21.9"}))
        said = self.submit("ref,period,value,comment\nHB1,2022-02,19.5,words E\n", code=1)
        self.assertIn('the comment "words E" stands beside a figure that was recorded before, and overruled since', said)
        self.submit("ref,period,value,comment\nHB1,2022-02,21.9,words E\n", name="seen.csv")
        self.assertEqual(self.comments(), {("HB1", "2022-02"): "words E"})
        self.submit(exported.replace("words A", "words A edited"), "--again")
        self.assertEqual((self.comments(), self.in_force()), ({("HB1", "2022-02"): "words A edited"}, {("HB1", "2022-02"): "19.5"}))

    def test_words_that_somebody_else_replaced_stay(self):
        self.submit("ref,period,value,comment\nHB1,2022-02,19.5,words A\nCT2,2022-02,,only words\n")
        exported = self.export()
        self.submit("ref,period,comment\nHB1,2022-02,words B\nCT2,2022-02,other words\n")
        said = self.submit(exported.replace("words A", "words A edited").replace("only words", "only words edited"), code=1)
        self.assertIn("2 stay out of force", said)
        self.assertIn('the comment "only words edited" is an edit of an old copy, whose comment is in force no more: in force is "other words"', said)
        self.assertEqual(self.comments(), {("HB1", "2022-02"): "words B", ("CT2", "2022-02"): "other words"})

    def test_blanks_make_no_other_words(self):
        self.submit("ref,period,comment\nHB1,2022-02,old words\n")
        self.assertIn("1 comments are in force already", self.submit("ref,period,comment\nHB1,2022-02,old  words\n"))
        self.submit("ref,period,comment\nHB1,2022-02,new words\n")
        for words in ("old  words", "old words ", "old\u00a0words"):
            self.assertIn("was recorded before, and overruled since", self.submit(f"ref,period,comment\nHB1,2022-02,{words}\n", code=1))
        self.assertEqual(self.comments(), {("HB1", "2022-02"): "new words"})

    def test_what_is_emptied_is_told(self):
        self.submit("ref,period,value,numerator,denominator,comment\nHB1,2022-02,21.9,,,words\nCT2,2022-02,,950,1000,words\n9.1,2022-02,41,,,\n")
        exported = self.export()
        figures = "2 figures that were emptied stay in force (`bellwether readings withdraw REF PERIOD` takes one back)"
        words = "2 comments that were emptied stay in force"
        no_figures = exported.replace(",21.9,", ",,").replace(",950,1000,", ",,,")
        for arguments in (("--check",), ()):
            said = self.submit(no_figures, *arguments)
            self.assertIn(figures, said)
            self.assertIn("2 comments are in force already", said)
            said = self.submit(exported.replace("words", ""), *arguments)
            self.assertIn(words, said)
            said = self.submit(no_figures.replace("words", ""), *arguments)
            self.assertIn(figures, said)
            self.assertIn(words, said)
            self.assertNotIn("not filled in", said)
        # Who leaves the figures' columns out has emptied none.
        rows = list(csv.reader(io.StringIO(exported[1:], newline="")))
        kept = [i for i, name in enumerate(rows[0]) if name in ("ref", "period", "reading_id", "comment", "comment_id")]
        self.assertNotIn("emptied", self.submit("".join(",".join(row[i] for i in kept) + "\n" for row in rows if row[kept[0]] != "'9.1")))

    def test_a_ref_that_was_changed_in_an_export_is_told(self):
        self.submit("ref,period,value\nHB1,2022-02,21.9\nCT2,2022-02,90\n")
        exported = self.export()
        edited = exported.replace(",HB1,", ",9.1,")
        for arguments in (("--check",), ()):
            said = self.submit(edited, *arguments)
            self.assertRegex(said, r'1 rows with the reading_id of another indicator, whose own row the file has not: look whether a ref was changed \(first: 9.1 2022-02: "row-.*" is of HB1 2022-02\)')
        # A copy beside its original is a row of its own.
        copied = exported + "".join(line.replace(",HB1,", ",9.10,") for line in exported.splitlines(True)[1:] if ",HB1," in line)
        self.assertNotIn("another indicator", self.submit(copied))

    def test_a_correction_of_what_nobody_sent_is_told(self):
        self.submit("ref,period,value,reading_id\nHB1,2022-02,21.9,r1\n")
        text = "ref,period,value,corrects\nHB1,2022-02,22,nope\nHB1,2022-03,20,r1\n"
        self.assertIn('1 rows correct a reading that the indicator has not: look whether `corrects` is a reading_id (first: HB1 2022-02: "nope")', self.submit(text, "--check"))
        self.assertNotIn("correct a reading", self.submit("ref,period,value,reading_id,corrects\nHB1,2022-04,21.9,r4,\nHB1,2022-04,22,r5,r4\n", "--check"))

    def test_an_old_figure_with_its_value_beside_stays_out(self):
        self.submit("ref,period,numerator,denominator\nCT2,2022-02,950,1000\n")
        self.submit("ref,period,numerator,denominator\nCT2,2022-02,940,1000\n")
        said = self.submit("ref,period,value,numerator,denominator\nCT2,2022-02,95.0,950,1000\n", code=1)
        self.assertIn("was recorded before, and overruled since", said)

    def test_a_quote_that_swallows_rows_is_refused(self):
        text = 'ref,period,value,comment\nHB1,2022-02,19.5,"First line\nCT2,2022-02,90.1,second\n9.1,2022-02,41,ok"\n'
        for arguments in (("--check",), ()):
            said = self.submit(text, *arguments, code=1)
            self.assertIn("line 2 (HB1 2022-02): line 3, which is a row of CT2 for 2022-02, is within one of its cells", said)
        self.submit('ref,period,value,comment\nHB1,2022-02,19.5,"First line\nCT2, 2022 and all that, was left out"\n')
        self.submit('ref,period,mine,value\nCT2,2022-02,"note\nHB1,2022-03,""41"",5\n9.1,2022-03,5",5\n', code=1)

    def test_figures_in_a_column_that_is_left_out(self):
        for text in ("Ref,Period,Actual\nHB1,2022-02,19.5\n", ",,Value\nRef,Period,\nHB1,2022-02,19.5\n", "Ref,Period,Actual,Comment\nHB1,2022-02,19.5,words\n"):
            for arguments in (("--check",), ()):
                said = self.submit(text, *arguments, code=1)
                self.assertIn("there are figures in", said)
                self.assertIn('"19.5" in line', said)
        self.assertEqual((self.in_force(), self.comments()), ({}, {}))
        self.submit("ref,period,Number of row,comment\nHB1,2022-02,second,words\n")
        self.submit("ref,period,value,last_figure\nHB1,2022-02,,19.5\n")

    def test_the_unit_is_looked_at(self):
        said = self.submit("ref,period,value,unit\nHB1,2022-02,18.5,weeks\nCT2,2022-02,90,%\n9.1,2022-02,40,Per 100000\n9.10,2022-02,95,Percentage\n", code=1)
        self.assertIn('line 2 (HB1 2022-02): unit: "weeks", and the unit of HB1 is days: write the figure in that', said)
        self.assertEqual(len(self.in_force()), 3)

    def test_a_body_that_is_not_known_is_told_once(self):
        rows = "".join(f"E06000999,HB1,20{20 + i // 12}-{i % 12 + 1:02},{i}\n" for i in range(20))
        said = self.submit("council,ref,period,value\n" + rows, code=1)
        self.assertIn('line 2 and 19 more: council: "E06000999" has no indicators', said)
        self.assertEqual(said.count("has no indicators"), 1)

    def test_two_rows_for_one_period_are_told_before_anything_is_recorded(self):
        text = "ref,period,value,comment\nHB1,2022-05,18.5,\nCT2,2022-05,91.0,\nHB1,2022-05,81.5,\nCT2,2022-05,91.00,\nCT2,2022-06,,one\nCT2,2022-06,,two\n"
        for arguments in (("--check",), ()):
            said = self.submit(text, *arguments, code=1)
            self.assertIn('line 4 (HB1 2022-05): a second row for this ref and period, after line 2: value "18.5" -> "81.5": neither is taken', said)
            self.assertIn("1 rows that say again what another row says (first: line 5)", said)
            self.assertIn('line 7 (CT2 2022-06): a second row', said)
        self.assertEqual(self.in_force(), {("CT2", "2022-05"): "91.0"})
        self.assertEqual(self.comments(), {})

    def test_without_the_view_nothing_is_recorded(self):
        result = self.stack.cli("--timeout", "2", "readings", "submit", self.file("x.csv", "ref,period,value\nCT2,2022-01,95\n"), check=False,
                                environment={"BELLWETHER_COUNCIL": self.council, "BELLWETHER_QUERY": "127.0.0.1:1"})
        self.assertEqual(result.returncode, 3)
        self.assertIn("nothing is recorded", result.stderr)
        self.assertEqual(self.in_force(), {})

    # Files as spreadsheets write them.

    def test_the_template_survives_a_spreadsheet(self):
        path = self.folder / "template.csv"
        self.cli("readings", "template", "--period", "2022-02", "--period", "2022-03", "-o", str(path))
        text = path.read_bytes().decode()
        self.assertTrue(text.startswith("\ufeff"), "Excel takes it for UTF-8")
        rows = list(csv.DictReader(io.StringIO(text[1:], newline="")))
        self.assertEqual(list(rows[0]), ["ref", "description", "unit", "period", "value", "last_figure", "due_date", "observation_status", "reason", "comment"])
        self.assertEqual(len(rows), 8)
        self.assertEqual([row["ref"] for row in rows[:4]], ["HB1", "CT2", "9.1", "'9.10"])
        self.assertIn("8 rows that are not filled in", self.submit(text))
        filled = dict(zip([("HB1", "2022-03"), ("9.1", "2022-03"), ("'9.10", "2022-03")], ["18.5", "41.2", "96"]))
        for row in rows:
            row["value"] = filled.get((row["ref"], row["period"]), "")
            row["period"] = {"2022-02": "Feb-22", "2022-03": "Mar-22"}[row["period"]]
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        said = self.submit("\ufeff" + out.getvalue())
        self.assertIn('8 periods read from how they are printed (first: line 2, period: "Feb-22" as "2022-02")', said)
        self.assertIn("5 rows that are not filled in", said)
        self.assertEqual(self.in_force(), {("HB1", "2022-03"): "18.5", ("9.1", "2022-03"): "41.2", ("9.10", "2022-03"): "96"})

    def test_a_ref_that_a_spreadsheet_turns_into_another_is_told(self):
        self.assertIn("9.10: a spreadsheet saves it as 9.1, which is another indicator", self.checked.stdout)
        said = self.submit("ref,period,value\n9.1,Mar-22,41.2\n9.1,Mar-22,96\n", code=1)
        self.assertIn("a spreadsheet makes 9.1 of 9.10", said)
        self.assertEqual(self.in_force(), {})

    def test_an_export_comes_back_the_same(self):
        self.submit("ref,period,value,published_arrow,as_at,comment\nCT2,2022-01,90.50,,2022-02-01,\nCT2,2022-02,91.00,\u2191G,,Rise \u2013 after the \u00a32m \u201cfront door\u201d\n9.10,2022-02,96.0,,,\n")
        exported = self.export()
        self.assertTrue(exported.startswith("\ufeff"))
        resaved = exported.replace("90.50", "90.5").replace("91.00", "91").replace("96.0", "96").replace("2022-02,r", "Feb-22,r")
        scrambled = exported[1:].encode().decode("cp1252", errors="replace") if False else "".join(chr(b) if b not in range(0x80, 0xA0) else bytes([b]).decode("cp1252", "ignore") or chr(b) for b in exported[1:].encode())
        semicolons = io.StringIO()
        csv.writer(semicolons, delimiter=";").writerows([c.replace(".", ",") if c in ("90.50", "91.00", "96.0") else c for c in row]
                                                        for row in csv.reader(io.StringIO(exported[1:], newline="")))
        for text in (exported, resaved, scrambled, semicolons.getvalue(), exported.encode("utf-16")):
            said = self.submit(text)
            self.assertIn("0 of 3 readings and 0 comments recorded; 3 readings are in force already; 1 comments are in force already", said)
        self.assertEqual(self.export(), exported)

    def test_separators_headers_titles_footers(self):
        texts = ["ref,period,value,,\nHB1,{},18.5,,\n,,,,\n", "Ref,Period,Value\nHB1,{},18.5\n", "ref ,period, value\nHB1 ,{} ,18.5\u00a0\n", "ref;period;value\nHB1;{};18,5\n",
                 "ref\tperiod\tvalue\nHB1\t{}\t18.5\n", "ref,period,value,owner of it\nHB1,{},18.5,A. Nother\n",
                 "Performance data,,\n,,\nref,period,value\nHB1,{},18.5\nSource: Benefits team 4 April 2022\n", "ref,period,value\nHB1,{},18.5\nSource: Benefits team,,\n",
                 "ref,period,value\r\nHB1,{},18.5\r\n".encode("utf-16")]
        for month, text in enumerate(texts, 1):
            period = f"2021-{month:02}"
            with self.subTest(text):
                said = self.submit(text.decode("utf-16").format(period).encode("utf-16") if isinstance(text, bytes) else text.format(period))
                self.assertIn("1 of 1 readings", said)
                self.assertEqual(self.in_force()["HB1", period], "18.5")

    def test_printed_figures(self):
        said = self.submit('ref,period,value\nCT2,2022-07,71%\nCT2,2022-08,47.0 %\n9.1,2022-07,"1,967"\n9.1,2022-08,"1,967 (down from 2,732)"\nHB1,2022-07,N/A\nHB1,2022-08,18.5 days\n'
                           'CT2,2022-09,"115% (9,498 / 8,241)"\nCT2,2022-10,[c]\nCT2,2022-11,92.0 [p]\nHB1,2022-09,71%\nHB1,01/02/2022,5\n', code=1)
        self.assertIn('2 figures read without their % sign (first: line 2, value: "71%" as "71")', said)
        for line in ("line 5 (9.1 2022-08)", "line 6 (HB1 2022-07): value: \"N/A\" is no figure", "line 11 (HB1 2022-09): value: \"71%\" has a % sign, and the unit of HB1 is days",
                     "line 12 (HB1 ): period: \"01/02/2022\" can be 2022-02-01 and 2022-01-02"):
            self.assertIn(line, said)
        self.assertEqual(self.in_force(), {("CT2", "2022-07"): "71", ("CT2", "2022-08"): "47.0", ("9.1", "2022-07"): "1967", ("HB1", "2022-08"): "18.5",
                                           ("CT2", "2022-09"): "115", ("CT2", "2022-10"): "[Q]", ("CT2", "2022-11"): "92.0"})

    def test_alternate_refs_are_taken_wherever_a_ref_is(self):
        self.submit("ref,period,value\nKPI 2,2022-01,95\n")
        self.cli("comment", "KPI 2", "Jan-22", "words")
        self.assertEqual(self.comments(), {("CT2", "2022-01"): "words"})
        self.cli("readings", "withdraw", "KPI 2", "January 2022")
        self.assertEqual(self.in_force(), {})
        self.assertEqual(self.cli("readings", "withdraw", "KPI 2", "01/02/2022", check=False).returncode, 2)

    def test_what_the_publisher_printed_is_compared(self):
        self.submit("ref,period,value,published_status\nHB1,2022-07,25.0,Red\nCT2,2022-07,95.0,Red\n9.1,2022-07,30,green\n")
        found = list(csv.DictReader(io.StringIO(self.cli("findings", "--period", "2022-07", "--format", "csv").stdout)))
        self.assertEqual([(f["kind"], f["ref"], f["published"], f["computed"]) for f in found], [("status", "CT2", "Red", "Green")])
        report = list(csv.DictReader(io.StringIO(self.cli("report", "--period", "2022-07", "--format", "csv").stdout)))
        self.assertEqual([row["published_status"] for row in report], ["Red", "Red", "green", ""])
        self.assertEqual(report[3]["ref"], "'9.10")

    def test_a_report_is_asked_for_as_readings_are_sent(self):
        self.submit("ref,period,value\nHB1,2021-12,25.0\n")
        for period in ("2021-22-Q3", "2021", "2021-12-YTD", "2021-12", "Dec-21", "Q3 2021/22", "31/12/2021"):
            self.assertIn("2021-12", self.cli("report", "--period", period).stdout.splitlines()[0])
        refused = self.cli("report", "--period", "01/02/2022", check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn('"01/02/2022" can be 2022-02-01 and 2022-01-02', refused.stderr)
        self.cli("comment", "HB1", "Dec-21", "as it is printed")
        self.assertEqual(self.comments(), {("HB1", "2021-12"): "as it is printed"})

    def test_a_pipe_has_no_byte_order_mark(self):
        piped = subprocess.run([BIN / "bellwether", "readings", "export"], env={"BELLWETHER_COUNCIL": self.council, "BELLWETHER_QUERY": self.stack.address(self.stack.query)},
                               capture_output=True, timeout=PATIENCE, check=True).stdout
        self.assertTrue(piped.startswith(b"council,"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
