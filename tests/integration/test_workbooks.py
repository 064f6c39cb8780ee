"""Workbooks that a performance team fills in: out, filled as people fill them, and in again."""

import csv
import datetime
import io
import pathlib
import resource
import tempfile
import unittest
import zipfile

import openpyxl
from stack import BUILD, StackTest, indicator, reading


class WorkbooksTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), indicator("W1").replace("count", "percent").replace("sum", "mean"), indicator("W2"), indicator("W3"), indicator("9.10"))
        positions = [x.position for x in cls.record(cls(), reading("W1", "2022-01", "88.10"), reading("W2", "2022-01", "1733.5"))]
        cls.score(cls(), "W2", "2022-01", positions)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def template(self):
        path = self.folder / "template.xlsx"
        self.stack.cli("readings", "template", "--period", "2022-02", "--format", "xlsx", "-o", str(path))
        return openpyxl.load_workbook(path), path

    def submit(self, book, *arguments, check=True):
        path = self.folder / "filled.xlsx"
        if isinstance(book, bytes):
            path.write_bytes(book)
        else:
            book.save(path)
        return self.stack.cli("readings", "submit", *arguments, str(path), check=check)

    def book(self, *rows, title="Readings"):
        made = openpyxl.Workbook()
        made.active.title = title
        for row in rows:
            made.active.append(row)
        return made

    def refused(self, book, *words):
        result = self.submit(book, "--check", check=False)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def read(self, rows, **how):
        """What became of rows that are written as XML, below a header: value by ref, of January 2022."""
        return self.submit(packed(parts(HEADER + rows, **how)), "--check", check=False)

    def test_a_template_is_filled_and_taken(self):
        book, path = self.template()
        self.assertEqual(book.sheetnames, ["Readings"])
        sheet = book.active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        plain = list(csv.reader(io.StringIO(self.stack.cli("readings", "template", "--period", "2022-02").stdout, newline="")))
        self.assertEqual([["" if cell is None else str(cell) for cell in row[:4]] for row in rows], [[cell.removeprefix("'") for cell in row[:4]] for row in plain])
        self.assertEqual(rows[0], plain[0])
        column = {name: i for i, name in enumerate(rows[0])}
        by_ref = {row[0]: i for i, row in enumerate(rows, 1)}
        self.assertEqual([rows[by_ref[ref] - 1][column["last_figure"]] for ref in ("W1", "W2", "W3")], [88.1, 1733.5, None])
        checks = {str(v.sqref)[0]: (v.type, v.errorStyle, bool(v.prompt)) for v in sheet.data_validations.dataValidation}
        letter = {name: openpyxl.utils.get_column_letter(i + 1) for name, i in column.items()}
        self.assertEqual(checks, {letter["value"]: ("decimal", "warning", True), letter["observation_status"]: ("list", "warning", True), letter["reason"]: ("textLength", "warning", True), letter["comment"]: ("textLength", "warning", True)})
        self.assertIn("4 rows that are not filled in", self.stack.cli("readings", "submit", "--check", str(path)).stdout)

        def fill(ref, name, value, number_format="General"):
            cell = sheet.cell(by_ref[ref], column[name] + 1, value)
            cell.number_format = number_format

        fill("W1", "value", 0.8571, "0.00%")
        fill("W2", "value", 0.1 + 0.2)
        fill("W2", "period", datetime.date(2022, 2, 1), "mmm-yy")  # As Excel has it once it was typed again.
        fill("W3", "observation_status", "not collected")
        fill("W3", "reason", "The system was down")
        fill("9.10", "value", 91)
        fill("9.10", "comment", "=1+1 is what we wrote")
        sheet.cell(by_ref["9.10"], column["comment"] + 1).data_type = "s"
        told = self.submit(book)
        self.assertIn("4 of 4 readings and 1 comments recorded", told.stdout)
        exported = {row["ref"].removeprefix("'"): row for row in csv.DictReader(io.StringIO(self.stack.cli("readings", "export", "--from", "2022-02").stdout, newline=""))}
        self.assertEqual([exported[ref]["value"] for ref in ("W1", "W2", "W3", "9.10")], ["85.71", "0.3", "", "91"])
        self.assertEqual((exported["W3"]["observation_status"], exported["W3"]["reason"]), ("L", "The system was down"))
        self.assertEqual(exported["9.10"]["comment"], "'=1+1 is what we wrote")
        self.assertIn("0 of 4 readings", self.submit(book).stdout, "again: nothing new")

    def test_one_sheet_is_read_among_others(self):
        book = self.book(["Figures of March"], [], ["Ref", "Period", "Value", None, "our own"], ["W1", "Mar-22", "87%", None, "x", None, "beyond"], ["Total", None, None])
        book.create_sheet("Notes").append(["Ref", "what it is", "=1+1", "#REF!"])
        told = self.submit(book, "--check").stdout
        self.assertIn("1 rows checked, nothing recorded", told)
        for note in ('1 of the 2 sheets of the workbook read (line 3: "Readings", not "Notes")', "lines above the header left out", "columns of your own left out",
                     '1 cells of columns without a name left out (line 4, column 7: "beyond")'):
            self.assertIn(note, told)
        self.assertNotIn("without an end", told)

    def test_what_is_hidden_is_told(self):
        rows = (["ref", "period", "value", "comment"], ["W1", "2022-03", 5, "a"], ["W2", "2022-03", 6, "b"])
        book = self.book(*rows)
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["D"].hidden = True
        told = self.submit(book, "--check").stdout
        self.assertIn("1 rows that the workbook hides read as the others (line 3)", told)
        self.assertIn("1 columns that the workbook hides read as the others (line 1, comment)", told)
        for state in ("hidden", "veryHidden"):
            book = self.book(*rows)
            book.create_sheet("Front").append(["words"])
            book["Readings"].sheet_state = state
            self.refused(book, "no sheet of the workbook has a row with the columns ref, period, but for a hidden one: show it")
            for row in rows[:2]:
                book["Front"].append(row)
            self.assertIn('1 of the 2 sheets of the workbook read (line 2: "Front", not "Readings")', self.submit(book, "--check").stdout)

    def test_what_cannot_be_read_says_where(self):
        header = ["ref", "period", "value", "our own"]
        row = ["W1", "2022-03", 5]
        self.refused(self.book(header, ["W1", "2022-03", "=1+1"]), 'sheet "Readings", cell C2: a formula without its result: open the workbook in a spreadsheet')
        self.assertEqual(self.submit(self.book(header, [*row, "=1+1"]), "--check").returncode, 0, "in a column that is left out it does not matter")
        self.refused(self.book(["ref", "value"], ["W1", 5], title="Figures"), "no sheet of the workbook has a row with the columns ref, period", '"Figures"')
        two = self.book(header, row)
        two.create_sheet("More").append(header)
        self.refused(two, "more than one sheet", '"Readings", "More"')
        self.refused(self.book(header, row + [None] * 300 + ["x"]), 'sheet "Readings", cell KR2: a table may have 256 columns')
        errors = self.book(header, ["W1", "2022-03", "#DIV/0!"], ["W2", "#N/A", 5, "#REF!"])
        self.refused(errors, 'sheet "Readings", cell C2: "#DIV/0!" is a spreadsheet\'s error: mend the cell', 'cell B3: "#N/A"')
        self.assertNotIn("D3", self.submit(errors, "--check", check=False).stderr)
        self.refused(self.book(header, ["W1", "2022-03", datetime.time(3, 45)], ["W2", "2022-03", datetime.timedelta(hours=30)]), "cell C2: is shown as a time, and is the number 0.15625", "cell C3: is shown as a time")
        # Of the right kind, and no figure: told as of any file.
        self.refused(self.book(header, ["W1", "2022-03", True], ["W2", "2022-03", "many"], ["W3", "2022-03", datetime.date(2022, 3, 1)]), "line 2", "TRUE", "line 3", "many", "line 4", "2022-03-01")

    def test_merged_cells(self):
        book = self.book(["Figures of March"], ["ref", "period", "value", "our own"], ["W1", "2022-03", 5, "x"], ["W2", "2022-03"], ["Source: our own system, as of March"])
        for area in ("A1:D1", "D3:D4", "A5:D6"):  # Words, and what is left out.
            book.active.merge_cells(area)
        self.assertIn("1 rows checked", self.submit(book, "--check").stdout)
        book.active.merge_cells("C3:C4")
        self.refused(book, 'sheet "Readings", cells C3:C4: are merged, and it does not show which row or column has the figure: unmerge them')

    def test_figures_are_those_that_were_saved(self):
        formats = {"@": "7", "0": "85.714285714", "0%": "0.857142857142857", "0.0": "0.30000000000000004", "#,##0,,": "206933536.09", '0.0"%"': "71.55", "0.00E+00": "1E-7", "dd/mm/yyyy": "-1"}
        book = self.book(["ref", "period", "value"])
        for i, (number_format, number) in enumerate(formats.items(), 2):
            book.active.append(["W1" if "%" in number_format and '"' not in number_format else "W2", f"2021-{i:02}", float(number)])
            book.active.cell(i, 3).number_format = number_format
        self.refused(book, "cell C9: is shown as a date, and is the number -1: format the cell as General")
        book.active.delete_rows(9)
        told = self.submit(book).stdout
        self.assertIn('1 figures with more digits behind the point than are recorded, rounded (line 4, value: "85.7142857142857" as "85.714285714")', told)
        exported = [row["value"] for row in csv.DictReader(io.StringIO(self.stack.cli("readings", "export", "--from", "2021-02", "--to", "2021-08").stdout, newline=""))]
        self.assertEqual(sorted(exported), sorted(["7", "85.714285714", "85.714285714", "0.3", "206933536.09", "71.55", "0.0000001"]))
        # Texts are read as in any file; another figure than the one in force is another, though a CSV of the one would show it so.
        told = self.submit(self.book(["ref", "period", "value"], ["W2", "2021-06", "206,933,536.09"], ["W1", "2021-04", "85.714285714%"]), "--check").stdout
        self.assertIn("2 readings are in force already", told)
        self.assertIn("1 of what was in force would be replaced", self.submit(self.book(["ref", "period", "value"], ["W2", "2021-06", 206933536.1]), "--check").stdout)

    def test_days_count_from_1900_or_1904(self):
        for since, day in ((0, 44621), (1, 43159)):
            told = self.read(row(2, text("A2", "W1"), cell("B2", day, s=1), cell("C2", 5)), book=f'<workbookPr date1904="{since}"/>')
            self.assertEqual(told.returncode, 0, told.stderr)
            self.assertIn('"2022-03-01"', told.stdout)
        told = self.read(row(2, text("A2", "W1"), cell("B2", 60, s=1), cell("C2", 5)))
        self.assertIn("cell B2: is shown as a date, and is the number 60", told.stderr)

    def test_results_that_nobody_worked_out_are_refused(self):
        rows = row(2, text("A2", "W1"), text("B2", "2022-03"), cell("C2", 0, f="6*7"))
        self.assertEqual(self.read(rows).returncode, 0)
        self.assertIn("cell C2: a formula without its result", self.read(rows, book='<calcPr fullCalcOnLoad="1"/>').stderr, "XlsxWriter's 0 is none")

    def test_workbooks_that_are_broken(self):
        whole = io.BytesIO()
        self.book(["ref", "period", "value"], ["W1", "2022-03", 5]).save(whole)
        for end in (30, 1000, -200):
            self.refused(whole.getvalue()[:end], "it was cut; save it again")
        self.refused(b"\xd0\xcf\x11\xe0" + b"x" * 100, "a workbook of an old kind (.xls), or one with a password")
        good = parts(HEADER + row(2, '<c r="A2" t="s"><v>1</v></c>', text("B2", "2022-03"), cell("C2", 5)))
        self.assertIn("1 rows checked", self.submit(packed(good), "--check").stdout)
        sheet, book, list_, top = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"
        for part, old, new, words in (
                (top, "xl/workbook.xml", "xl/other.xml", '"xl/other.xml": this part of the workbook is missing'),
                (top, "workbook.xml", "workbook.bin", "no Excel Workbook (.xlsx)"),
                (top, "officeDocument\"", "other\"", "no Excel Workbook (.xlsx)"),
                (list_, "rId1", "rId9", 'sheet "Readings": the workbook does not say where it is'),
                (list_, "worksheets/sheet1.xml", "../../../etc/passwd", '"etc/passwd": this part of the workbook is missing'),
                (list_, "worksheets/sheet1.xml", "styles.xml", "no sheet of the workbook has a row"),
                (list_, 'worksheet"', 'chartsheet"', "no sheet of the workbook has a row"),
                (list_, 'Id="rId2"', 'Id="rId1"', '"rId1" is there twice'),
                (list_, "/sharedStrings\"", "/other\"", 'no sheet of the workbook has a row with the columns ref, period; one is read. Its sheets: "Readings"; and sheet "Readings", cell A1: its text is missing'),
                (sheet, "<v>1</v>", "<v>2</v>", 'sheet "Readings", cell A2: its text is missing in the workbook'),
                (book, "</sheets>", '<sheet name="x" sheetId="2" r:id="rId1"/>' * 256 + "</sheets>", "more than 256 sheets"),
                (sheet, "<worksheet", '<!DOCTYPE x [<!ENTITY a "5">]><worksheet', f'"{sheet}": no workbook has a document type'),
                (sheet, "<v>5</v>", "<v>&a;</v>", f'"{sheet}": line 1: undefined entity'),
                (sheet, "</worksheet>", "", f'"{sheet}": line 1: no element found'),
                (sheet, "<v>5</v>", "<v>0x10</v>", 'sheet "Readings", cell C2: "0x10" is no number'),
                (sheet, "<v>5</v>", "<v>1e999</v>", 'cell C2: "1e999" is no number'),
                (sheet, 'r="C2"', 'r="B2"', 'sheet "Readings", cell "B2": stands where C2 or one behind it is to stand'),
                (sheet, 'r="C2"', 'r="C1"', 'sheet "Readings", cell "C1": stands where C2 or one behind it is to stand'),
                (sheet, '<row r="2">', '<row r="1">', 'sheet "Readings", row 1: stands behind row 1'),
                (sheet, '<row r="2">', '<row r="1048577">', 'sheet "Readings", row "1048577": no sheet has such a row'),
                (sheet, "</sheetData>", '</sheetData><mergeCells><mergeCell ref="?"/></mergeCells>', 'cells "?": are merged, and are no cells')):
            with self.subTest(words):
                self.assertIn(old, good[part])
                self.refused(packed({**good, part: good[part].replace(old, new)}), words)
        self.refused(packed({name: content for name, content in good.items() if name != top}), "no Excel Workbook (.xlsx)")
        self.refused(packed(good, {sheet.upper(): good[sheet]}), '"XL/WORKSHEETS/SHEET1.XML": this part of the workbook is there twice')
        damaged = bytearray(packed(good, method=zipfile.ZIP_STORED))
        damaged[damaged.index(b"<v>5</v>") + 3] = ord("6")
        self.refused(bytes(damaged), f'"{sheet}": this part of the workbook is damaged')

    def test_what_is_made_to_use_up_memory_is_refused(self):
        good = parts(HEADER)
        sheet = "xl/worksheets/sheet1.xml"
        most = resource.getrlimit(resource.RLIMIT_DATA)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_DATA, most)
        if BUILD.name != "asan":  # Which wants terabytes.
            resource.setrlimit(resource.RLIMIT_DATA, (800 << 20, most[1]))  # Of the program, which inherits it.

        def of_rows(rows):
            return good[sheet].replace("</sheetData>", rows + "</sheetData>")

        long_string = good["xl/sharedStrings.xml"].replace("<si>", "<si><t>" + "x" * 1_000_000 + "</t></si><si>", 1)
        for part, content, words in ((sheet, " " * (100 << 20), "holds more than 64 MiB"),
                                     (sheet, good[sheet].split("<sheetData>")[0] + "<a>" * 1_000_000, "no workbook has so deep or so long a part"),
                                     (sheet, good[sheet].replace("<sheetData>", "<sheetData " + " ".join(f'a{i}=""' for i in range(1_000_000)) + ">"), "no workbook has so deep or so long a part"),
                                     (sheet, of_rows("".join(f'<row><c r="IV{i}"><v>1</v></c></row>' for i in range(2, 20_000))), "holds too many cells"),
                                     (sheet, of_rows("<row><c><v>1</v></c></row>" * 1_048_575), "holds too many cells"),
                                     (sheet, of_rows('<row><c t="e"><v>#N/A</v></c></row>' * 500_000), "holds too many cells"),
                                     ("xl/sharedStrings.xml", good["xl/sharedStrings.xml"].replace("</sst>", "<si/>" * 3_000_000 + "</sst>"), "holds too many cells"),
                                     ("xl/sharedStrings.xml", long_string, "holds too many cells")):
            rows = of_rows('<row><c t="s"><v>0</v></c></row>' * 100) if content is long_string else good[sheet]
            with self.subTest(words):
                bomb = packed({**good, sheet: rows, part: content})
                self.assertLess(len(bomb), 8 << 20)
                self.refused(bomb, words)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relations(*of):
    each = (f'<Relationship Id="{id_}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for id_, kind, target in of)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(each)}</Relationships>'


def text(place, words):
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def cell(place, value, s=0, f=None):
    return f'<c r="{place}" s="{s}">{f"<f>{f}</f>" if f else ""}<v>{value}</v></c>'


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


HEADER = row(1, '<c r="A1" t="s"><v>0</v></c>', text("B1", "period"), text("C1", "value"))


def parts(rows, book=""):
    """Those of a workbook, by name; its second style is a date."""
    return {"_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{book}<sheets><sheet name="Readings" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "styles", "styles.xml"), ("rId3", "sharedStrings", "/xl/sharedStrings.xml")),
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="17"/></cellXfs></styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><r><t>r</t></r><r><t>ef</t></r><rPh><t>spoken</t></rPh></si><si><t>W1</t></si></sst>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'}


def packed(of, more=None, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in [*of.items(), *(more or {}).items()]:
            archive.writestr(name, content)
    return made.getvalue()


if __name__ == "__main__":
    unittest.main()
