"""Compares what was promised with what is there. Links nothing of the code under test: the log and the model decide."""

from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import record_pb2 as record_pb
from bellwether.v1 import score_pb2 as score_pb
from bellwether.v1 import types_pb2 as types
from feeds import MONTHS
from kcat import consumed
from model import Indicator
from stack import COUNCIL, PATIENCE

INDICATORS = "bellwether.indicators.v1.e1"
SCORES = "bellwether.scores.v1.e1.r1"


class Fault(AssertionError):
    """A promise that was broken."""


def demand(condition, words):
    if not condition:
        raise Fault(words)


def records_of(kafka):
    """The log: partition and offset to key and record."""
    return {at: (key.decode(), record_pb.IndicatorRecord.FromString(value)) for at, (key, value) in consumed(kafka, INDICATORS).items()}


def check_log(log, operations):
    """(i) Every acknowledged record is in the log, where it was acknowledged; (iii) and none that nobody sent."""
    written = {at: record.SerializeToString(deterministic=True) for at, (_, record) in log.items()}
    for record, partition, offset in operations.acknowledged:
        demand((partition, offset) in written, f"acknowledged at partition {partition} offset {offset}, and not in the log")
        demand(written[partition, offset] == record,
               f"partition {partition} offset {offset} holds {log[partition, offset][1]}, acknowledged there was {record_pb.IndicatorRecord.FromString(record)}")
    for at, (_, record) in log.items():
        if record.WhichOneof("kind") != "definition":
            demand(written[at] in operations.sent, f"{at} holds a record that no feed sent: {record}")


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
        demand(position.partition == partition, f"an update of partition {position.partition} stands in partition {partition}")
        demand(first.setdefault(at, value) == value, f"two updates for {at} differ")
    demand(first.keys() == log.keys(), f"no update for {sorted(log.keys() - first.keys())[:5]}, no record for {sorted(first.keys() - log.keys())[:5]}")
    for at, value in first.items():
        outcome = score_pb.Update.FromString(value).outcome
        demand(outcome == outcomes[at], f"{at}: outcome {types.Outcome.Name(outcome)}, by the rules {types.Outcome.Name(outcomes[at])}: {log[at]}")
    return first


def ends_of(log):
    """A position at the end of each partition, for reads that must have seen everything."""
    last = {}
    for partition, offset in log:
        last[partition] = max(offset, last.get(partition, 0))
    return [types.Position(epoch=1, partition=p, offset=o) for p, o in last.items()]


def check_view(query, log, indicators):
    """(ii) What queries answer is what the model holds: readings in force, and the year to date that they add up to."""
    shown, token = {}, ""
    while True:
        answer = query.ListReadings(query_pb.ListReadingsRequest(council=COUNCIL, min_positions=ends_of(log), page_token=token), timeout=PATIENCE)
        shown.update({(r.reading.ref, r.reading.period): r.reading for r in answer.readings if r.HasField("reading")})
        token = answer.next_page_token
        if not token:
            break
    model = {(key.split("/")[1], period): r for key, i in indicators.items() for period, r in i.in_force.items()}
    for at in sorted(model.keys() | shown.keys()):
        demand(model.get(at) == shown.get(at), f"{at}: shown {shown.get(at)}, by the rules {model.get(at)}")
    rows, token = [], ""
    while True:
        answer = query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period=MONTHS[-1], page_token=token), timeout=PATIENCE)
        rows.extend(answer.rows)
        token = answer.next_page_token
        if not token:
            break
    for row in rows:
        parts = [model.get((row.definition.ref, month)) for month in MONTHS]
        total = str(sum(int(p.measurement.value.value) for p in parts)) if all(parts) else ""
        demand(row.score.year_to_date.value.value == total,
               f"{row.definition.ref}: year to date {row.score.year_to_date.value.value or 'none'}, its months give {total or 'none'}")
    return len(model)
