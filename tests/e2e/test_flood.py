"""More than the broker takes: flow control holds the feeds up, ingestion's memory stays flat, nobody suffers for another.

BELLWETHER_FLOOD_SECONDS says for how long (default 60; 600 is the long form). For a tenth of it, and
10 s at least, the broker stands still."""

import os
import pathlib
import random
import re
import signal
import threading
import time
import unittest

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import record_pb2 as record_pb
from cluster import Cluster
from faults import SEED
from feeds import CUT, MONTHS, OperationLog, council_of
from kafka import require_kafka
from stack import wait_until

SECONDS = int(os.environ.get("BELLWETHER_FLOOD_SECONDS") or 60)
FEEDS = 3
FRAME = 500
DEAF = 20
# Readings of one stream that may be unanswered: the service's window of 2,000, and what lies in the buffers of the connection.
UNDER_WAY = 20_000
# What ingestion may grow by after the first third of the flood; and what it may hold in all.
GROWTH_MB, MOST_MB = 64, 250
STREAM = "/bellwether.v1.IngestionService/StreamReadings"


def setUpModule():
    require_kafka()


class Flood(threading.Thread):
    """One stream of the same frame, ready-made, again and again, as fast as it is taken; a new stream after one that ended."""

    def __init__(self, address, refs, reads=True):
        super().__init__(daemon=True)
        dice = random.Random(f"{SEED}-{refs[0]}")
        frame = ingestion_pb.StreamReadingsRequest()
        for i in range(FRAME):
            ref = dice.choice(refs)
            r = record_pb.Reading(council=council_of(ref), ref=ref, period=dice.choice(MONTHS), reading_id=f"{refs[0]}-{i}", source="flood")
            r.measurement.value.value = str(dice.randint(0, 99))
            frame.readings.append(r)
        self.frame = frame.SerializeToString()
        # A connection of its own: else all would share one, and its flow control. Its own buffers do not grow with the traffic.
        self.channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0)])
        self.reads = reads
        self.stopping = threading.Event()
        self.sent = self.recorded = self.refused = 0
        self.failure = None

    def under_way(self):
        return self.sent - self.recorded - self.refused

    def run(self):
        try:
            while not self.stopping.is_set():
                self.sent = self.recorded + self.refused
                call = self.channel.stream_stream(STREAM, response_deserializer=ingestion_pb.StreamReadingsResponse.FromString)(self._frames())
                try:
                    if not self.reads:
                        self.stopping.wait()
                        call.cancel()
                    for answer in call:
                        self._take(answer)
                except grpc.RpcError as error:
                    if error.code() not in CUT:
                        raise
        except Exception as failure:  # Told by the test, which joins the thread.
            self.failure = failure

    def _frames(self):
        while not self.stopping.is_set():
            self.sent += FRAME
            yield self.frame

    def _take(self, answer):
        for a in answer.acknowledgements:
            if a.result.HasField("position"):
                self.recorded += 1
            else:
                assert {e.error_class for e in a.result.errors} == {ingestion_pb.ERROR_CLASS_TRY_AGAIN}, str(a)
                self.refused += 1


class FloodTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Cluster.started(cls.addClassCleanup, ingestion=1, scoring=0, query=0)
        cls.refs = [f"F{i}" for i in range(60)]
        cls.stack.define(cls.refs, OperationLog(), SEED)

    def start(self, count, **how):
        floods = [Flood(self.stack.address(self.stack.ingestion), self.refs[i::count], **how) for i in range(count)]
        for flood in floods:
            flood.start()
        return floods

    def end(self, floods):
        for flood in floods:
            flood.stopping.set()
        for flood in floods:
            flood.join(90)
            self.assertFalse(flood.is_alive())
            self.assertIsNone(flood.failure)

    def memory(self):
        """Ingestion's resident memory, in MB."""
        status = pathlib.Path(f"/proc/{self.stack.ingestion.popen.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024

    def watch(self, floods, seconds):
        """For so long: the most memory, and the most readings of one stream under way."""
        memory, under_way, until = 0, 0, time.monotonic() + seconds
        while time.monotonic() < until:
            threading.Event().wait(0.2)  # Between two looks.
            memory = max(memory, self.memory())
            under_way = max(under_way, *(f.under_way() for f in floods))
        return memory, under_way

    def test_a_flood_is_held_up_and_not_kept(self):
        print(f"BELLWETHER_SEED={SEED} BELLWETHER_FLOOD_SECONDS={SECONDS}", flush=True)
        stopped = max(10, SECONDS // 10)
        broker = self.stack.cluster.processes[0]
        at_rest = self.memory()
        floods = self.start(FEEDS)
        seen = [self.watch(floods, SECONDS / 3)]
        before = sum(f.recorded for f in floods)
        broker.send_signal(signal.SIGSTOP)
        try:
            seen.append(self.watch(floods, stopped))
        finally:
            broker.send_signal(signal.SIGCONT)
        while_stopped = sum(f.recorded for f in floods) - before
        seen.append(self.watch(floods, SECONDS - SECONDS / 3 - stopped))
        self.end(floods)
        recorded, refused = sum(f.recorded for f in floods), sum(f.refused for f in floods)
        print(f"{recorded} readings recorded in {SECONDS} s, {refused} told to try again, {while_stopped} answered while the broker stood still for "
              f"{stopped} s; memory {at_rest} MB at rest, at most {[m for m, _ in seen]} MB before, while and after; "
              f"at most {[n for _, n in seen]} readings of a stream under way", flush=True)
        self.assertLessEqual(max(n for _, n in seen), UNDER_WAY)
        self.assertLessEqual(max(m for m, _ in seen), min(MOST_MB, seen[0][0] + GROWTH_MB))
        self.assertGreater(recorded, before + while_stopped)

    def test_who_does_not_read_is_held_up_alone(self):
        deaf = self.start(DEAF, reads=False)
        wait_until(lambda: all(d.sent >= 2000 for d in deaf), "their windows are full")
        floods = self.start(FEEDS)
        goal = 200_000
        wait_until(lambda: sum(f.recorded for f in floods) >= goal or any(f.failure for f in floods), "the others go on")
        memory, sent = self.memory(), max(d.sent for d in deaf)
        print(f"while {FEEDS} feeds had {goal} readings recorded, each of {DEAF} that read no acknowledgements got rid of {sent} at most; "
              f"memory {memory} MB", flush=True)
        self.assertLessEqual(sent, UNDER_WAY)
        self.assertLessEqual(memory, MOST_MB)
        self.end(floods + deaf)


if __name__ == "__main__":
    unittest.main(verbosity=2)
