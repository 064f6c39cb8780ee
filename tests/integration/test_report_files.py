"""The report as files: what other programs read in them is what `report --format csv` says, and nothing in them is run."""

import csv
import decimal
import io
import json
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.request

import openpyxl
from stack import COUNCIL, Stack, StackTest

REPORT = f"/{COUNCIL}/reports/2022-02"
SHORTHAND = {"[c]", "[w]", "[x]", "[z]"}
# Refs that lead a column in which every figure is a number of its own.
FIGURES = {"benchmark", "q1", "q2", "q3", "q4", "ytd", "previous", "current", "target", "target_low", "target_high", "tolerance_low", "tolerance_high", "q1_computed",
           "q2_computed", "q3_computed", "q4_computed", "ytd_computed", "numerator", "denominator", "volume", "previous_target", "variance"}
QUARTERS = ["2021-04-01/P3M", "2021-07-01/P3M", "2021-10-01/P3M", "2022-01-01/P3M"]
JUDGEMENTS = {"improved": "Improved", "same": "Stayed the same", "worse-within-tolerance": "Worse, within tolerance", "worse": "Worse", "changed": "Changed, not judged"}
STATUSES = {"q1_status", "q2_status", "q3_status", "q4_status", "ytd_status", "status", "previous_status"}


def meant(text):
    """The cell of a CSV without the apostrophe that keeps spreadsheets from making something else of it."""
    return text[1:] if text.startswith("'") else text


class ReportFilesTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack.started(cls.addClassCleanup, web=True)
        cls.ingestion = cls.stack.ingestion_stub()
        cls.query = cls.stack.query_stub()
        cls.stack.load_example()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.rows = cls.stack.cli_csv("report", "--period", "2022-02")

    def report(self, name, *arguments, **how):
        """A file that the command line made."""
        path = self.folder / name
        result = self.stack.cli("report", "--period", "2022-02", "--output", str(path), *arguments, **how)
        return path if result.returncode == 0 else result

    def get(self, suffix):
        with urllib.request.urlopen(f"http://{self.stack.address(self.stack.web)}{REPORT}{suffix}", timeout=60) as answer:
            return answer.headers, answer.read()

    def test_the_workbook_has_every_cell_of_the_report(self):
        book = openpyxl.load_workbook(self.report("report.xlsx", "--format", "xlsx", "--council-name", "North Northamptonshire"))
        self.assertEqual(book.sheetnames, ["Cover", "Contents", "Notes", "Report", "Details", "Findings", "Outstanding", "Statuses", "Directions"])
        self.assertEqual(book["Cover"]["A1"].value, "Performance report of North Northamptonshire, February 2022")
        tables = {}
        for sheet in book:
            self.assertEqual(sheet.sheet_state, "visible")
            self.assertEqual(list(sheet.merged_cells.ranges), [], sheet.title)
            self.assertTrue(sheet["A1"].value, sheet.title)
            for row in sheet.iter_rows():
                for cell in row:
                    self.assertNotEqual(cell.data_type, "f", f"{sheet.title} {cell.coordinate}")
            for table in sheet.tables.values():  # One at most, named, without a gap.
                cells = [list(row) for row in sheet[table.ref]]
                self.assertEqual(len(sheet.tables), 1)
                self.assertTrue(all(cell.value not in (None, "") for row in cells for cell in row), sheet.title)
                tables[sheet.title] = cells
        self.assertEqual({sheet for sheet in book.sheetnames if sheet not in tables} - {"Outstanding"}, {"Cover"})
        headings = {column["name"]: column["dc:title"] for column in json.loads(self.report("m.csv-metadata.json", "--format", "csvw").read_text())["tableSchema"]["columns"]}
        labels = {row[2].value: row[1].value for row in tables["Statuses"][1:]}
        seen = set()
        for name in ("Report", "Details"):
            header = [cell.value for cell in tables[name][0]]
            self.assertEqual([row[0].value for row in tables[name][1:]], [meant(row["ref"]) for row in self.rows])
            columns = [column for column, heading in headings.items() if heading in header]
            seen |= set(columns)
            for cells, row in zip(tables[name][1:], self.rows, strict=True):
                for column in columns:
                    cell, text = cells[header.index(headings[column])], meant(row[column])
                    where = f"{row['ref']} {column}"
                    if not text:
                        self.assertIn(cell.value, SHORTHAND, where)
                    elif column in FIGURES:
                        self.assertEqual(cell.data_type, "n", where)
                        self.assertEqual(decimal.Decimal(repr(cell.value)), decimal.Decimal(text), where)
                        places = len(text.partition(".")[2])
                        self.assertEqual(cell.number_format, "#,##0" + ("." + "0" * places if places else ""), where)
                    elif column == "judgement":
                        self.assertEqual(cell.value, JUDGEMENTS[text], where)
                    elif column in STATUSES:
                        self.assertTrue(cell.value.startswith(labels[text]), where)
                    else:
                        self.assertEqual(cell.value, text, where)
        self.assertEqual(seen, set(self.rows[0]))
        findings = self.stack.cli_csv("findings", "--period", "2022-02")
        self.assertEqual([(r[0].value, r[2].value, r[7].value) for r in tables["Findings"][1:]], [(meant(f["ref"]), f["period"], meant(f["explanation"])) for f in findings])

    def test_sdmx_csv_has_each_figure_once(self):
        text = self.report("report.sdmx.csv", "--format", "sdmx-csv").read_bytes().decode()
        observations = list(csv.DictReader(io.StringIO(text, newline="")))
        keys = [(o["INDICATOR"], o["MEASURE"], o["TIME_PERIOD"]) for o in observations]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertLessEqual({o["OBS_STATUS"] for o in observations}, set("ABDEFGHIJKLMNOPQSUV"))
        for o in observations:
            self.assertEqual(bool(o["OBS_VALUE"]), o["OBS_STATUS"] not in "HLMOQ", o)
            self.assertEqual((o["REF_AREA"], o["FREQ"] in "MQSA"), (COUNCIL, True))
        by_key = dict(zip(keys, observations, strict=True))
        for row in self.rows:
            ref = meant(row["ref"])
            quarter = re.fullmatch(r"2021-22-Q(\d)", row["current_period"])
            now = by_key[(ref, "PERIOD", QUARTERS[int(quarter[1]) - 1] if quarter else row["current_period"])]
            self.assertEqual((now["OBS_VALUE"], now["UNIT_MEASURE"], now["RATING"], now["TARGET"]), (row["current"], row["unit"], row["status"], row["target"]), ref)
            self.assertEqual(meant(now["COMMENT_OBS"]).replace("\r\n", "\n"), meant(row["comment"]).replace("\r\n", "\n"))
            if row["observation_status"]:
                self.assertEqual(now["OBS_STATUS"], row["observation_status"])
            for i, period in enumerate(QUARTERS, 1):
                if row[f"q{i}"]:
                    self.assertEqual(by_key[(ref, "PERIOD", period)]["OBS_VALUE"], row[f"q{i}"], ref)
            if row["ytd"]:
                end = f"2021-{3 * int(quarter[1]) + 3:02}" if quarter else row["current_period"]  # None of a fourth quarter yet.
                self.assertEqual(by_key[(ref, "YEAR_TO_DATE", end)]["OBS_VALUE"], row["ytd"], ref)

    def test_metadata_describes_the_csv_beside_it(self):
        table = list(csv.reader(io.StringIO(self.report("north.csv", "--format", "csv").read_bytes().decode("utf-8-sig"), newline="")))
        self.assertIn("does not say of which CSV", self.report("north.json", "--format", "csvw", check=False).stderr)
        metadata = json.loads(self.report("north.csv-metadata.json", "--format", "csvw").read_text())
        self.assertEqual(metadata["@context"][0], "http://www.w3.org/ns/csvw")
        self.assertEqual(metadata["url"], "north.csv")
        columns = metadata["tableSchema"]["columns"]
        self.assertEqual([column["name"] for column in columns], table[0])
        self.assertEqual(len({column["dc:title"] for column in columns}), len(columns))
        kinds = {"decimal": r"-?\d+(\.\d+)?", "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "string": r"[\s\S]*"}
        keys = set()
        for row in table[1:]:
            for column, cell in zip(columns, row, strict=True):
                kind = column["datatype"] if isinstance(column["datatype"], str) else column["datatype"]["base"]
                self.assertTrue(cell == "" and not column.get("required") or re.fullmatch(kinds[kind], cell), f"{row[0]} {column['name']}: {cell}")
            keys.add(row[table[0].index(metadata["tableSchema"]["primaryKey"])])
        self.assertEqual(len(keys), len(table) - 1)

    def test_the_pdf_has_every_figure_and_is_tagged(self):
        pdf = self.report("report.pdf", "--format", "pdf", "--council-name", "North Northamptonshire")
        told = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
        self.assertRegex(told, r"Tagged: +yes")
        self.assertRegex(told, r"Page size: +841.89 x 595.27\d* pts \(A4\)")
        pages = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout.split("\f")[:-1]
        for n, page in enumerate(pages, 1):
            self.assertIn(f"Page {n} of {len(pages)}", page)
        words = " ".join(" ".join(pages).split())
        self.assertLess(words.index("Terminology"), words.index("How to read the charts"), "keys in front")
        solid = "".join(words.split())  # Where lines were broken is no matter.
        for row in self.rows:
            self.assertIn("".join((meant(row["ref"]) + meant(row["description"])).split()), solid)
        figures = set(re.findall(r"-?[\d,]+(?:\.\d+)?", words))
        for row in self.rows:
            for column in ("benchmark", "q1", "q2", "q3", "q4", "ytd", "previous", "current", "target", "target_low", "target_high", "previous_target"):
                if row[column]:
                    self.assertTrue({row[column], f"{decimal.Decimal(row[column]):,}"} & figures, f"{row['ref']} {column} {row[column]}")
            for part in re.findall(r"\S+", meant(row["comment"])):
                self.assertIn(part, solid)
        # A table that goes on has its heads on the next page, too.
        self.assertGreater(sum("Direction of travel" in " ".join(page.split()) for page in pages), len(pages) // 2)

    def test_files_that_are_served_are_those_of_the_command_line(self):
        for name, suffix, kind in (("xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                                   ("sdmx-csv", ".sdmx.csv", "application/vnd.sdmx.data+csv; version=1.0.0; charset=utf-8")):
            headers, body = self.get(suffix)
            self.assertEqual(headers["Content-Type"], kind)
            self.assertEqual(headers["Content-Disposition"], f'attachment; filename="{COUNCIL.lower()}-report-2022-02{suffix}"')
            self.assertEqual(body, self.report(f"same{suffix}", "--format", name).read_bytes(), name)
        headers, body = self.get(".csv-metadata.json")
        self.assertEqual(headers["Content-Type"], "application/csvm+json")
        self.assertEqual(body, self.report("2022-02.csv-metadata.json", "--format", "csvw").read_bytes())
        self.assertEqual(self.get(".csv")[0]["Link"], '<2022-02.csv-metadata.json>; rel="describedby"; type="application/csvm+json"')


if __name__ == "__main__":
    unittest.main()
