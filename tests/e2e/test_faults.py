"""kill -9 under load, at random moments: nothing acknowledged is lost, and everything is counted once.

The short form of test_schedule.py. BELLWETHER_SEED repeats a run, BELLWETHER_KILLS says how many (default 10; "endless" goes
round after round until it is interrupted or something is wrong)."""

import os
import random
import unittest

from cluster import Cluster
from faults import SEED, Faults, Load
from kafka import require_kafka
from proof import prove

KILLS = os.environ.get("BELLWETHER_KILLS") or "10"
INDICATORS = 60
FEEDS = 3


def setUpModule():
    require_kafka()


class FaultTest(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_and_everything_counts_once(self):
        print(f"BELLWETHER_SEED={SEED} BELLWETHER_KILLS={KILLS}", flush=True)
        stack = Cluster.started(self.addCleanup)
        load = Load(stack, INDICATORS, FEEDS, owes=20, seed=SEED)
        with stack.evidence(load.operations, SEED):
            rounds = 1
            self.one_round(stack, load, rounds)
            while KILLS == "endless":
                rounds += 1
                load.begin_again(rounds)
                self.one_round(stack, load, rounds)

    @staticmethod
    def one_round(stack, load, number):
        dice = random.Random(f"{SEED}-{number}")
        faults = Faults(stack, load)
        count = 40 if KILLS == "endless" else int(KILLS)
        targets = [name for kind in ("scoring", "ingestion", "query", "broker") for name in stack.of(kind)]
        schedule = (targets * count)[:count]
        dice.shuffle(schedule)
        for name in schedule:
            faults.kill(name, dice)
        load.await_progress(faults.progress)
        load.end()
        print(f"round {number}: {prove(stack, load.operations, fresh_rules=number + 1)}; kills so far: {dict(stack.kills)}", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
