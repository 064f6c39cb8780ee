"""A producer that fails for good under load, ingestion's and scoring's in turn. BELLWETHER_SEED repeats a run."""

import unittest

import checker
from cluster import Cluster
from faults import SEED, Load
from kafka import require_kafka
from liar import Liar
from proof import prove
from stack import wait_until

ROUNDS = 3


def setUpModule():
    require_kafka()


class FatalTest(unittest.TestCase):
    def test_a_fatal_error_of_a_producer(self):
        print(f"BELLWETHER_SEED={SEED}", flush=True)
        liar = Liar()
        self.addCleanup(liar.close)
        stack = Cluster.started(self.addCleanup, liar=liar)
        load = Load(stack, 60, 3, owes=20, seed=SEED)
        with stack.evidence(load.operations, SEED):
            for _ in range(ROUNDS):
                for kind, topic in (("ingestion", checker.INDICATORS), ("scoring", checker.SCORES)):
                    self.fail_producer(stack, liar, kind, topic)
                    load.await_progress(200)
            load.end()
            print(f"{prove(stack, load.operations)}; {liar.told} fatal errors", flush=True)

    @staticmethod
    def fail_producer(stack, liar, kind, topic):
        def fatal():
            return sum(stack.running[name].text().count("Fatal error:") for name in stack.of(kind))

        before = fatal()
        liar.lie_once(topic)
        wait_until(lambda: fatal() > before, f"{kind} has a fatal error of its producer")


if __name__ == "__main__":
    unittest.main(verbosity=2)
