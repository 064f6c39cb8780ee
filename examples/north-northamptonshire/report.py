"""Reads the text form of the February 2022 report into its rows, and changes nothing in them.

The text has one line a table row, its cells divided by tabs. Three things stand in the way of a plain split:
charts were written out into the middle of their row, so cells are counted from the polarity, which every row has once;
a row's second line (counts below percentages) is a line of its own, or for one row six lines; and the headings that
say directorate, service and months stand above the rows, sometimes between a row and its second line.
"""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

REPORT = Path(__file__).with_name("report-2022-02.txt")

# The columns of figures, in the report's order.
COLUMNS = ("Q1", "Q2", "Q3", "YTD", "previous", "current")

_POLARITIES = {
    "higher is better": "higher",
    "lower is better": "lower",
    "no polarity": "none",
}
_MONTHS = ("January February March April May June July August September October November December").split()
_CHART_MONTHS = tuple(month[:3] for month in _MONTHS)
_REF = re.compile(r"(T\d+[a-z]?)(?: \(([^)]*)\))?")
_OUT_OF = re.compile(r"\d+ out of \d+")


class ReportError(Exception):
    """The text is not laid out as expected; the message names the line."""


@dataclass
class Row:
    """One indicator's row, cells as printed."""

    line: int
    ref: str
    alternate_ref: str  # "" where there is none.
    key_commitment: str
    description: str
    directorate: str
    service: str
    heading_note: str  # What the service's heading says beside its name.
    cumulative_heading: bool  # The quarter columns are headed Apr - Jun, Apr - Sep, Apr - Dec.
    months: tuple[str, str]  # Previous and current data month, such as ("2022-01", "2022-02").
    benchmark: str
    cells: dict[str, str]  # By column.
    arrow: str
    polarity: str  # "higher", "lower" or "none".
    target: str
    previous_target: str | None  # None where the table has no such column.
    comment: str  # Paragraphs divided by an empty line.
    details: dict[str, str] = field(default_factory=dict)  # The second line, by column.


def plain(text):
    """Text without markup: paragraphs divided by an empty line, entities decoded."""
    text = re.sub(r"</p>\s*<p>", "\n\n", text.strip())
    return html.unescape(re.sub(r"</?(?:p|b|i)>", "", text)).strip()


def _month(heading):
    """"January 2021/22" (a month of that financial year) as "2022-01"."""
    match = re.fullmatch(r"(\w+) (\d{4})/\d\d", heading)
    number = _MONTHS.index(match[1]) + 1
    return f"{int(match[2]) + (number < 4)}-{number:02}"


def _service(heading):
    """A service's heading as its name and the note beside it."""
    name = re.sub(r"\s*(?:- continued|\(continued\))", "", heading)
    match = re.fullmatch(r"(.*?)(?: \((Please note.*)\)| - (please take note.*))", name)
    return (match[1], match[2] or match[3]) if match else (name, "")


def read(path=REPORT):
    """The report's rows in its order."""
    rows = []
    directorate = service = note = ""
    months = None
    cumulative = with_previous_target = False
    pending = []  # Lines of a second line that is spread over six lines.
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("Legal & Democratic"))
    for number, line in enumerate(lines[first:], first + 1):
        cells = [cell.strip() for cell in line.rstrip().split("\t")]
        text = plain(cells[0])
        alone = not any(cells[1:])
        reference = _REF.fullmatch(cells[1]) if len(cells) > 1 else None
        if cells[0] == "Key Commitment":
            headings = cells[5:]
            cumulative = headings[0].endswith("(Apr - Jun)")
            months = (_month(headings[4]), _month(headings[5]))
            # "Previous Target" in one table; the Children's Trust's tables print "Target" twice instead.
            with_previous_target = headings[8] == "Target" and headings[9].endswith("Target")
        elif reference:
            rows.append(_row(number, cells, reference, directorate, service, note, cumulative, months,
                             with_previous_target))
        elif len(cells) > 5 and not any(cells[:5]):
            _add_details(rows[-1], cells[5:], number)
        elif alone and _OUT_OF.fullmatch(text):
            pending.append(text)
            if len(pending) == len(COLUMNS):
                _add_details(rows[-1], pending, number)
                pending = []
        elif alone and text:
            following = next(later for later in lines[number:] if later.strip())
            if following.startswith("Key Commitment") and "<b>" not in cells[0]:
                directorate, service, note = text.strip("*"), "", ""
            elif text not in _CHART_MONTHS:
                name, own_note = _service(text)
                # A heading that is continued on the next page does not always repeat its note.
                service, note = name, own_note or (note if name == service else "")
                # A heading between a row and its second line belongs to that row (T58).
                if following.startswith("\t\t\t\t\t"):
                    rows[-1].service, rows[-1].heading_note = service, note
        # Every other line is a chart's (month, value, ...) or empty: no data.
    return rows


def _row(number, cells, reference, directorate, service, note, cumulative, months, with_previous_target):
    places = [i for i, cell in enumerate(cells) if cell.lower() in _POLARITIES]
    if len(places) != 1:
        raise ReportError(f"line {number}: the polarity stands {len(places)} times in the row, expected once")
    polarity = places[0]
    after = cells[polarity + 1:] + ["", "", ""]
    return Row(
        line=number,
        ref=reference[1],
        alternate_ref=reference[2] or "",
        key_commitment=cells[0],
        description=plain(cells[2]),
        directorate=directorate,
        service=service,
        heading_note=note,
        cumulative_heading=cumulative,
        months=months,
        benchmark=cells[polarity - 8],
        cells=dict(zip(COLUMNS, cells[polarity - 7:polarity - 1], strict=True)),
        arrow=cells[polarity - 1],
        polarity=_POLARITIES[cells[polarity].lower()],
        target=after[0],
        previous_target=after[1] if with_previous_target else None,
        comment=plain(after[2 if with_previous_target else 1]),
    )


def _add_details(row, cells, number):
    if row.details:
        raise ReportError(f"line {number}: a third line for {row.ref}")
    row.details = dict(zip(COLUMNS, cells, strict=True))
