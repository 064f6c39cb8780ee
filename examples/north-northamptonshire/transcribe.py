#!/usr/bin/env python3
"""Writes readings-2022-02.csv from the report's text.

  transcribe.py           writes the file
  transcribe.py --check   says whether the file is what it would write; changes nothing

Every figure of the table columns becomes a reading of the period that its column stands for; nothing is computed,
rounded or put right. check.py proves the result against the text by another way.
"""

import csv
import io
import re
import sys
from pathlib import Path

import report

READINGS = Path(__file__).with_name("readings-2022-02.csv")
COUNCIL = "E06000061"
SOURCE = "report-2022-02"
HEADER = (
    "council,ref,period,reading_id,corrects,value,numerator,denominator,mean,weight,volume,amount,amount_in_period,"
    "attainment,observation_status,as_at,published_arrow,published_status,reason,source,comment"
).split(",")

_VALUE = re.compile(r"(?P<value>\d[\d.]*)(?:%| days)?")
# "(Jun)", "(Sept 2021)", "(Apr - Jun)", "(YTD)", "YTD": when the figure is from, which the column says as well.
_WHEN = re.compile(r" ?(?:\((?:Apr ?- ?)?(?:Jun|June|Sep|Sept|Dec|Jan)(?: 20\d\d)?\)|\(YTD\)|YTD)")
_VOLUME = re.compile(r" \((?P<volume>[\d,]+)\)")
_ATTAINMENT = re.compile(r" (?P<attainment>[\d.]+)% achieved of the target £(?P<amount>[\d,.]+)")
_IN_PERIOD = re.compile(r" £(?P<amount_in_period>[\d,.]+) \(collected in Feb\)")
_CELL = re.compile(
    f"{_VALUE.pattern}(?:{_WHEN.pattern})?(?:{_VOLUME.pattern})?(?:{_ATTAINMENT.pattern})?(?:{_IN_PERIOD.pattern})?")
_OUT_OF = re.compile(r"(?P<numerator>\d+) out of (?P<denominator>\d+)")
_WEIGHT = re.compile(r"(?P<weight>\d+) (?:claims|changes)")
_DETAIL_VOLUME = re.compile(r"(?P<volume>\d+)")
_AS_OF = re.compile(r"latest inspection \(as of (?P<day>\d+)th February 2022\)")


def period_of(row, column):
    """The period that a column of a row stands for."""
    previous, current = row.months
    return {"previous": previous, "current": current, "YTD": f"{current}-YTD"}.get(column, f"2021-22-{column}")


def _number(text):
    return text.replace(",", "")


def _figures(row, column):
    """The figures of one cell and its second line, by CSV column; None where the report says n/a."""
    cell = row.cells[column]
    if cell.lower() == "n/a":
        return None
    match = _CELL.fullmatch(cell)
    if not match:
        raise report.ReportError(f"line {row.line}: {row.ref} {column}: cannot read {cell!r}")
    figures = {name: _number(text) for name, text in match.groupdict().items() if text}
    detail = row.details.get(column)
    if detail:
        second = _OUT_OF.fullmatch(detail) or _WEIGHT.fullmatch(detail) or _DETAIL_VOLUME.fullmatch(detail)
        if not second:
            raise report.ReportError(f"line {row.line}: {row.ref} {column}: cannot read {detail!r}")
        figures |= second.groupdict()
    if "weight" in figures:
        figures["mean"] = figures.pop("value")
    return figures


def readings(rows):
    """The readings as CSV rows, in the report's order."""
    for row in rows:
        for column in report.COLUMNS:
            figures = _figures(row, column)
            if figures is None:
                continue
            period = period_of(row, column)
            reading = dict.fromkeys(HEADER, "") | figures | {
                "council": COUNCIL,
                "ref": row.ref,
                "period": period,
                "reading_id": f"2022-02-report/{row.ref}/{period}",
                "observation_status": "A",
                "source": SOURCE,
            }
            if column == "current":
                reading["published_arrow"] = row.arrow
                reading["comment"] = row.comment
                as_of = _AS_OF.search(row.comment)
                if as_of:
                    reading["as_at"] = f"2022-02-{as_of['day']}"
            yield reading


def csv_text(rows):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(readings(rows))
    return out.getvalue()


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    text = csv_text(report.read())
    if not arguments:
        READINGS.write_text(text, encoding="utf-8", newline="")
        return 0
    with READINGS.open(encoding="utf-8", newline="") as file:
        same = file.read() == text
    if not same:
        print(f"{READINGS.name} is not what transcribe.py writes; run transcribe.py and look at the difference",
              file=sys.stderr)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
