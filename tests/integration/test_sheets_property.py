"""Files as spreadsheets make them, in any order, twice, cut and old, mixed with corrections and withdrawals of feeds: after each
the figures in force are those of the rules, and whoever was overruled was told.

The rules, as a model that shares nothing with the services: a row that says what is in force changes nothing; one that says what
was in force before stays out, until --again; one that edits an exported row that is still in force takes its place; one that
edits an exported row that is in force no more stays out; any other takes force. BELLWETHER_SEED=N repeats a run."""

import csv
import decimal
import io
import os
import pathlib
import random
import tempfile
import unittest

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from stack import COUNCIL, PATIENCE, StackTest, indicator, reading

STEPS = int(os.environ.get("BELLWETHER_STEPS", "60"))
REFS = ("P1", "P2", "9.10")
MONTHS = ("2022-01", "2022-02", "2022-03")
VALUES = ("91.00", "90.50", "80", "95.5", "206933536.09", "0.10", "-3.5", "1200")
NAMES = {"2022-01": "Jan-22", "2022-02": "Feb-22", "2022-03": "Mar-22"}


def shown(value):
    """A figure in a spreadsheet's cell, by its own rules: no trailing zeros, eleven characters."""
    number = decimal.Decimal(value)
    if len(value) > 11:
        number = number.quantize(decimal.Decimal(1).scaleb(-(10 - len(str(int(number))))), rounding=decimal.ROUND_HALF_UP)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Model:
    """What is in force, and what ever was, by ref and month."""

    def __init__(self):
        self.in_force = {}  # Values.
        self.ids = {}
        self.seen = {}  # Values that ever took force.
        self.old_ids = {}

    def put(self, key, value, reading_id):
        if key in self.ids:
            self.old_ids.setdefault(key, set()).add(self.ids[key])
        self.in_force[key] = value
        self.ids[key] = reading_id
        self.seen.setdefault(key, set()).add(value)

    def withdraw(self, key):
        self.old_ids.setdefault(key, set()).add(self.ids.pop(key))
        del self.in_force[key]

    def expects(self, key, value, reading_id, again):
        """Of a row: whether it takes force, and whether somebody is to be told."""
        def same(other):  # A figure that comes back as a spreadsheet shows it says the same.
            return decimal.Decimal(other) == decimal.Decimal(value) or shown(other) == value

        now = self.in_force.get(key)
        if now is not None and (now == value if again else same(now)):
            return False, False
        if reading_id and reading_id == self.ids.get(key):
            return True, True
        old = any(same(other) for other in self.seen.get(key, ())) or reading_id in self.old_ids.get(key, ())
        if old and not again:
            return False, True
        return True, key in self.seen


class SheetsPropertyTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), *(indicator(f'"{ref}"', target=None) for ref in REFS))

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "sheet.csv"
        self.seed = int(os.environ.get("BELLWETHER_SEED", random.SystemRandom().randrange(1 << 32)))
        self.random = random.Random(self.seed)
        self.model = Model()
        self.position = None

    def spreadsheet(self, rows, as_written):
        """A table as a spreadsheet saves it: whatever it changes by itself, and what people add. And what its rows now say."""
        header = [c for c in rows[0] if any(row[c] for row in rows) or c in ("ref", "period", "value")]
        said = []
        random_ = self.random
        separator = random_.choice([",", ",", ";", "\t"])
        comma = separator == ";"
        rows = [{**row, "ref": "'9.10" if row["ref"] == "9.10" else row["ref"]} for row in rows]
        random_.shuffle(rows)
        for row in rows:
            period = row["period"]
            row["period"] = random_.choice([period, NAMES[period]])
            if random_.random() < 0.7 and not as_written:
                row["value"] = shown(row["value"])
            said.append({**row, "period": period, "ref": row["ref"].removeprefix("'")})
            if random_.random() < 0.1:
                row["value"] = f" {row['value']} "
            if comma:
                row["value"] = row["value"].replace(".", ",")
        if comma and all("," not in row["value"] for row in rows):
            separator = ","
        columns = list(header)
        random_.shuffle(columns)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=separator, lineterminator=random_.choice(["\r\n", "\n"]))
        if random_.random() < 0.3:
            writer.writerow(["Performance of the month", *[""] * (len(columns) - 1)])
        writer.writerow([random_.choice([c, c.upper(), f"{c} ", c.replace("_", " ")]) for c in columns] + [""] * random_.randrange(2))
        for row in rows:
            writer.writerow([row[c] for c in columns] + [""] * random_.randrange(2))
            if random_.random() < 0.1:
                writer.writerow([""] * len(columns))
        if random_.random() < 0.3:
            writer.writerow(["Source: the team of figures", *[""] * (len(columns) - 1)])
        text = out.getvalue()
        return random_.choice([lambda: text.encode(), lambda: b"\xef\xbb\xbf" + text.encode(), lambda: text.encode("utf-16")])(), said

    def submit(self, content, rows, again):
        """Submits, and holds what became of it against the model."""
        self.path.write_bytes(content)
        arguments = ["--again"] if again else []
        check = self.stack.cli("readings", "submit", "--check", str(self.path), *arguments, check=False)
        before = self.listed()[0]
        result = self.stack.cli("readings", "submit", str(self.path), *arguments, check=False)
        said = result.stdout + result.stderr
        told = {}
        for line in said.splitlines():
            for key in (f"({ref} {month})" for ref in REFS for month in MONTHS):
                if key in line:
                    told.setdefault(key, []).append(line)
        after, ids = self.listed()
        self.assertEqual(before, self.model.in_force, f"a check records nothing: {check.stdout}")
        for row in rows:
            key = (row["ref"], row["period"])
            value = row["value"]
            takes, tells = self.model.expects(key, value, row.get("reading_id", ""), again)
            place = f"({key[0]} {key[1]})"
            if tells:
                self.assertIn(place, told, f"nobody was told of {row}: {said}")
                self.assertIn(place, check.stdout, f"the check did not tell of {row}")
            if takes:
                self.assertEqual(decimal.Decimal(after[key]), decimal.Decimal(value), f"{row} took no force: {said}")
                self.model.put(key, after[key], ids[key])
        self.assertEqual(after, self.model.in_force, said)

    def listed(self):
        answer = self.query.ListReadings(query_pb.ListReadingsRequest(council=COUNCIL, min_position=self.position), timeout=PATIENCE)
        readings = [r.reading for r in answer.readings if r.HasField("reading")]
        return ({(r.ref, r.period): r.measurement.value.value for r in readings}, {(r.ref, r.period): r.reading_id for r in readings})

    def exported(self):
        text = self.stack.cli("readings", "export").stdout
        return [{**row, "ref": row["ref"].removeprefix("'")} for row in csv.DictReader(io.StringIO(text, newline=""))]

    def some_rows(self):
        keys = [(ref, month) for ref in REFS for month in MONTHS]
        return [{"ref": ref, "period": month, "value": self.random.choice(VALUES)} for ref, month in self.random.sample(keys, self.random.randint(1, 6))]

    def feed(self, key, value):
        """A correction as a feed sends it, with an id of its own."""
        r = reading(*key, value, corrects=self.model.ids.get(key, ""))
        (result,) = self.record(r)
        self.position = result.position
        self.listed()
        self.model.put(key, value, r.reading_id)

    def test_the_figures_in_force_are_those_of_the_rules(self):
        random_ = self.random
        workbooks = []
        exports = []
        with self.subTest(f"BELLWETHER_SEED={self.seed}"):
            for step in range(STEPS):
                kind = random_.choice(["workbook", "workbook", "old workbook", "cut", "export", "old export", "feed", "withdraw"])
                again = random_.random() < 0.15
                if kind == "workbook":
                    rows = self.some_rows()
                    workbooks.append(rows)
                elif kind == "old workbook" and workbooks:
                    rows = random_.choice(workbooks)
                elif kind == "cut" and workbooks:
                    rows = random_.choice(workbooks)
                    rows = rows[: random_.randint(1, len(rows))]
                elif kind in ("export", "old export") and self.model.in_force:
                    if kind == "export" or not exports:
                        exports.append(self.exported())
                    rows = [dict(row) for row in (exports[-1] if kind == "export" else random_.choice(exports))]
                    for row in random_.sample(rows, random_.randint(0, len(rows))):
                        row["value"] = random_.choice(VALUES)
                elif kind == "feed":
                    key = (random_.choice(REFS), random_.choice(MONTHS))
                    self.feed(key, random_.choice(VALUES))
                    continue
                elif kind == "withdraw" and self.model.in_force:
                    key = random_.choice(sorted(self.model.in_force))
                    w = record_pb.Withdrawal(council=COUNCIL, ref=key[0], period=key[1], reading_id=self.model.ids[key], withdrawal_id=f"w{self.seed}-{step}", reason="wrong")
                    self.position = self.ingestion.WithdrawReading(ingestion_pb.WithdrawReadingRequest(withdrawal=w), timeout=PATIENCE).position
                    self.listed()
                    self.model.withdraw(key)
                    continue
                else:
                    continue
                self.submit(*self.spreadsheet(rows, again), again)
                if random_.random() < 0.2:  # Twice.
                    self.submit(*self.spreadsheet(rows, False), False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
