"""The February 2022 report, end to end: what went in comes out, rated by its own keys."""

import collections
import contextlib
import csv
import os
import pty
import re
import subprocess
import tempfile
import unittest

from stack import BIN, COUNCIL, EXAMPLE, StackTest

ARROW_VARIANTS = str.maketrans({"⇧": "↑", "⬆": "↑", "⇨": "→", "➔": "→", "⇒": "→", "⇩": "↓", "⬇": "↓", "\ufe0f": None, " ": None})


class ReportTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stack.load_example()
        cls.rows = cls.stack.cli_csv("report", "--period", "2022-02")
        with open(EXAMPLE / "readings-2022-02.csv", newline="", encoding="utf-8") as file:
            cls.readings = list(csv.DictReader(file))

    def test_all_rows_stand_in_the_reports_order(self):
        order = re.findall(r"^  - ref: (\S+)", (EXAMPLE / "catalogue.yaml").read_text(encoding="utf-8"), re.M)
        self.assertEqual(len(order), 67)
        self.assertEqual([row["ref"] for row in self.rows], order)

    def test_every_published_figure_stands_in_its_cell(self):
        rows = {row["ref"]: row for row in self.rows}
        seen = 0
        for reading in self.readings:
            figure = reading["value"] or reading["mean"]
            if not figure:
                continue
            row = rows[reading["ref"]]
            period = reading["period"]
            if period.endswith("-YTD"):
                column = "ytd"
            elif "-Q" in period:
                column = "q" + period[-1]
            elif period == row["current_period"]:
                column = "current"
            else:
                self.assertEqual(period, row["previous_period"])
                column = "previous"
            self.assertEqual(row[column], figure, f"{reading['ref']} {period}")
            seen += 1
        self.assertEqual(seen, 397)

    def test_statuses(self):
        now = collections.Counter(row["status"] for row in self.rows)
        now["tracking"] += now.pop("no-rag", 0)
        self.assertEqual(now, {"green": 23, "amber": 10, "red": 6, "tracking": 28})
        ytd = collections.Counter(row["ytd_status"] for row in self.rows)
        ytd["tracking"] += ytd.pop("no-rag", 0)
        self.assertEqual(ytd, {"green": 17, "amber": 13, "red": 5, "tracking": 27, "": 5})
        by_ref = {row["ref"]: row for row in self.rows}
        self.assertEqual({r for r, row in by_ref.items() if row["status"] == "red"}, {"T44", "T29", "T36", "T79", "T80", "T93"})
        self.assertEqual({r for r, row in by_ref.items() if row["ytd_status"] == "red"}, {"T21a", "T44", "T79", "T80", "T93"})

    def test_arrows_are_the_published_ones_but_for_three(self):
        def fold(arrow):
            return arrow.translate(ARROW_VARIANTS)

        differing = {row["ref"] for row in self.rows if fold(row["arrow"]) != fold(row["published_arrow"])}
        self.assertEqual(differing, {"T21b", "T45", "T58"})
        self.assertEqual({row["arrow"] for row in self.rows if row["polarity"] == "none"}, {"⇧", "⇨", "⇩"})

    def test_findings(self):
        found = self.stack.cli_csv("findings", "--period", "2022-02")
        self.assertEqual(
            sorted((f["kind"], f["ref"], f["period"]) for f in found),
            sorted(
                [("arrow", ref, "2022-02") for ref in ("T21b", "T45", "T58")]
                + [("parts-and-total", ref, "2022-02-YTD") for ref in ("T21a", "T21b", "T1", "T2", "T3")]
                + [("running-total", ref, "2022-02") for ref in ("T15", "T16")]
                + [("same-population", "T27", "2022-02")]
            ),
        )
        by_ref = {(f["kind"], f["ref"]): f for f in found}
        t1 = by_ref["parts-and-total", "T1"]
        self.assertEqual((t1["published"], t1["computed"], t1["difference"]), ("82/88", "81/86", "1/2"))
        self.assertEqual(by_ref["parts-and-total", "T21b"]["difference"], "-30487")
        for finding in found:
            self.assertGreater(len(finding["explanation"]), 40, finding)

    def test_export_gives_back_what_went_in(self):
        text = self.stack.cli("readings", "export").stdout
        exported = {(r["ref"], r["period"]): r for r in csv.DictReader(text.splitlines(keepends=True))}
        self.assertEqual(len(exported), len(self.readings))
        for reading in self.readings:
            row = exported[reading["ref"], reading["period"]]
            self.assertEqual(bool(row.pop("comment_id")), bool(reading["comment"]), row)
            self.assertEqual(row, reading)

    def test_what_export_writes_submit_takes_and_nothing_changes(self):
        text = self.stack.cli("readings", "export").stdout
        path = self.file_of(text)
        result = self.stack.cli("readings", "submit", path)
        self.assertIn("397 readings are in force already", result.stdout)
        self.assertEqual(self.rows, self.stack.cli_csv("report", "--period", "2022-02"))

    def file_of(self, text):
        file = tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8")
        self.addCleanup(file.close)
        file.write(text)
        file.flush()
        return file.name

    def test_explanation(self):
        text = self.stack.cli("explain", "T45", "--period", "2022-02").stdout
        self.assertIn("75%", text)
        self.assertIn("65%", text)
        self.assertIn("worse-within-tolerance", text)

    def test_table_respects_the_width(self):
        for width in (40, 50, 62, 80, 92, 100, 120, 150, 200):
            with self.subTest(width=width):
                text = self.stack.cli("report", "--period", "2022-02", environment={"COLUMNS": str(width)}).stdout
                self.assertEqual([line for line in text.splitlines()[1:] if len(line) > width], [])
                self.assertEqual(len(re.findall(r"^T\d", text, re.MULTILINE)), 67)
                self.assertIn("● Green", text)

    def test_the_wide_table_has_the_quarters_and_room_for_words(self):
        def heads(width):
            text = self.stack.cli("report", "--period", "2022-02", environment={"COLUMNS": str(width)}).stdout
            return re.split(r" {2,}", text.splitlines()[2])

        self.assertEqual(heads(80), ["Ref", "Indicator", "Current", "Status", "Dir.", "Target"])
        self.assertEqual(heads(120), ["Ref", "Indicator", "Year to date", "Previous", "Current", "Status", "Dir.", "Target"])
        self.assertEqual(heads(200), ["Ref", "Indicator", "Q1", "Q2", "Q3", "Q4", "Year to date", "Previous", "Current", "Status", "Dir.", "Target"])

    def test_an_indicator_has_its_chart_at_every_width(self):
        for width in (80, 120, 200):
            with self.subTest(width=width):
                text = self.stack.cli("indicator", "T21a", environment={"COLUMNS": str(width)}).stdout
                self.assertEqual([line for line in text.splitlines() if len(line) > width], [])
                self.assertIn("87.78% in February 2022, below its target of 90% since April 2021\n", text)
                for sign in ("90% ┤", "└┴", "● actual", "═ only the quarter's figure is known", "─ target", "· tolerated"):
                    self.assertIn(sign, text)

    def test_a_font_without_arrows_has_them_spelled(self):
        for command in (("report", "--period", "2022-02"), ("indicator", "T21a"), ("findings", "--period", "2022-02"), ("explain", "T45"), ("catalogue", "show"),
                        ("changes", "--from", "2022-01", "--to", "2022-02")):
            text = self.stack.cli("--ascii", *command).stdout
            self.assertEqual({c for c in text if ord(c) > 126} - {"£"}, set(), command)
        self.assertIn("- target   . tolerated", self.stack.cli("--ascii", "indicator", "T21a").stdout)
        self.assertRegex(self.stack.cli("--ascii", "report", "--period", "2022-02").stdout, r"\* Green +down G +21\b")

    def test_a_terminal_has_colour_unless_it_is_not_wanted(self):
        for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)):
            shown, end = pty.openpty()
            with os.fdopen(shown, "rb", buffering=0) as shown:
                with subprocess.Popen([BIN / "bellwether", "report", "--period", "2022-02"], stdout=end, stdin=subprocess.DEVNULL,
                                      env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "BELLWETHER_COUNCIL": COUNCIL,
                                           "BELLWETHER_QUERY": self.stack.address(self.stack.query), **environment}) as command:
                    os.close(end)
                    text = b""
                    with contextlib.suppress(OSError):  # EIO: it has ended.
                        while part := shown.read(65536):
                            text += part
                self.assertEqual(command.returncode, 0)
            self.assertEqual(b"\x1b[38;2;" in text, coloured, environment)
            self.assertEqual(b"\x1b" in text, coloured, environment)

    def test_catalogue_apply_again_changes_nothing(self):
        result = self.stack.cli("catalogue", "apply", str(EXAMPLE / "catalogue.yaml"))
        self.assertIn("67 unchanged", result.stdout)

    def test_council_is_known(self):
        self.assertEqual({r["council"] for r in self.readings}, {COUNCIL})


if __name__ == "__main__":
    unittest.main(verbosity=2)
