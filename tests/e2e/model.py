"""What the log says, folded by the rules of the guarantee (docs/architecture.md) and nothing of the code under test."""

import dataclasses

from bellwether.v1 import types_pb2 as types


def content_of(reading):
    """What a reading says: all but where it came from and under which name."""
    bare = type(reading)()
    bare.CopyFrom(reading)
    bare.ClearField("reading_id")
    bare.ClearField("source")
    return bare.SerializeToString(deterministic=True)


@dataclasses.dataclass
class Indicator:
    """One indicator's life: its log so far."""

    first_of_id: dict = dataclasses.field(default_factory=dict)  # Kind and id to the first record's content.
    out: set = dataclasses.field(default_factory=set)  # Ids corrected or withdrawn, also before they came.
    in_force: dict = dataclasses.field(default_factory=dict)  # Period to reading.
    definition: object = None

    def take(self, record):
        """The outcome of the next record."""
        return getattr(self, "_" + record.WhichOneof("kind"))(record)

    def _definition(self, record):
        d = record.definition
        seen = self._seen("definition", d.apply_id, d.definition.SerializeToString(deterministic=True))
        if seen is not None:
            return seen
        if self.definition == d.definition:
            return types.OUTCOME_CONFIRMATION
        self.definition = d.definition
        return types.OUTCOME_DEFINED

    def _seen(self, kind, identifier, content):
        first = self.first_of_id.setdefault((kind, identifier), content)
        return None if first is content else types.OUTCOME_REPEAT if first == content else types.OUTCOME_CONFLICT

    def _withdrawal(self, record):
        w = record.withdrawal
        seen = self._seen("withdrawal", w.withdrawal_id, (w.period, w.reading_id, w.reason))
        if seen is not None:
            return seen
        self.out.add(w.reading_id)
        if (now := self.in_force.get(w.period)) is not None and now.reading_id == w.reading_id:
            del self.in_force[w.period]
        return types.OUTCOME_WITHDRAWAL

    def _reading(self, record):
        r = record.reading
        content = content_of(r)
        seen = self._seen("reading", r.reading_id, content)
        if seen is not None:
            return seen
        if r.reading_id in self.out:
            return types.OUTCOME_SUPERSEDED
        now = self.in_force.get(r.period)
        if not r.corrects and now is not None and self._figure(now) == self._figure(r):
            return types.OUTCOME_CONFIRMATION
        if r.corrects:
            self.out.add(r.corrects)
            for period, other in list(self.in_force.items()):
                if period != r.period and other.reading_id == r.corrects:
                    del self.in_force[period]
        self.in_force[r.period] = r
        return types.OUTCOME_FIRST if now is None else types.OUTCOME_REVISION

    @staticmethod
    def _figure(reading):
        bare = type(reading)()
        bare.CopyFrom(reading)
        bare.ClearField("corrects")
        return content_of(bare)
