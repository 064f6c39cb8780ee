"""Feeds that misbehave, and remember what they sent and what they were answered."""

import random
import threading
import time

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from bellwether.v1 import record_pb2 as record_pb
from stack import COUNCIL, PATIENCE, wait_until

MONTHS = [f"2021-{m:02}" for m in range(4, 13)] + ["2022-01", "2022-02"]
# A council lies whole in one partition: these lie in seven of twelve, and so spread the load.
COUNCILS = [COUNCIL, "E06000062", "E06000063", "E06000064", "E06000065", "E06000067", "E06000077"]


def council_of(ref):
    """The council whose indicator it is: F0, F1, ... go round, all others are of the first."""
    number = ref.removeprefix("F")
    return COUNCILS[int(number) % len(COUNCILS)] if number.isdigit() else COUNCIL


# What a service that is killed, or whose broker is, answers with.
CUT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)


def as_sent(record):
    """The bytes by which a record is known again. Of a definition, which the service completes, what its sender chose."""
    if record.WhichOneof("kind") == "definition":
        d = record.definition
        record = record_pb.IndicatorRecord()
        record.definition.apply_id = d.apply_id
        record.definition.definition.council, record.definition.definition.ref = d.definition.council, d.definition.ref
        record.definition.definition.description = d.definition.description
    return record.SerializeToString(deterministic=True)


class OperationLog:
    """What the feeds sent, and every acknowledgement, and when. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self.sent = {}  # Record as sent, to the time at which it was first sent.
        self.acknowledged = []  # Record as sent, partition, offset, time.

    def send(self, record):
        with self._lock:
            self.sent.setdefault(as_sent(record), time.time())

    def acknowledge(self, record, position):
        with self._lock:
            self.acknowledged.append((as_sent(record), position.partition, position.offset, time.time()))

    def count(self):
        with self._lock:
            return len(self.acknowledged)

    def write(self, path, seed):
        """Leaves it to whoever looks why a test failed."""
        def lines():
            for record, at in self.sent.items():
                yield at, f"sent {record_pb.IndicatorRecord.FromString(record)}"
            for record, partition, offset, at in self.acknowledged:
                yield at, f"acknowledged at partition {partition} offset {offset} {record_pb.IndicatorRecord.FromString(record)}"

        with self._lock, open(path, "w", encoding="utf-8") as file:
            file.write(f"BELLWETHER_SEED={seed}\n")
            for at, words in sorted(lines()):
                file.write(f"{at:.3f} {' '.join(words.split())}\n")


class Sender(threading.Thread):
    """Sends to whichever replica answers, until it is stopped and everything is acknowledged."""

    def __init__(self, name, refs, addresses, log, seed):
        super().__init__(name=name, daemon=True)
        self.refs, self.addresses, self.log = refs, addresses, log
        self.random = random.Random(seed)
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.done():
                with grpc.insecure_channel(self.random.choice(self.addresses)) as channel:
                    try:
                        self.use(ingestion_grpc.IngestionServiceStub(channel))
                    except grpc.RpcError as error:
                        if error.code() not in CUT:
                            raise
                        threading.Event().wait(0.05)  # As every feed does before it goes on elsewhere.
        except Exception as failure:  # Told by the test, which joins the thread.
            self.failure = failure


class Feed(Sender):
    """Readings and withdrawals, in streams of several frames."""

    def __init__(self, *arguments, owes=20, rest=0):
        super().__init__(*arguments)
        self.owes, self.rest = owes, rest  # Readings under way; seconds between two streams.
        self.history = []  # Readings that this feed has made.
        self.owed = []  # Sent, or to be sent, and not acknowledged.

    def done(self):
        return self.stopping.is_set() and not self.owed

    def use(self, stub):
        if self.random.random() < 0.3:
            self._withdraw(stub)
        for _ in range(self.random.randint(1, 30)):
            if self.done():
                return
            frames = self._next_frames()
            call = stub.StreamReadings(iter(frames), timeout=PATIENCE)
            self._take(call, [r for f in frames for r in f.readings], hangs_up=self.random.random() < 0.05)
            self.stopping.wait(self.rest)

    def _next_frames(self):
        while len(self.owed) < self.owes and not self.stopping.is_set():
            self.owed.append(self._make())
        self.random.shuffle(self.owed)
        for r in self.owed:
            self.log.send(record_pb.IndicatorRecord(reading=r))
        size = self.random.randint(1, len(self.owed))
        return [ingestion_pb.StreamReadingsRequest(readings=self.owed[i:i + size]) for i in range(0, len(self.owed), size)]

    def _take(self, answers, sent, hangs_up):
        """The stream's acknowledgements; or the first few of them, when this feed or the service cuts it off."""
        for answer in answers:
            for a in answer.acknowledgements:
                reading = sent[a.sequence]
                if a.result.HasField("position"):
                    self.log.acknowledge(record_pb.IndicatorRecord(reading=reading), a.result.position)
                    self.owed.remove(reading)
                    self.history.append(reading)
                else:
                    again = [e.error_class for e in a.result.errors]
                    assert again and set(again) == {ingestion_pb.ERROR_CLASS_TRY_AGAIN}, str(a)
            if hangs_up:
                answers.cancel()
                return

    def _withdraw(self, stub):
        if not self.history:
            return
        r = self.random.choice(self.history)
        w = record_pb.Withdrawal(council=r.council, ref=r.ref, period=r.period, reading_id=r.reading_id,
                                 withdrawal_id=f"{self.name}-w{self.random.getrandbits(48)}", reason="test", source=self.name)
        record = record_pb.IndicatorRecord(withdrawal=w)
        self.log.send(record)
        answer = stub.WithdrawReading(ingestion_pb.WithdrawReadingRequest(withdrawal=w), timeout=PATIENCE)
        self.log.acknowledge(record, answer.position)

    def _make(self):
        """A new figure; or an old one again, a correction, a confirmation, an id used twice."""
        dice = self.random.random()
        old = self.random.choice(self.history) if self.history else None
        r = record_pb.Reading()
        if old is not None and dice < 0.15:
            r.CopyFrom(old)  # The very same again.
            return r
        if old is not None and dice < 0.20:
            r.CopyFrom(old)  # The id for another figure.
            r.measurement.value.value = str(self.random.randint(0, 99))
            return r
        r.source, r.observation_status = self.name, "A"
        r.reading_id = f"{self.name}-{self.random.getrandbits(48)}"
        r.ref = old.ref if old is not None and dice < 0.45 else self.random.choice(self.refs)
        r.council = council_of(r.ref)
        r.period = self.random.choice(MONTHS)
        r.measurement.value.value = str(self.random.randint(0, 99))
        if old is not None and dice < 0.25:
            r.period, r.measurement.value.value = old.period, old.measurement.value.value
        elif old is not None and dice < 0.45:
            r.corrects = old.reading_id
            if dice < 0.40:
                r.period = old.period
        return r


class OrderlyFeed(Feed):
    """Sends each reading once, and again only what was not acknowledged."""

    months = MONTHS

    def use(self, stub):
        while not self.done():
            frames = self._next_frames()
            self._take(stub.StreamReadings(iter(frames), timeout=PATIENCE), [r for f in frames for r in f.readings], hangs_up=False)
            self.stopping.wait(self.rest)

    def _make(self):
        ref = self.random.choice(self.refs)
        r = record_pb.Reading(council=council_of(ref), ref=ref, period=self.random.choice(self.months), source=self.name,
                              reading_id=f"{self.name}-{self.random.getrandbits(48)}", observation_status="A")
        r.measurement.value.value = str(self.random.randint(0, 99))
        return r


class Definer(Sender):
    """Applies definitions of some of its indicators again and again: new words, the same words, an apply id used twice."""

    # Definitions in one apply, well under the limit of a request.
    AT_ONCE = 250

    def __init__(self, name, refs, addresses, log, seed, template):
        super().__init__(name, refs, addresses, log, seed)
        self.template = template  # A complete definition, with its scheme.
        self.owed = [c for i in range(0, len(refs), self.AT_ONCE) for c in self._catalogues(f"{name}-{i}", refs[i:i + self.AT_ONCE], "as first applied")]
        self.applied = []

    def done(self):
        return self.stopping.is_set() and not self.owed

    def define_all(self):
        """Every indicator, for a first time; then the thread may start."""
        with grpc.insecure_channel(self.addresses[0]) as channel:
            stub = ingestion_grpc.IngestionServiceStub(channel)
            wait_until(lambda: not self.owed or self._apply(stub), "the definitions are applied")

    def use(self, stub):
        if not self.owed and not self.stopping.wait(0.3):  # Feeds are the load; this is beside it.
            refs = self.random.sample(self.refs, min(len(self.refs), 30))
            again = self.applied and self.random.random() < 0.15
            apply_id = self.random.choice(self.applied) if again else f"{self.name}-{self.random.getrandbits(48)}"
            self.owed.extend(self._catalogues(apply_id, refs, f"in words {self.random.randint(1, 9)}"))
        if self.owed:
            self._apply(stub)

    def _catalogues(self, apply_id, refs, words):
        """One for each council that has any of the refs."""
        return [self._catalogue(apply_id, council, [ref for ref in refs if council_of(ref) == council], words)
                for council in sorted({council_of(ref) for ref in refs})]

    def _catalogue(self, apply_id, council, refs, words):
        request = ingestion_pb.ApplyCatalogueRequest(apply_id=apply_id)
        request.catalogue.council = council
        request.catalogue.schemes.add().CopyFrom(self.template.scheme)
        for ref in refs:
            definition = request.catalogue.indicators.add()
            definition.CopyFrom(self.template)
            definition.ClearField("scheme")
            definition.council, definition.ref, definition.description = council, ref, f"{ref} {words}"
        return request

    def _apply(self, stub):
        """Sends the first that is owed; whether nothing is owed any more."""
        request = self.owed[0]
        records = [record_pb.IndicatorRecord(definition=record_pb.Definition(apply_id=request.apply_id, definition=d)) for d in request.catalogue.indicators]
        for record in records:
            record.definition.definition.council = request.catalogue.council
            self.log.send(record)
        again = False
        for record, r in zip(records, stub.ApplyCatalogue(request, timeout=PATIENCE).results, strict=True):
            if r.result.HasField("position"):
                self.log.acknowledge(record, r.result.position)
            again = again or any(e.error_class == ingestion_pb.ERROR_CLASS_TRY_AGAIN for e in r.result.errors)
            others = [e for e in r.result.errors if e.error_class != ingestion_pb.ERROR_CLASS_TRY_AGAIN and e.reason != "APPLY_ID_REUSED"]
            assert not others, str(r)
        if not again:
            self.applied.append(request.apply_id)
            self.owed.pop(0)
        return not self.owed
