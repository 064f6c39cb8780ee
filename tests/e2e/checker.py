"""Compares what was promised with what is there. Links nothing of the code under test: the log and the model decide."""

from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from bellwether.v1 import score_pb2 as score_pb
from bellwether.v1 import types_pb2 as types
from feeds import MONTHS, as_sent
from kcat import consumed
from model import Indicator
from stack import PATIENCE

INDICATORS = "bellwether.indicators.v1.e1"
SCORES = "bellwether.scores.v1.e1.r1"


class Fault(AssertionError):
    """A promise that was broken."""


def demand(condition, words):
    """`words`: a text, or what makes it, where many are checked."""
    if not condition:
        raise Fault(words if isinstance(words, str) else words())


def records_of(kafka):
    """The log: partition and offset to key and record."""
    return {at: (key.decode(), record_pb.IndicatorRecord.FromString(value)) for at, (key, value) in consumed(kafka, INDICATORS).items()}


def check_log(log, operations):
    """(i) Every acknowledged record is in the log, where it was acknowledged; (iii) and none that nobody sent."""
    written = {at: as_sent(record) for at, (_, record) in log.items()}
    for record, partition, offset, _ in operations.acknowledged:
        demand((partition, offset) in written, lambda: f"acknowledged at partition {partition} offset {offset}, and not in the log")
        demand(written[partition, offset] == record,
               lambda: f"partition {partition} offset {offset} holds {log[partition, offset][1]}, acknowledged there was {record_pb.IndicatorRecord.FromString(record)}")
    for at, (key, record) in log.items():
        demand(written[at] in operations.sent, lambda: f"{at} holds a record that no feed sent: {record}")
        content = getattr(record, record.WhichOneof("kind"))
        about = content.definition if record.HasField("definition") else content
        demand(key == f"{about.council}/{about.ref}", lambda: f"{at} has the key {key}, and is about {about.council}/{about.ref}")
    for partition in {p for p, _ in log}:
        offsets = sorted(o for p, o in log if p == partition)
        demand(offsets == list(range(len(offsets))), f"partition {partition} of the log has a hole")


def fold(log):
    """The model of every indicator, and the outcome of every record."""
    indicators, outcomes = {}, {}
    for at in sorted(log):
        key, record = log[at]
        outcomes[at] = indicators.setdefault(key, Indicator()).take(record)
    return indicators, outcomes


def check_scores(topic, log, outcomes):
    """(iii) Deduplicated by offset: exactly one update for each record, with the model's outcome; all duplicates equal."""
    first = {}
    for (partition, _), (_, value) in sorted(topic.items()):
        position = score_pb.Update.FromString(value).position
        at = (partition, position.offset)
        demand(position.partition == partition, lambda: f"an update of partition {position.partition} stands in partition {partition}")
        demand(first.setdefault(at, value) == value, lambda: f"two updates for {at} differ")
    demand(first.keys() == log.keys(), f"no update for {sorted(log.keys() - first.keys())[:5]}, no record for {sorted(first.keys() - log.keys())[:5]}")
    for at, value in first.items():
        outcome = score_pb.Update.FromString(value).outcome
        demand(outcome == outcomes[at], lambda: f"{at}: outcome {types.Outcome.Name(outcome)}, by the rules {types.Outcome.Name(outcomes[at])}: {log[at]}")
    return first


def end_of(log, council):
    """The position of a council's last record, for reads that must have seen everything of it."""
    partition, offset = max(at for at, (key, _) in log.items() if key.startswith(council + "/"))
    return types.Position(epoch=1, partition=partition, offset=offset)


def late_writes(topic):
    """How often an update stands between two of another writer. Who takes a partition over writes it gaplessly from where it
    began, so that only what a former owner wrote late makes the offsets jump."""
    jumps, before = 0, {}
    for (partition, _), (_, value) in sorted(topic.items()):
        offset = score_pb.Update.FromString(value).position.offset
        jumps += offset > before.get(partition, -1) + 1
        before[partition] = offset
    return jumps


ALARM, HEALED = "ALARM:", "the hole in the scores topic is filled"


def check_alarms(name, text):
    """(iv) No alarm that did not heal, in what a query said until it was asked or killed."""
    lines = [line for line in text.splitlines() if ALARM in line or HEALED in line]
    demand(not lines or HEALED in lines[-1], f"{name} has an alarm that did not heal: {lines[-1:]}")
    return sum(ALARM in line for line in lines)


def check_view(query, log, indicators):
    """(ii) What queries answer is what the model holds: readings in force, the year to date that they add up to, definitions."""
    councils = sorted({key.split("/")[0] for key in indicators})
    return sum(_check_council(query, log, council, {key: i for key, i in indicators.items() if key.startswith(council + "/")}) for council in councils)


def _check_council(query, log, council, indicators):
    shown, token = {}, ""
    while True:
        answer = query.ListReadings(query_pb.ListReadingsRequest(council=council, min_position=end_of(log, council), page_token=token), timeout=PATIENCE)
        shown.update({(r.reading.ref, r.reading.period): r.reading for r in answer.readings if r.HasField("reading")})
        token = answer.next_page_token
        if not token:
            break
    model = {(key.split("/")[1], period): r for key, i in indicators.items() for period, r in i.in_force.items()}
    for at in sorted(model.keys() | shown.keys()):
        demand(model.get(at) == shown.get(at), lambda: f"{at}: shown {shown.get(at)}, by the rules {model.get(at)}")
    rows, token = [], ""
    while True:
        answer = query.GetReport(query_pb.GetReportRequest(council=council, period=MONTHS[-1], page_token=token), timeout=PATIENCE)
        rows.extend(answer.rows)
        token = answer.next_page_token
        if not token:
            break
    defined = {key.split("/")[1]: i.definition for key, i in indicators.items() if i.definition is not None}
    demand(defined.keys() == {row.definition.ref for row in rows}, f"the report has {len(rows)} rows, {len(defined)} indicators are defined")
    for row in rows:
        words = defined[row.definition.ref].description
        demand(row.definition.description == words, lambda: f"{row.definition.ref}: shown as \"{row.definition.description}\", defined as \"{words}\"")
        parts = [model.get((row.definition.ref, month)) for month in MONTHS]
        total = str(sum(int(p.measurement.value.value) for p in parts)) if all(parts) else ""
        demand(row.score.year_to_date.value.value == total,
               lambda: f"{row.definition.ref}: year to date {row.score.year_to_date.value.value or 'none'}, its months give {total or 'none'}")
    return len(model)
