"""The whole schedule of faults, with thousands of indicators of several councils. BELLWETHER_SEED repeats a
run, and BELLWETHER_ROUNDS says how often three brokers go through theirs (default 1; 3 is the long form)."""

import os
import time
import unittest

from cluster import Cluster
from faults import SEED, Faults, Harm, Load, do_all_at_once
from kafka import require_kafka
from proof import prove

INDICATORS = 2400
FEEDS = 4
ROUNDS = int(os.environ.get("BELLWETHER_ROUNDS") or 1)


def setUpModule():
    require_kafka()


class ScheduleTest(unittest.TestCase):
    def under_load(self, schedule, progress, **replicas):
        """Does what `schedule` makes of the faults, and proves that nothing came of it."""
        print(f"BELLWETHER_SEED={SEED}", flush=True)
        stack = Cluster.started(self.addCleanup, **replicas)
        load = Load(stack, INDICATORS, FEEDS, owes=40, seed=SEED, rest=0.2)  # More would be told by nothing but the time that it takes.
        with stack.evidence(load.operations, SEED):
            faults = Faults(stack, load, progress)
            begin = time.monotonic()
            do_all_at_once([Harm(name, todo, SEED) for name, todo in schedule(faults).items()])
            load.await_progress(faults.progress)
            load.end()
            print(f"{time.monotonic() - begin:.0f} s under load", flush=True)
            print(f"{prove(stack, load.operations)}; kills: {dict(stack.kills)}, pauses: {dict(stack.pauses)}", flush=True)
        return stack, faults

    def test_one_broker(self):
        def schedule(f):
            return {
                "scoring": [f.scoring, f.scoring_in_a_rebalance, f.scoring, f.scoring, f.scoring_in_a_rebalance, f.pause_scoring] * 5,
                "ingestion": [f.ingestion] * 25,
                "query": [f.query] * 15,
                "broker": ([f.broker] * 5 + [f.pause_broker]) * 2,
            }

        stack, faults = self.under_load(schedule, progress=400, brokers=1, scoring=3)
        lagging = sum(lag > 0 for lag in faults.lags)
        print(f"{lagging} of {len(faults.lags)} kills of scoring with updates to be made, at most {max(faults.lags)}; "
              f"{faults.restoring} queries killed while they restored", flush=True)
        self.assertEqual(stack.kills.total(), 40 + 25 + 15 + 10)
        # Of many kills nothing is known: the broker is away, or too slow to say.
        self.assertGreaterEqual(lagging, 5)
        self.assertGreaterEqual(2 * lagging, len(faults.lags))
        self.assertGreaterEqual(faults.restoring, 10)

    def test_three_brokers(self):
        def schedule(f):
            return {"broker": [f.broker, f.two_brokers] * ROUNDS + [f.pause_broker, f.broker]}

        stack, _ = self.under_load(schedule, progress=1000, brokers=3)
        self.assertEqual(stack.kills.total(), 3 * ROUNDS + 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
