"""Load on a cluster, and what is done to the cluster under it."""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time

from cluster import SESSION
from feeds import Definer, Feed, OperationLog
from stack import wait_until

SEED = int(os.environ.get("BELLWETHER_SEED") or time.time_ns() % 1_000_000)


class Load:
    """Feeds over all indicators, and definitions applied again beside them. Begins when it is made."""

    def __init__(self, stack, indicators, feeds, owes, seed, rest=0):
        self.operations = OperationLog()
        self.refs = [f"F{i}" for i in range(indicators)]
        self.seed, self.feeds, self.how = seed, feeds, {"owes": owes, "rest": rest}
        self.addresses = stack.addresses()
        self.definer = stack.define(self.refs, self.operations, f"{seed}-definer")
        self._begin([self.definer], 1)

    def begin_again(self, number):
        """After end(): new feeds, on the same log."""
        d = self.definer
        self._begin([Definer(f"definer-{number}", self.refs, d.addresses, self.operations, f"{self.seed}-definer-{number}", d.template)], number)

    def _begin(self, definers, number):
        self.senders = definers + [
            Feed(f"feed-{number}-{i}", self.refs[i::self.feeds], self.addresses, self.operations, f"{self.seed}-{number}-{i}", **self.how)
            for i in range(self.feeds)]
        for sender in self.senders:
            sender.start()

    def await_progress(self, acknowledgements):
        goal = self.operations.count() + acknowledgements
        wait_until(lambda: self.operations.count() >= goal or any(s.failure for s in self.senders), "feeds are acknowledged")

    def end(self):
        """Lets every feed have its last acknowledgements."""
        for sender in self.senders:
            sender.stopping.set()
        for sender in self.senders:
            sender.join(90)
            assert not sender.is_alive(), f"{sender.name} has all its records acknowledged in the end"
            if sender.failure:
                raise sender.failure


class Faults:
    """Each does its harm once, at a moment that hangs on the load and on the dice."""

    def __init__(self, stack, load, progress=150):
        self.stack, self.load = stack, load
        self.progress = progress  # Acknowledgements between two faults, at most.
        self.paused = None  # The scoring that is stopped.
        self.lags = []  # At kills of scoring.
        self.restoring = 0  # Queries killed while they restored.

    def wait(self, dice):
        self.load.await_progress(dice.randint(1, self.progress))

    def one_of(self, kind, dice):
        return dice.choice(self.stack.of(kind))

    def await_lag(self):
        """Until scoring is known to owe updates, which a kill could lose. A broker that is away or busy does not say: then at once."""
        until = time.monotonic() + 3
        lag = None
        while not lag and time.monotonic() < until:
            lag = self.stack.lag()
        if lag is not None:
            self.lags.append(lag)

    def kill(self, name, dice):
        self.wait(dice)
        self.stack.kill(name)

    def await_scoring(self):
        """Until any has its partitions: of faults that come faster than they mend, nothing is learnt."""
        scoring = [name for name in self.stack.of("scoring") if name != self.paused]
        wait_until(lambda: any(self._ready(name) for name in scoring), "somebody scores")

    def _ready(self, name):
        with contextlib.suppress(OSError):  # It may be killed while it is asked.
            return self.stack.running[name].get("/readyz")[0] == 200

    def scoring(self, dice):
        """One, with updates delivered and not committed."""
        self.wait(dice)
        self.await_scoring()
        self.await_lag()
        self.stack.kill(self.one_of("scoring", dice))

    def scoring_in_a_rebalance(self, dice):
        """One, and while its successor joins, another."""
        one, other = dice.sample(self.stack.of("scoring"), 2)
        self.wait(dice)
        self.await_lag()
        self.stack.kill(one)
        threading.Event().wait(dice.uniform(0, 0.5))  # Which of the rebalance's moments, the dice say.
        self.stack.kill(other, " in a rebalance")

    def pause_scoring(self, dice):
        """One that makes up for what another left is stopped in the midst of it, until others have its partitions and go on; then
        it writes what it still has, late."""
        one, other = dice.sample(self.stack.of("scoring"), 2)
        self.wait(dice)
        stopped = self.stack.running[other]
        before = stopped.text().count("publishes from")
        self.await_lag()
        self.stack.kill(one)
        wait_until(lambda: stopped.text().count("publishes from") > before, "another takes the partitions")
        threading.Event().wait(dice.uniform(0, 0.3))  # How far it comes, the dice say.
        self.paused = other
        stopped.popen.send_signal(signal.SIGSTOP)
        self.stack.pauses["scoring"] += 1
        end = wait_until(self.stack.ends, "the broker tells the ends of the log")
        wait_until(lambda: self._scored_past(end), "others take the partitions of the scoring that was stopped")
        stopped.popen.send_signal(signal.SIGCONT)
        self.paused = None
        wait_until(lambda: stopped.get("/readyz")[0] == 200, "the scoring that was stopped has partitions again")

    def _scored_past(self, end):
        with contextlib.suppress(subprocess.SubprocessError):
            published = self.stack.published()
            return all(published.get(partition, 0) > offset for partition, offset in end.items() if offset)  # No council lies in the others.
        return False

    def pause_broker(self, dice):
        """Stopped past the session time-outs: its own with the other brokers, or without others those of its clients."""
        self.stack.await_replicas()
        self.await_scoring()
        self.wait(dice)
        process = self.stack.cluster.processes[self.one_of("broker", dice)[1]]
        process.send_signal(signal.SIGSTOP)
        self.stack.pauses["broker"] += 1
        if self.stack.cluster.brokers > 1:
            self.load.await_progress(500)
        else:
            threading.Event().wait(2 * SESSION)  # The fault itself: nobody can make progress meanwhile.
        process.send_signal(signal.SIGCONT)
        self.wait(dice)

    def ingestion(self, dice):
        """One that feeds stream to."""
        name = self.one_of("ingestion", dice)
        self.stack.running[name].await_ready()
        self.kill(name, dice)

    def query(self, dice):
        """One that is started, as soon as it says that it restores."""
        name = self.one_of("query", dice)
        self.wait(dice)
        process = self.stack.running[name]
        process.stop(signal.SIGTERM)
        self.stack.processes.remove(process)
        process = self.stack.launch(name)
        state = wait_until(lambda: self._restoring(process), "a query restores")
        self.restoring += state == "restoring"
        self.stack.kill(name)

    @staticmethod
    def _restoring(process):
        code, words = process.get("/readyz")
        return "ready" if code == 200 else "restoring" if "being built" in words else ""

    def broker(self, dice):
        self.stack.await_replicas()
        self.await_scoring()
        self.kill(self.one_of("broker", dice), dice)

    def two_brokers(self, dice):
        self.stack.await_replicas()
        self.wait(dice)
        both = dice.sample(self.stack.of("broker"), 2)
        for name in both:
            self.stack.strike(name, ", two at once")
        for name in both:
            self.stack.cluster.start(name[1])


class Harm(threading.Thread):
    """Does its faults one after another, beside others that do theirs."""

    def __init__(self, name, faults, seed):
        super().__init__(name=name, daemon=True)
        self.faults, self.dice = faults, random.Random(f"{seed}-{name}")
        self.failure = None

    def run(self):
        try:
            for fault in self.faults:
                fault(self.dice)
        except BaseException as failure:  # Told by the test, which joins the thread.
            self.failure = failure


def do_all_at_once(harms):
    """Runs them beside each other until all are done; the first failure counts."""
    for harm in harms:
        harm.start()
    for harm in harms:
        harm.join()
    for harm in harms:
        if harm.failure:
            raise harm.failure
