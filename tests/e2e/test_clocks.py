"""Clocks that step, those of the services and the broker's, under load: readings go on being recorded and scored, readiness stays
true to fact, heartbeats go on, and nothing acknowledged is lost. BELLWETHER_SEED repeats a run."""

import contextlib
import queue
import signal
import subprocess
import threading
import time
import unittest

import grpc
from bellwether.v1 import query_service_pb2 as query_pb

from clocks import SteppedCluster
from cluster import SESSION
from faults import SEED, Load
from kafka import require_kafka
from proof import prove
from stack import COUNCIL, EXAMPLE, wait_until

# Seconds ahead of the machine's clock, one after another: each is a step from the one before. Kafka refuses what is stamped
# more than an hour ahead of its own clock.
AHEAD = (3720, 0, -3720, 600, -600, 0)
# Within so many seconds of a step what comes then is recorded, and scored; and all are ready.
SOON = 40
# docs/operations.md: about five seconds after the broker fell silent.
TOLD = 10
# Of a watch without news, in seconds.
HEARTBEAT = 15


def setUpModule():
    require_kafka()


class ClocksTest(unittest.TestCase):
    def setUp(self):
        print(f"BELLWETHER_SEED={SEED}", flush=True)
        self.stack = SteppedCluster.started(self.addCleanup)
        self.broker = self.stack.cluster.processes[0]
        self.addCleanup(self.broker.send_signal, signal.SIGCONT)

    def test_readings_go_on_being_recorded_and_scored(self):
        # What `prove` has a fresh group write to. Made before the steps: a broker that lost its connection to the controller waits
        # by the wall clock until it connects again, which after a step back is as long as the step, and topics are made there.
        self.stack.admin("topics", "--rules-version", "2")
        load = Load(self.stack, 60, 2, owes=20, seed=SEED, rest=0.05)
        with self.stack.evidence(load.operations, SEED):
            for whose, clock in (("the services'", self.stack.clock), ("the broker's", self.stack.cluster.clock)):
                for ahead in AHEAD:
                    with self.subTest(f"{whose} clock {ahead:+} s"):
                        clock.set(ahead)
                        self.check_that_all_goes_on(load, f"{whose} clock {ahead:+} s")
            load.end()
            print(prove(self.stack, load.operations), flush=True)

    def test_readiness_stays_true_and_heartbeats_go_on(self):
        self.stack.load_example()
        services, broker = self.stack.clock, self.stack.cluster.clock
        with self.watch() as heartbeats:
            begin = time.monotonic()
            for whose, clock, ahead in (("the services'", services, -600), ("the services'", services, -4320), ("the broker's", broker, -600)):
                with self.subTest(f"{whose} clock {ahead:+} s, and a silent broker"):
                    self.check_that_a_silent_broker_is_told(clock, whose, ahead)
            heartbeats.get(timeout=HEARTBEAT * 2)
            print(f"a heartbeat {time.monotonic() - begin:.1f} s after the first step", flush=True)

    def test_members_that_have_nothing_to_do_stay_in_the_scoring_group(self):
        """Nothing but its own timed waits wakes the thread then that sends the heartbeats."""
        self.stack.load_example()
        self.stack.await_scored()
        for ahead in (-600, -4320):
            self.stack.clock.set(ahead)
            threading.Event().wait(3 * SESSION)  # After which the group gives up who says nothing.
            self.stack.cli("readings", "submit", str(EXAMPLE / "readings-2022-02.csv"))
            end = self.stack.ends()
            wait_until(lambda end=end: self.scored_past(end), f"what is recorded {ahead:+} s ahead is scored", SOON)
        for name in self.stack.of("scoring"):
            self.assertNotIn("session timed out", self.stack.running[name].text())

    def check_that_all_goes_on(self, load, what):
        begin = time.monotonic()
        goal = load.operations.count() + 100
        wait_until(lambda: load.operations.count() >= goal or any(s.failure for s in load.senders), "readings are recorded", SOON)
        end = wait_until(self.stack.ends, "the broker tells the ends of the log")
        wait_until(lambda: self.scored_past(end), "what was recorded is scored", SOON)
        wait_until(lambda: set(self.ready()) == {200}, "all are ready", SOON)
        print(f"{what}: recorded, scored and ready after {time.monotonic() - begin:.1f} s", flush=True)

    def scored_past(self, end):
        with contextlib.suppress(subprocess.SubprocessError):
            published = self.stack.published()
            return all(published.get(partition, 0) >= offset for partition, offset in end.items())
        return False

    def ready(self):
        return [service.get("/readyz")[0] for service in self.stack.running.values()]

    def check_that_a_silent_broker_is_told(self, clock, whose, ahead):
        self.broker.send_signal(signal.SIGSTOP)
        clock.set(ahead)
        begin = time.monotonic()
        try:
            wait_until(lambda: set(self.ready()) == {503}, "none is ready while the broker is silent", TOLD)
            told = time.monotonic() - begin
        finally:
            self.broker.send_signal(signal.SIGCONT)
        wait_until(lambda: set(self.ready()) == {200}, "all are ready again", SOON)
        print(f"{whose} clock {ahead:+} s: a silent broker was told after {told:.1f} s, all ready again after {time.monotonic() - begin - told:.1f} s", flush=True)

    @contextlib.contextmanager
    def watch(self):
        """The heartbeats of a watch, as they come."""
        call = self.stack.query_stub().WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-02"))
        heartbeats, begun = queue.Queue(), threading.Event()

        def read():
            with contextlib.suppress(grpc.RpcError):  # Cancelled.
                for event in call:
                    if event.WhichOneof("event") == "heartbeat":
                        heartbeats.put(event)
                    else:
                        begun.set()

        threading.Thread(target=read, daemon=True).start()
        try:
            self.assertTrue(begun.wait(SOON), "the watch has its report")
            yield heartbeats
        finally:
            call.cancel()


if __name__ == "__main__":
    unittest.main(verbosity=2)
