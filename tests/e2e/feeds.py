"""Feeds that misbehave, and remember what they sent and what they were answered."""

import random
import threading

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from bellwether.v1 import record_pb2 as record_pb
from stack import COUNCIL, PATIENCE

MONTHS = [f"2021-{m:02}" for m in range(4, 13)] + ["2022-01", "2022-02"]


class OperationLog:
    """What the feeds sent, and every acknowledgement. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self.sent = set()  # Serialised records.
        self.acknowledged = []  # Serialised record, partition, offset.

    def send(self, record):
        with self._lock:
            self.sent.add(record.SerializeToString(deterministic=True))

    def acknowledge(self, record, position):
        with self._lock:
            self.acknowledged.append((record.SerializeToString(deterministic=True), position.partition, position.offset))

    def count(self):
        with self._lock:
            return len(self.acknowledged)


class Feed(threading.Thread):
    """Sends frames to whichever replica answers, and everything again that was not acknowledged."""

    def __init__(self, name, refs, addresses, log, seed):
        super().__init__(name=name, daemon=True)
        self.refs, self.addresses, self.log = refs, addresses, log
        self.random = random.Random(seed)
        self.stopping = threading.Event()
        self.history = []  # Readings that this feed has made.
        self.owed = []  # Sent, or to be sent, and not acknowledged.
        self.failure = None

    def run(self):
        try:
            while not self.stopping.is_set() or self.owed:
                self._one_stream(self.random.choice(self.addresses))
        except Exception as failure:  # Told by the test, which joins the thread.
            self.failure = failure

    def _one_stream(self, address):
        frames = self.random.randint(1, 30)
        with grpc.insecure_channel(address) as channel:
            stub = ingestion_grpc.IngestionServiceStub(channel)
            try:
                if self.random.random() < 0.3:
                    self._withdraw(stub)
                for _ in range(frames):
                    if self.stopping.is_set() and not self.owed:
                        return
                    # The frame's acknowledgements, or a cut in the middle of them.
                    self._frame(stub.StreamReadings(iter([self._next_frame()]), timeout=PATIENCE))
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
                threading.Event().wait(0.05)  # As every feed does before it goes on elsewhere.

    def _next_frame(self):
        while len(self.owed) < 20 and not self.stopping.is_set():
            self.owed.append(self._make())
        self.random.shuffle(self.owed)
        for r in self.owed:
            self.log.send(record_pb.IndicatorRecord(reading=r))
        return ingestion_pb.StreamReadingsRequest(readings=self.owed)

    def _frame(self, answers):
        sent = list(self.owed)
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

    def _withdraw(self, stub):
        if not self.history:
            return
        r = self.random.choice(self.history)
        w = record_pb.Withdrawal(council=COUNCIL, ref=r.ref, period=r.period, reading_id=r.reading_id,
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
        r.council, r.source, r.observation_status = COUNCIL, self.name, "A"
        r.reading_id = f"{self.name}-{self.random.getrandbits(48)}"
        r.ref = old.ref if old is not None and dice < 0.45 else self.random.choice(self.refs)
        r.period = self.random.choice(MONTHS)
        r.measurement.value.value = str(self.random.randint(0, 99))
        if old is not None and dice < 0.25:
            r.period, r.measurement.value.value = old.period, old.measurement.value.value
        elif old is not None and dice < 0.45:
            r.corrects = old.reading_id
            if dice < 0.40:
                r.period = old.period
        return r
