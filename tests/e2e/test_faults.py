"""kill -9 under load, at random moments: nothing acknowledged is lost, and everything is counted once.

BELLWETHER_SEED repeats a run, BELLWETHER_KILLS says how many (default 10)."""

import os
import random
import signal
import time
import unittest

import checker
from feeds import Feed, OperationLog
from kafka import KafkaStack, free_ports, require_kafka
from kcat import consumed
from stack import StackTest, indicator, wait_until

SEED = int(os.environ.get("BELLWETHER_SEED") or time.time_ns() % 1_000_000)
KILLS = int(os.environ.get("BELLWETHER_KILLS") or 10)
INDICATORS = 60
FEEDS = 3
# Acknowledgements between two kills.
PROGRESS = 150
# What makes a group notice a dead member in 1.5 s instead of 45.
QUICK = ["--kafka-property", "session.timeout.ms=1500", "--kafka-property", "heartbeat.interval.ms=300"]


def setUpModule():
    require_kafka()


class Cluster(KafkaStack):
    """Two replicas of each service, which are killed and started again where they were."""

    def start_services(self):
        ports = free_ports(4)
        self.arguments = {
            **{("ingestion", i): ["--listen", f"127.0.0.1:{ports[i]}"] for i in range(2)},
            **{("scoring", i): QUICK for i in range(2)},
            **{("query", i): ["--listen", f"127.0.0.1:{ports[2 + i]}"] for i in range(2)},
        }
        self.running = {}
        for name in self.arguments:
            self.launch(name)
        for service in self.running.values():
            service.await_ready()
        self.ingestion, self.query = self.running["ingestion", 0], self.running["query", 0]

    def launch(self, name):
        self.running[name] = self.start_service(name[0], *self.arguments[name])

    def kill(self, name):
        """SIGKILL, and a new start."""
        if name[0] == "broker":
            self.cluster.kill(name[1])
            self.cluster.start(name[1])
            return
        process = self.running[name]
        process.stop(signal.SIGKILL)
        self.processes.remove(process)
        self.launch(name)


class FaultTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.stack = Cluster.started(cls.addClassCleanup)

    def test_nothing_acknowledged_is_lost_and_everything_counts_once(self):
        print(f"BELLWETHER_SEED={SEED} BELLWETHER_KILLS={KILLS}", flush=True)
        dice = random.Random(SEED)
        stack = self.stack
        refs = [f"F{i}" for i in range(INDICATORS)]
        self.define(*[indicator(ref) for ref in refs])
        operations = OperationLog()
        addresses = [stack.address(stack.running["ingestion", i]) for i in range(2)]
        feeds = [Feed(f"feed-{i}", refs[i::FEEDS], addresses, operations, f"{SEED}-{i}") for i in range(FEEDS)]
        for feed in feeds:
            feed.start()

        targets = [("scoring", 0), ("scoring", 1), ("ingestion", 0), ("ingestion", 1), ("query", 0), ("broker", 0)]
        schedule = (targets * KILLS)[:KILLS]
        dice.shuffle(schedule)
        for name in schedule:
            goal = operations.count() + dice.randint(1, PROGRESS)
            wait_until(lambda goal=goal: operations.count() >= goal or any(f.failure for f in feeds), "feeds are acknowledged")
            stack.kill(name)
        goal = operations.count() + PROGRESS
        wait_until(lambda: operations.count() >= goal or any(f.failure for f in feeds), "feeds are acknowledged after the last kill")
        for feed in feeds:
            feed.stopping.set()
        for feed in feeds:
            feed.join(90)
            self.assertFalse(feed.is_alive(), "a feed has all its readings acknowledged in the end")
            self.assertIsNone(feed.failure)

        log = checker.records_of(stack.kafka)
        checker.check_log(log, operations)
        indicators, outcomes = checker.fold(log)
        wait_until(lambda: self.folded(stack, checker.SCORES) >= set(log), "scoring has folded the whole log")
        first = checker.check_scores(consumed(stack.kafka, checker.SCORES), log, outcomes)
        query = stack.running["query", 0]
        query.await_ready()
        shown = checker.check_view(stack.query_stub(query), log, indicators)
        print(f"{len(operations.acknowledged)} acknowledgements, {len(log)} records, {shown} readings in force, {len(schedule)} kills", flush=True)

        # Fresh services give the same bytes, and no alarm stands.
        fresh = stack.start_service("query")
        for service in (fresh, stack.running["query", 1]):
            service.await_ready()
            wait_until(lambda service=service: service.get("/view")[1] == query.get("/view")[1], "every query dumps the same")
        stack.admin("topics", "--rules-version", "2")
        stack.start_service("scoring", "--scores-topic", "bellwether.scores.v1.e1.r2", "--group", "bellwether.scoring.e1.r2")
        wait_until(lambda: self.folded(stack, "bellwether.scores.v1.e1.r2") >= set(log), "a fresh group folds the log")
        again = checker.check_scores(consumed(stack.kafka, "bellwether.scores.v1.e1.r2"), log, outcomes)
        self.assertEqual(again, first)

    @staticmethod
    def folded(stack, topic):
        updates = consumed(stack.kafka, topic)
        return {(p, checker.score_pb.Update.FromString(value).position.offset) for (p, _), (_, value) in updates.items()}


if __name__ == "__main__":
    unittest.main(verbosity=2)
