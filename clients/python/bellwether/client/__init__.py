"""A feed for Bellwether: sends readings until each is recorded or refused, and tells what became of them.

    with grpc.insecure_channel("127.0.0.1:7401") as ingestion, grpc.insecure_channel("127.0.0.1:7402") as query:
        feed = Feed(ingestion, query)
        sent = feed.record([value("E06000061", "T15", "2022-02", "96.1", reading_id="revenues/T15/2022-02/v3", source="revenues")])
        for refusal in sent.refused:
            print(refusal.reading_id, refusal.words)
        for outcome in feed.outcomes(sent):
            print(outcome.reading_id, outcome.name, outcome.in_force)

Channels are the caller's: how they are made (TLS, certificates, names) is not decided here. One thread uses a feed.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Optional, Union

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from bellwether.v1 import record_pb2, types_pb2

__all__ = ["Feed", "GaveUp", "Outcome", "Refusal", "Sent", "Figure", "not_available", "ratio", "value"]

READINGS_OF_A_FRAME = 100  # At most 500.
KEYS_OF_A_LOOK_UP = 500  # The most.
ANSWER_SECONDS = 30.0  # How long one read may take.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
# The same again may succeed after these, and is safe after any: every reading carries its id.
TRY_AGAIN = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED,
                       grpc.StatusCode.RESOURCE_EXHAUSTED})

# A float is none: 0.1 is not the tenth that a report shows.
Figure = Union[str, int, Decimal]


def text_of(figure: Figure) -> str:
    """The figure as it goes over the wire, with the precision that it came with."""
    if isinstance(figure, float) or isinstance(figure, bool):
        raise TypeError(f"{figure!r}: a figure is text, a whole number or a Decimal, since a float is not exact")
    return format(figure, "f") if isinstance(figure, Decimal) else str(figure)


def value(council: str, ref: str, period: str, figure: Figure, *, reading_id: str, source: str = "", corrects: str = "") -> record_pb2.Reading:
    """A reading of one figure. `reading_id` names the figure's state in your system, so that sending twice is harmless."""
    reading = record_pb2.Reading(council=council, ref=ref, period=period, reading_id=reading_id, source=source, corrects=corrects)
    reading.measurement.value.value = text_of(figure)
    return reading


def ratio(council: str, ref: str, period: str, numerator: Figure, denominator: Figure, *, reading_id: str, source: str = "",
          corrects: str = "") -> record_pb2.Reading:
    """A reading of a numerator and its denominator: Bellwether divides."""
    reading = record_pb2.Reading(council=council, ref=ref, period=period, reading_id=reading_id, source=source, corrects=corrects)
    reading.measurement.ratio.numerator.value = text_of(numerator)
    reading.measurement.ratio.denominator.value = text_of(denominator)
    return reading


def not_available(council: str, ref: str, period: str, reason: str, *, observation_status: str, reading_id: str, source: str = "",
                  corrects: str = "") -> record_pb2.Reading:
    """A reading that says why there is no figure. `observation_status`: a code of SDMX, such as "M"."""
    reading = record_pb2.Reading(council=council, ref=ref, period=period, reading_id=reading_id, source=source, corrects=corrects,
                                 observation_status=observation_status)
    reading.measurement.not_available.reason = reason
    return reading


@dataclass(frozen=True)
class Refusal:
    """A reading that is not recorded, and will not be as it is."""

    reading_id: str
    errors: tuple[ingestion_pb.ItemError, ...]

    @property
    def words(self) -> str:
        """Field, value, rule and remedy of each error."""
        return "; ".join(f"{e.field}: {e.message}" if e.field else e.message for e in self.errors)


@dataclass(frozen=True)
class Outcome:
    """What became of a reading."""

    reading_id: str
    name: str  # As the contract's Outcome, such as "OUTCOME_REVISION".
    in_force: bool
    detail: str
    warnings: tuple[str, ...] = ()  # What speaks against the figure in force, in words: whoever reads them decides.


@dataclass
class Sent:
    """What is recorded, what is refused, and up to where the log holds it."""

    recorded: list[record_pb2.Reading] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    positions: dict[int, types_pb2.Position] = field(default_factory=dict)  # By partition, the newest of each.


class GaveUp(Exception):
    """Not all could be recorded in time. `sent` says what was; the rest may be sent again, with the same ids, at any time."""

    def __init__(self, sent: Sent, pending: Sequence[record_pb2.Reading], reason: str):
        super().__init__(f"{len(pending)} readings are not recorded: {reason}")
        self.sent, self.pending = sent, list(pending)


class Feed:
    """Sends readings, and reads its own writes."""

    def __init__(self, ingestion: grpc.Channel, query: Optional[grpc.Channel] = None, *, patience_seconds: float = 120.0,
                 on_retry: Callable[[int, str], None] = lambda pending, why: None):
        """`patience_seconds`: how long to go on trying without an answer. `on_retry` is told how many wait, and why."""
        self._writer = ingestion_grpc.IngestionServiceStub(ingestion)  # type: ignore[no-untyped-call]
        self._reader = query_grpc.QueryServiceStub(query) if query is not None else None  # type: ignore[no-untyped-call]
        self._patience, self._on_retry = patience_seconds, on_retry

    def record(self, readings: Iterable[record_pb2.Reading]) -> Sent:
        """Returns once every reading is recorded or refused. Two of one id are one reading: the last.

        GaveUp: no answer came for too long. grpc.RpcError: the call itself is refused, such as for want of rights."""
        pending = {reading.reading_id: reading for reading in readings}
        sent, pause = Sent(), FIRST_PAUSE_SECONDS
        give_up = time.monotonic() + self._patience
        while pending:
            before, why = len(pending), "told to try again"
            try:
                self._stream(pending, sent)
            except grpc.RpcError as error:
                if error.code() not in TRY_AGAIN:
                    raise
                why = error.details() or error.code().name
            if not pending:
                break
            if len(pending) < before:
                give_up, pause = time.monotonic() + self._patience, FIRST_PAUSE_SECONDS
            elif time.monotonic() > give_up:
                raise GaveUp(sent, list(pending.values()), why)
            self._on_retry(len(pending), why)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        return sent

    def _stream(self, pending: dict[str, record_pb2.Reading], sent: Sent) -> None:
        """One stream of all that is pending; takes out of it what is answered."""
        order = list(pending.values())
        frames: Iterator[ingestion_pb.StreamReadingsRequest] = (
            ingestion_pb.StreamReadingsRequest(readings=order[at:at + READINGS_OF_A_FRAME]) for at in range(0, len(order), READINGS_OF_A_FRAME))
        for answer in self._writer.StreamReadings(frames):
            for acknowledgement in answer.acknowledgements:
                reading = order[acknowledgement.sequence]  # By its place: an id that is not UTF-8 does not come back.
                result = acknowledgement.result
                if result.HasField("position"):
                    sent.positions[result.position.partition] = result.position  # Of one partition the last is the newest.
                    sent.recorded.append(reading)
                elif any(e.error_class == ingestion_pb.ERROR_CLASS_TRY_AGAIN for e in result.errors):
                    continue  # Stays pending.
                else:
                    sent.refused.append(Refusal(reading.reading_id, tuple(result.errors)))
                pending.pop(reading.reading_id, None)

    def outcomes(self, sent: Sent) -> list[Outcome]:
        """What became of all that was recorded, once the view has read that far: reading your own writes."""
        if self._reader is None:
            raise ValueError("the feed has no channel to the query service")
        found = []
        for at in range(0, len(sent.recorded), KEYS_OF_A_LOOK_UP):
            some = sent.recorded[at:at + KEYS_OF_A_LOOK_UP]
            keys = [query_pb.ReadingKey(council=r.council, ref=r.ref, period=r.period, reading_id=r.reading_id) for r in some]
            request = query_pb.LookUpReadingsRequest(keys=keys, min_positions=sent.positions.values())
            answer = self._reader.LookUpReadings(request, timeout=ANSWER_SECONDS, wait_for_ready=True)
            for reading, result in zip(some, answer.results):
                last = result.occurrences[-1]
                in_force = any(o.in_force for o in result.occurrences)
                warnings = tuple(w.message for o in result.occurrences for w in o.warnings)
                found.append(Outcome(reading.reading_id, types_pb2.Outcome.Name(last.outcome), in_force, last.detail, warnings))
        return found
