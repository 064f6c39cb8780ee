"""Two hundred errors in a true council's figures (planted.py), as people make them: each kind at places that chance alone chooses, and
kept where nobody could see it, such as in the last digit. An error is one slip of one person, planted by itself in the second year."""

import dataclasses
import random
from dataclasses import replace

from planted import FIGURES, MONTHS, D, month_text

KINDS = ("typing slip", "rows shifted", "columns swapped", "wrong month", "stale copy", "share for per cent", "thousands lost",
         "numerator above denominator", "total without its parts", "status or arrow")


@dataclasses.dataclass
class Planted:
    kind: str
    way: str  # Of its kind.
    rows: list  # As they are sent.


def number_of_text(text):
    """As a spreadsheet would write what somebody typed."""
    whole, point, fraction = text.partition(".")
    return D((whole.lstrip("0") or "0") + point + fraction)


class Planter:
    def __init__(self, council, seed):
        self.chance = random.Random(f"errors {seed}")
        self.council = council
        self.rows = council.rows
        self.indicators = {i.ref: i for i in council.indicators}
        second_year = {month_text(t) for t in range(12, MONTHS)}
        self.late = [r for r in self.rows.values() if r.report in second_year]
        self.own = [r for r in self.late if not self.is_total(r)]
        self.monthly = [r for r in self.own if len(r.period) == 7 and r.period[4:6] != "-Q" and self.indicators[r.ref].frequency == "monthly"]

    def is_total(self, row):
        return row.period.endswith("-YTD") or ("-Q" in row.period and self.indicators[row.ref].frequency == "monthly")

    def before(self, row, months=1):
        """The indicator's row so many months before."""
        t = next(t for t in range(MONTHS) if month_text(t) == row.report) - months
        return self.rows.get((row.ref, month_text(t))) if t >= 0 else None

    def errors(self, each=20):
        makers = {"typing slip": self.slip, "rows shifted": self.shifted, "columns swapped": self.swapped, "wrong month": self.wrong_month,
                  "stale copy": self.stale, "share for per cent": self.share, "thousands lost": self.thousands,
                  "numerator above denominator": self.numerator, "total without its parts": self.total, "status or arrow": self.published}
        for kind in KINDS:
            for n in range(each):
                if not self.council.sent and kind in ("total without its parts", "status or arrow"):
                    continue  # There is nothing beside the months.
                planted = None
                while planted is None:  # Where this slip cannot be made, somewhere else.
                    planted = makers[kind](n)
                yield Planted(kind, *planted)

    def slip(self, n):
        way = ("doubled", "dropped", "transposed", "point shifted")[n % 4]
        row = self.chance.choice(self.late)
        column = self.chance.choice(row.figures())
        text = str(getattr(row, column))
        digits = [i for i, c in enumerate(text) if c.isdigit()]
        if way == "point shifted":
            typed = D(text).scaleb(self.chance.choice((1, -1)))
        else:
            i = self.chance.choice(digits)
            if way == "doubled":
                typed = text[:i] + text[i] + text[i:]
            elif way == "dropped":
                typed = text[:i] + text[i + 1:]
            elif i + 1 < len(text) and text[i + 1].isdigit():
                typed = text[:i] + text[i + 1] + text[i] + text[i + 2:]
            else:
                return None
            if not typed or typed[0] == "." or typed[-1] == ".":
                return None
            typed = number_of_text(typed)
        if typed == getattr(row, column):
            return None
        return way, [replace(row, **{column: +typed})]

    @staticmethod
    def figures_of(row):
        return {c: getattr(row, c) for c in FIGURES}

    def shifted(self, n):
        """In a month's sheet a few rows' figures stand one row too low, or too high."""
        count = 2 + n % 4
        report = self.chance.choice(self.monthly).report
        sheet = [r for r in self.monthly if r.report == report]
        first = self.chance.randrange(len(sheet) - count)
        block = sheet[first:first + count + 1]
        if n % 2:
            return "up", [replace(to, **self.figures_of(of)) for to, of in zip(block, block[1:])]
        return "down", [replace(to, **self.figures_of(of)) for to, of in zip(block[1:], block)]

    def swapped(self, n):
        way = ("numerator and denominator", "two indicators", "this month and last")[n % 3]
        row = self.chance.choice(self.late if n % 3 == 0 else self.monthly)
        if n % 3 == 0:
            if row.numerator is None or row.numerator == row.denominator:
                return None
            return way, [replace(row, numerator=row.denominator, denominator=row.numerator)]
        if n % 3 == 1:
            # Somewhere near in the same month's sheet.
            sheet = [r for r in self.monthly if r.report == row.report]
            at = sheet.index(row)
            other = self.chance.choice(sheet[max(0, at - 3):at] + sheet[at + 1:at + 4])
        else:
            other = self.before(row)
        if other is None or self.figures_of(row) == self.figures_of(other):
            return None
        return way, [replace(row, **self.figures_of(other)), replace(other, **self.figures_of(row))]

    def wrong_month(self, n):
        way = ("another month's figure", "a month too early", "another month's figure", "a year too early")[n % 4]
        row = self.chance.choice(self.monthly)
        other = self.before(row, {1: 1, 3: 12}.get(n % 4) or self.chance.randrange(2, 13))
        if other is None or self.figures_of(row) == self.figures_of(other):
            return None
        if n % 4 in (1, 3):  # The period is wrong: it stands on an earlier one.
            return way, [replace(row, period=other.period, report=other.report)]
        return way, [replace(row, **self.figures_of(other))]

    def stale(self, n):
        row = self.chance.choice(self.monthly)
        last = self.before(row)
        if last is None or self.figures_of(row) == self.figures_of(last):
            return None
        if n % 2:
            return "the whole row", [replace(last, period=row.period, report=row.report)]
        return "the figure", [replace(row, **self.figures_of(last))]

    def share(self, _):
        row = self.chance.choice(self.late)
        if self.indicators[row.ref].unit != "percent" or row.value is None:
            return None
        return "a hundredth", [replace(row, value=row.value.scaleb(-2))]

    def thousands(self, _):
        row = self.chance.choice(self.late)
        column = self.chance.choice(row.figures())
        if getattr(row, column) < 1000:
            return None
        return "in thousands", [replace(row, **{column: getattr(row, column).scaleb(-3).quantize(D(1))})]

    def numerator(self, _):
        row = self.chance.choice(self.late)
        if row.numerator is None:
            return None
        above = max(1, round(float(row.denominator) * self.chance.uniform(0.01, 0.3)))
        return "one typed wrong", [replace(row, numerator=row.denominator + above)]

    def total(self, n):
        way = ("a part left out", "the total before")[n % 2]
        row = self.chance.choice([r for r in self.late if self.is_total(r) and self.indicators[r.ref].rule != "supplied"])
        t = next(t for t in range(MONTHS) if month_text(t) == row.report)
        months = range(t - t % 12, t + 1) if row.period.endswith("-YTD") else range(t - 2, t + 1)
        if way == "the total before":
            old = self.rows.get((row.ref, month_text(t - 1) + "-YTD"))
            if old is None or not row.period.endswith("-YTD") or t % 12 == 0 or self.figures_of(old) == self.figures_of(row):
                return None
            return way, [replace(row, **self.figures_of(old))]
        part = self.rows.get((row.ref, month_text(self.chance.choice(months))))
        if self.indicators[row.ref].rule not in ("sum", "ratio") or len(months) == 1 or part is None:
            return None
        columns = [c for c in ("numerator", "denominator") if getattr(row, c) is not None] or ["value"]
        made = {c: getattr(row, c) - getattr(part, c) for c in columns}
        if columns != ["value"] and row.value is not None:
            made["value"] = None if made["denominator"] == 0 else (made["numerator"] * 100 / made["denominator"]).quantize(row.value)
        if all(made[c] == getattr(row, c) for c in columns):
            return None
        return way, [replace(row, **made)]

    def published(self, n):
        way = ("arrow", "status")[n % 2]
        row = self.chance.choice(self.own)
        said = getattr(row, way)
        if not said:
            return None
        others = [w for w in ({"arrow": ("+", "=", "~", "!"), "status": ("green", "amber", "red")}[way]) if w != said]
        return way, [replace(row, **{way: self.chance.choice(others)})]
