#!/usr/bin/env python3
"""Proves catalogue.yaml and readings-2022-02.csv against the report's text, and prints how much it compared.

It goes the other way round than transcribe.py: from the readings and the catalogue it writes each cell as the report
prints it and compares that with the text, character by character. So a figure that is wrong, missing or too many cannot
pass. Exit code 0: all agrees; 1: something does not, each with its place.
"""

import csv
import html
import re
import sys
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import plain_yaml
import report
import transcribe

CATALOGUE = Path(__file__).with_name("catalogue.yaml")

_SUFFIXES = {"percent": "%", "days": " days", "count": "", "tonnes": "", "per 100,000": ""}
_DEFAULT_COMPARATOR = ("Unitary Councils in England, average", "2020/21")
# What a cell may say about when its figure is from, by the last month of its period.
_WHEN = {
    "2021-06": ("(Jun)", "(Jun 2021)", "(June 2021)", "(Apr - Jun)"),
    "2021-09": ("(Sep)", "(Sep 2021)", "(Sept 2021)", "(Apr-Sep)"),
    "2021-12": ("(Dec)", "(Dec 2021)", "(Apr-Dec)"),
    "2022-01": ("(Jan 2022)", "(YTD)"),
    "2022-02": ("(YTD)", "YTD"),
}
_LAST_MONTH = {"Q1": "2021-06", "Q2": "2021-09", "Q3": "2021-12"}


class Proof:
    """Counts what agrees and keeps what does not."""

    def __init__(self):
        self.agreed = Counter()
        self.faults = []

    def same(self, kind, place, ours, printed):
        if ours == printed:
            self.agreed[kind] += 1
        else:
            self.faults.append(f"{place}: {kind}: ours is {ours!r}, the report's {printed!r}")


def pounds(amount):
    """12345.60 as £12,345.60."""
    whole, point, pence = amount.partition(".")
    return f"£{int(whole):,}{point}{pence}"


def render_cell(reading, suffix):
    """A reading as the report prints it, without a word on when it is from."""
    printed = (reading["value"] or reading["mean"]) + suffix
    # T58's volume stands on its second line, every other one in brackets.
    if reading["volume"] and reading["ref"] != "T58":
        printed += f" ({int(reading['volume']):,})"
    if reading["attainment"]:
        printed += f" {reading['attainment']}% achieved of the target {pounds(reading['amount'])}"
    if reading["amount_in_period"]:
        printed += f" {pounds(reading['amount_in_period'])} (collected in Feb)"
    return printed


def render_detail(reading):
    """What the row's second line prints for a reading; "" where there is none."""
    if reading["denominator"]:
        return f"{reading['numerator']} out of {reading['denominator']}"
    if reading["weight"]:
        return f"{reading['weight']} {'claims' if reading['ref'] == 'T17' else 'changes'}"
    return reading["volume"] if reading["ref"] == "T58" else ""


def without_when(cell, month):
    """A cell as printed, less the words on when its figure is from, if they name the column's month."""
    for words in _WHEN.get(month, ()):
        cell = re.sub(rf"(?<=\d|%) ?{re.escape(words)}(?= |$)", "", cell, count=1)
    return cell


def check_readings(proof, rows, indicators, readings):
    expected = set()
    text_lines = report.REPORT.read_text(encoding="utf-8").splitlines()
    for row in rows:
        suffix = _SUFFIXES[indicators[row.ref]["unit"]]
        for column in report.COLUMNS:
            period = transcribe.period_of(row, column)
            place = f"{row.ref} {period}"
            reading = readings.get((row.ref, period))
            if row.cells[column].lower() == "n/a":
                proof.same("cells without a figure (n/a)", place, reading, None)
                if column == "YTD":
                    proof.same("year to date not shown", place, indicators[row.ref]["year_to_date_rule"], "not-shown")
                continue
            expected.add((row.ref, period))
            if not reading:
                proof.faults.append(f"{place}: no reading of {row.cells[column]!r}")
                continue
            month = _LAST_MONTH.get(column) or row.months[0 if column == "previous" else 1]
            # The January cell of T15 says (YTD), although it is the column before the last.
            printed = without_when(row.cells[column], month)
            proof.same("cells", place, render_cell(reading, suffix), printed)
            proof.same("second lines" if row.details else "cells without a second line", place,
                       render_detail(reading), row.details.get(column, ""))
            check_labels(proof, row, column, reading, text_lines)
    for ref, period in readings.keys() - expected:
        proof.faults.append(f"{ref} {period}: a reading that the report does not have")


def comment_in(line, comment):
    """Whether the row's line ends in a comment, as plain text or as paragraphs in markup."""
    marked_up = "".join(f"<p>{paragraph}</p> " for paragraph in html.escape(comment, quote=False).split("\n\n"))
    return line.rstrip().endswith(("\t" + comment, "\t" + marked_up.rstrip()))


def check_labels(proof, row, column, reading, text_lines):
    """All that a reading says beside its figures."""
    place = f"{row.ref} {reading['period']}"
    current = column == "current"
    proof.same("arrows" if current else "cells without an arrow", place, reading["published_arrow"],
               row.arrow if current else "")
    if current and row.comment:
        proof.same("comments", place, comment_in(text_lines[row.line - 1], reading["comment"]), True)
    else:
        proof.same("cells without a comment", place, reading["comment"], "")
    as_at = "2022-02-28" if current and "(as of 28th February 2022)" in row.comment else ""
    proof.same("as-at dates" if as_at else "cells without an as-at date", place, reading["as_at"], as_at)
    identity = f"2022-02-report/{row.ref}/{reading['period']}"
    constant = {"council": "E06000061", "reading_id": identity, "observation_status": "A", "source": "report-2022-02",
                "corrects": "", "published_status": "", "reason": ""}
    for name, value in constant.items():
        proof.same("identities and constants", place, reading[name], value)


def render_target(target, suffix):
    """A target as the report prints it."""
    if "tracking" in target:
        return target["wording"]
    if "range" in target:
        return f"{target['range']['low']}{suffix} to {target['range']['high']}{suffix}"
    if "monthly_share" in target:
        share = target["monthly_share"]
        return f"{share['value']}{suffix} ({share['annual']}{suffix} annual target)"
    if "profile" in target:
        points = {point["month"]: point["value"] for point in target["profile"]["points"]}
        return points["2022-02"] + suffix
    printed = target["value"] + suffix
    if "tolerance" in target:
        low, high = (target["tolerance"][side]["edge"] for side in ("low", "high"))
        printed += f" (Tolerance {low}{suffix} - {high}{suffix})"
    return printed


def render_benchmark(indicator, row):
    """A benchmark as the report prints it; where it prints none, what it prints."""
    benchmark = indicator.get("benchmark")
    if not benchmark:
        return row.benchmark if row.benchmark in ("n/a", "") else "none"
    printed = benchmark["value"] + _SUFFIXES[indicator["unit"]]
    label = (benchmark["comparator"], benchmark["period"])
    if label == _DEFAULT_COMPARATOR:
        return printed
    comment = row.comment
    if f"Benchmark is {label[0]} {label[1]}" in comment:
        return printed
    if f"Benchmark is {label[0]}." in comment:
        return f"{printed} ({label[1]})"
    return f"{printed} ({label[1]} {label[0]})"


def check_catalogue(proof, rows, catalogue):
    proof.same("councils", "catalogue", catalogue["council"], "E06000061")
    indicators = catalogue["indicators"]
    proof.same("report orders", "catalogue", [one["ref"] for one in indicators], [row.ref for row in rows])
    comments = {row.ref: row.comment for row in rows}
    for row, indicator in zip(rows, indicators):
        check_words(proof, row, indicator, comments)
        check_targets(proof, row, indicator)


def check_words(proof, row, indicator, comments):
    place = row.ref
    proof.same("alternate refs", place, indicator.get("alternate_refs", []),
               [row.alternate_ref] if row.alternate_ref else [])
    proof.same("key commitments", place, indicator.get("key_commitment", ""), row.key_commitment)
    proof.same("descriptions", place, indicator["description"], row.description)
    proof.same("directorates", place, indicator["directorate"], row.directorate)
    proof.same("services", place, indicator["service"], row.service)
    proof.same("polarities", place, indicator["polarity"], row.polarity)
    proof.same("benchmarks", place, render_benchmark(indicator, row), row.benchmark)
    lag = 2 - int(row.months[1][-2:])
    proof.same("reporting lags", place, int(indicator.get("reporting_lag_periods", "0")), lag)
    places = max(len(re.match(r"\d+\.?(\d*)", cell)[1]) for cell in row.cells.values() if cell[0].isdigit())
    proof.same("decimal places", place, int(indicator.get("decimal_places", "0")), places)
    notes = indicator.get("notes", [])
    if row.heading_note:
        proof.same("heading notes", place, notes[:1], [row.heading_note])
    for note in notes:
        quoted = note if note == row.heading_note or note in row.comment else "not in the row"
        proof.same("notes, word for word", place, note, quoted)
    whole_county = "whole of Northamptonshire" in row.heading_note + row.comment
    proof.same("whole-county rows", place, indicator.get("geography") == "The whole of Northamptonshire", whole_county)
    for check in indicator.get("checks", []):
        other = check.get("shared_population", {}).get("other_ref", row.ref)
        proof.same("refs in checks", place, other in comments, True)


def check_targets(proof, row, indicator):
    suffix = _SUFFIXES[indicator["unit"]]
    targets = indicator["targets"]
    proof.same("targets", row.ref, render_target(targets[-1], suffix), row.target)
    if row.previous_target in (None, "n/a"):
        proof.same("rows without a previous target", row.ref, len(targets), 1)
    else:
        proof.same("previous targets", row.ref, [render_target(one, suffix) for one in targets[:-1]],
                   [row.previous_target])
    proof.same("tolerances", row.ref, ["tolerance" in one for one in targets],
               ["Tolerance" in row.target] * len(targets))


def check_profiles(proof, indicators, readings):
    """Profile points are not printed, but the attainments are, and these give them: value over point."""
    for (ref, period), reading in readings.items():
        if not reading["attainment"]:
            continue
        points = {point["month"]: Decimal(point["value"]) for point in indicators[ref]["targets"][0]["profile"]["points"]}
        month = _LAST_MONTH.get(period[-2:], period.removesuffix("-YTD"))
        printed = Decimal(reading["attainment"])
        computed = (Decimal(reading["value"]) * 100 / points[month]).quantize(printed, ROUND_HALF_UP)
        proof.same("attainments, value over profile point", f"{ref} {period}", computed, printed)


def check_ratios(proof, readings):
    """A value beside its own parts is what they give, rounded to its places."""
    for (ref, period), reading in readings.items():
        if reading["denominator"]:
            printed = Decimal(reading["value"])
            ratio = Decimal(reading["numerator"]) * 100 / Decimal(reading["denominator"])
            proof.same("ratios, numerator over denominator", f"{ref} {period}",
                       ratio.quantize(printed, ROUND_HALF_UP), printed)


def main():
    proof = Proof()
    rows = report.read()
    proof.same("rows", "report", len(rows), 67)
    catalogue = plain_yaml.load(CATALOGUE.read_text(encoding="utf-8"))
    with transcribe.READINGS.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        lines = list(table)
    proof.same("CSV headers", transcribe.READINGS.name, table.fieldnames, transcribe.HEADER)
    readings = {(line["ref"], line["period"]): line for line in lines}
    proof.same("readings without a double", transcribe.READINGS.name, len(readings), len(lines))
    indicators = {one["ref"]: one for one in catalogue["indicators"]}
    check_catalogue(proof, rows, catalogue)
    check_readings(proof, rows, indicators, readings)
    check_profiles(proof, indicators, readings)
    check_ratios(proof, readings)
    figures = Counter(name for line in lines for name in transcribe.HEADER[5:14] if line[name])
    print("compared with the report's text, and the same:")
    for kind, count in proof.agreed.items():
        print(f"{count:6} {kind}")
    print("figures in the readings: " + ", ".join(f"{count} {name}" for name, count in figures.items()))
    for fault in proof.faults:
        print(fault, file=sys.stderr)
    return 1 if proof.faults else 0


if __name__ == "__main__":
    sys.exit(main())
