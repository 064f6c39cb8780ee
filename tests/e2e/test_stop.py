"""A broker that stands still while services stop: whatever the moment, each ends within its drain timeout, with exit code 0, and
nothing acknowledged is lost. BELLWETHER_SEED repeats a run."""

import contextlib
import random
import signal
import threading
import time
import unittest

from cluster import Cluster
from faults import SEED, Load
from kafka import require_kafka
from proof import prove
from stack import wait_until

DRAIN = 8
# What the machine may take beyond it, which others use too.
SLACK = 2


def setUpModule():
    require_kafka()


class DrainingCluster(Cluster):
    def start_service(self, name, *arguments):
        return super().start_service(name, "--drain-timeout", str(DRAIN), *arguments)


class StopTest(unittest.TestCase):
    def setUp(self):
        print(f"BELLWETHER_SEED={SEED}", flush=True)
        self.dice = random.Random(SEED)
        self.stack = DrainingCluster.started(self.addCleanup)
        self.broker = self.stack.cluster.processes[0]
        self.addCleanup(self.broker.send_signal, signal.SIGCONT)

    def test_every_service_ends_in_time_at_whatever_moment_the_broker_freezes(self):
        load = Load(self.stack, 60, 3, owes=20, seed=SEED)
        with self.stack.evidence(load.operations, SEED):
            for what, stop in (("before SIGTERM, thawed never", self.frozen_before),
                               ("just after SIGTERM, thawed never", self.frozen_after),
                               ("and once more", self.frozen_after),
                               ("before SIGTERM, thawed while they drain", self.thawed_while_they_drain),
                               ("and thawed again and again", self.on_and_off)):
                load.await_progress(150)
                with self.subTest(what):
                    stop(what)
                self.begin_again()
            load.await_progress(150)
            load.end()
            print(prove(self.stack, load.operations), flush=True)
        with self.subTest("with nothing to do"):
            self.frozen_before("before SIGTERM, with nothing under way")
        with self.subTest("before the services ever reached it"):
            self.begin_again(ready=False)
            wait_until(lambda: all(p.get("/readyz")[0] == 503 for p in self.stack.running.values()), "they look for the broker")
            self.stop_all("since before they started")

    def frozen_before(self, what):
        self.freeze()
        self.pause(0.3)
        self.stop_all(what)

    def frozen_after(self, what):
        self.stop_all(what, self.pause_and_freeze)

    def thawed_while_they_drain(self, what):
        self.freeze()
        self.stop_all(what, self.pause_and_thaw)

    def on_and_off(self, what):
        self.stop_all(what, self.flicker)

    def freeze(self):
        self.broker.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.broker.send_signal(signal.SIGCONT)

    def pause(self, most):
        threading.Event().wait(self.dice.uniform(0, most))  # Which of a stop's moments, the dice say.

    def pause_and_freeze(self):
        self.pause(0.1)  # With a broker that answers all is over after 0.2 s.
        self.freeze()

    def pause_and_thaw(self, most=DRAIN / 2):
        self.pause(most)
        self.thaw()

    def flicker(self):
        for _ in range(8):
            self.pause_and_freeze()
            self.pause_and_thaw(0.5)

    def stop_all(self, what, meanwhile=lambda: None):
        """SIGTERM to every service at once; then what is done to the broker meanwhile."""
        running = dict(self.stack.running)
        begin = time.monotonic()
        for process in running.values():
            process.popen.send_signal(signal.SIGTERM)
        harm = threading.Thread(target=meanwhile)
        harm.start()
        ended = {}

        def all_ended():
            for name, process in running.items():
                if process.popen.poll() is not None:
                    ended.setdefault(name, time.monotonic() - begin)
            return len(ended) == len(running)

        with contextlib.suppress(AssertionError):
            wait_until(all_ended, "all have ended", DRAIN + SLACK)
        harm.join()
        self.thaw()
        standing = {name: process for name, process in running.items() if name not in ended}
        for process in standing.values():
            process.stop(signal.SIGKILL)
        print(f"frozen {what}: " + ", ".join(f"{kind} {i} ended after {seconds:.1f} s" for (kind, i), seconds in sorted(ended.items())), flush=True)
        self.assertEqual(list(standing), [], f"still there {DRAIN + SLACK} s after SIGTERM, with --drain-timeout {DRAIN}")
        for name, process in running.items():
            self.assertEqual(process.popen.returncode, 0, f"{name}:\n{process.text()}")

    def begin_again(self, ready=True):
        """Every service anew, where it was; on a frozen broker if they shall not get ready."""
        if not ready:
            self.freeze()
        for name, process in list(self.stack.running.items()):
            self.stack.processes.remove(process)
            self.stack.launch(name)
        for process in self.stack.running.values() if ready else ():
            process.await_ready()


if __name__ == "__main__":
    unittest.main(verbosity=2)
