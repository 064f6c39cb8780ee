#!/usr/bin/env python3
"""Writes readings.csv: two years of months of a council that does not exist. --check says whether it would write the same.

The figures come of a seed, with a season, a drift and some noise, and of events that each have their comment.
"""

import csv
import io
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).parent
COUNCIL = "E06000901"
MONTHS = [f"{year}-{month:02d}" for year, first, last in ((2023, 4, 12), (2024, 1, 12), (2025, 1, 3)) for month in range(first, last + 1)]
QUARTERS = [f"{year}-Q{quarter}" for year in ("2023-24", "2024-25") for quarter in (1, 2, 3, 4)]
COLUMNS = ("council", "ref", "period", "value", "numerator", "denominator", "mean", "weight", "observation_status", "reason", "source", "comment")


class Council:
    def __init__(self):
        self.dice = random.Random("Eastmere")
        self.rows = []

    def noise(self, size):
        """Between -size and size, near 0 more often."""
        return (self.dice.random() + self.dice.random() - 1) * size

    def add(self, ref, period, comment="", observation_status="", **figures):
        self.rows.append({"council": COUNCIL, "ref": ref, "period": period, "observation_status": observation_status, "source": "eastmere-example",
                          "comment": comment, **figures})

    def ratio(self, ref, share, size, comments=None, provisional=0, months=None):
        """Parts of a whole; `share` in per cent and `size` are functions of the month's number, from 0."""
        for n, month in enumerate(months or MONTHS):
            denominator = max(1, round(size(n) + self.noise(size(n) * 0.06)))
            numerator = min(denominator, max(0, round(denominator * share(n) / 100)))
            status = "P" if n >= len(MONTHS) - provisional else ""
            self.add(ref, month, (comments or {}).get(month, ""), status, numerator=numerator, denominator=denominator)


def season(n, height):
    """`height` in December, less the further from it."""
    return height * (1 - abs((n % 12) - 8) / 8)


def make():
    c = Council()
    # Calls: the old telephone system failed in November 2023; three of the twelve advisers left in January 2025.
    calls = [24_000 + 2_500 * (n % 12 in (0, 11)) + round(c.noise(1_500)) for n in range(24)]
    answered = [91.3 - (7.5 if n == 7 else 4 if n == 8 else 0) + n * 0.13 - {21: 3.6, 22: 4.9, 23: 8.8}.get(n, 0) + c.noise(0.8) for n in range(24)]
    said = {"2023-11": "The telephone system failed on three days of the month. Calls that never reached us are not in the figure.",
            "2024-02": "The new telephone system holds. Callers may now ask to be called back.",
            "2025-01": "Three of twelve advisers left at Christmas; two posts are filled from March.",
            "2025-03": "The third month in a row below the target. March brought the year's bills, with 2,500 calls more than usual, and two of the "
                       "three new advisers are still being trained.\n\nWe expect to be back above 90% in May."}
    for n, month in enumerate(MONTHS):
        c.add("CS1", month, said.get(month, ""), numerator=round(calls[n] * answered[n] / 100), denominator=calls[n])
        c.add("CS2", month, value=calls[n])
        c.add("CS3", month, mean=round(104 + (98 - answered[n]) * 4 - 20 + c.noise(6)), weight=round(calls[n] * answered[n] / 100))
    c.ratio("CS4", lambda n: 80 + n * 0.35 + c.noise(5), lambda n: 95,
            {"2025-03": "Two services owe most of the late answers; their heads see the list each Monday."})
    for n, month in enumerate(MONTHS):
        c.add("CS5", month, value=f"{9.9 - n * 0.035 + season(n, 0.35) + c.noise(0.12):.1f}")
    c.ratio("FI1", lambda n: 95.5 + c.noise(1.6) - (3 if n == 11 else 0), lambda n: 2_900 + (600 if n % 12 == 11 else 0),
            {"2024-03": "Invoices of the old year's last week were held for a check of duplicates, and paid in April."})
    path = [10.8, 20.1, 29.3, 38.4, 47.4, 56.4, 65.5, 74.4, 83.1, 92.0, 94.6, 97.0]
    for n, month in enumerate(MONTHS):  # The second year runs a little behind.
        collected = path[n % 12] + (0.15 if n < 12 else -0.06 * (n - 11)) + c.noise(0.12)
        c.add("FI2", month, "Reminders went out two weeks late in the autumn; what is owed is being followed up." if month == "2025-03" else "", value=f"{collected:.2f}")
    for n, month in enumerate(MONTHS):
        c.add("FI3", month, mean=f"{23.5 - n * 0.22 + season(n, 1.5) + c.noise(1.2):.1f}", weight=round(210 + c.noise(40)))
    c.ratio("PL1", lambda n: 82 + c.noise(22), lambda n: 7, {"2025-03": "Seven applications, of which two went to appeal."})
    c.ratio("PL2", lambda n: 86 + n * 0.2 + c.noise(3.5), lambda n: 118)
    for quarter, homes in zip(QUARTERS, (84, 178, 262, 371, 101, 214, 309, 402)):
        c.add("PL3", quarter, "The year's 400 homes are reached; 61 of the last 93 are at Mill Fields." if quarter == QUARTERS[-1] else "", value=homes)
    # Food waste counts from July 2024; the last three months wait for the weighbridge's returns.
    c.ratio("WA1", lambda n: (43 if n < 15 else 47.2) - season(n, 4.2) + c.noise(0.7), lambda n: 4_100 - season(n, 500),
            {"2024-07": "From this month on with food waste, which is collected apart. Figures before do not compare.",
             "2025-03": "Provisional until the weighbridge's returns of the quarter are reconciled, in May."}, provisional=3)
    for n, month in enumerate(MONTHS):
        c.add("WA2", month, observation_status="P" if n >= 21 else "", value=f"{43.2 - (2.6 if n >= 15 else 0) + season(n, 2.4) - 1.2 + c.noise(0.9):.1f}")
    for n, month in enumerate(MONTHS):  # A new contractor from October 2024.
        missed = 58 + c.noise(7) + {18: 52, 19: 34, 20: 17, 21: 9}.get(n, 0)
        size = round(312_000 + c.noise(6_000))
        c.add("WA3", month, "The new contractor's first month: rounds and crews changed at once." if month == "2024-10" else "",
              numerator=round(size * missed / 100_000), denominator=size)
    for n, month in enumerate(MONTHS):
        c.add("HO1", month, "The target is under review with the new lettings policy, which goes to Cabinet in June." if month == "2025-03" else "",
              mean=f"{26.5 + n * 0.14 + c.noise(2):.1f}", weight=round(34 + c.noise(9)))
    households = 148
    for n, month in enumerate(MONTHS):
        households += round(2.4 + c.noise(7))
        c.add("HO2", month, value=households)
    sleepers = [7, 8, 8, 9, 11, 10, 9, 7, 6, None, 6, 7, 8, 9, 10, 12, 13, 12, 11, 9, 8, 8, 9, 11]
    for month, counted in zip(MONTHS, sleepers):
        if counted is None:
            c.add("HO3", month, observation_status="Q", reason="fewer than five")
        else:
            c.add("HO3", month, value=counted)
    for quarter, satisfied in zip(QUARTERS, (78, 79, 77, 80, 81, 82, 80, 83)):
        c.add("HO4", quarter, value=satisfied)
    # November 2024 was never made: the case system changed.
    for n, month in enumerate(MONTHS):
        if month == "2024-11":
            c.dice.random()
            c.add("CA1", month, "The case system changed in this month; no figure can be made of it.", "L", reason="the case system changed")
            continue
        size = round(132 + c.noise(18))
        share = 86.5 + c.noise(3) - {18: 3, 20: 6.5, 21: 4, 22: 2.5, 23: 1.2}.get(n, 0)
        c.add("CA1", month, numerator=round(size * share / 100), denominator=size)
    c.ratio("CA2", lambda n: 92.8 + season(n, 3.2) + c.noise(1), lambda n: 240)

    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(c.rows)
    return out.getvalue()


def main():
    file = HERE / "readings.csv"
    text = make()
    if sys.argv[1:] == ["--check"]:
        if file.read_text(encoding="utf-8") != text:
            sys.exit(f"{file} is not what {pathlib.Path(__file__).name} writes")
        print(f"{text.count('eastmere-example')} readings, as they stand")
    else:
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
