"""Upgrade, rollback and another number of instances as the operator's guide writes them: one instance after another, under
load, within one rules version.

The other release is this code with another version, linked for the test: what is shown is that the procedure loses nothing and
counts nothing twice. With BELLWETHER_OTHER_RELEASE=FOLDER the binaries there are the other release: then it is also shown
that the two go together. BELLWETHER_SEED repeats a run."""

import collections
import os
import pathlib
import subprocess
import threading
import time
import unittest

import grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc

from checker import records_of
from cluster import Cluster
from faults import SEED, Load
from feeds import CUT, MONTHS, OrderlyFeed, council_of
from kafka import free_ports, require_kafka
from proof import prove
from stack import BIN, BUILD, PATIENCE, wait_until

THIS = BIN
OTHER = pathlib.Path(os.environ.get("BELLWETHER_OTHER_RELEASE") or BUILD / "other-release")
# Who reads a topic comes before who writes it; back again the other way round.
ORDER = ("query", "scoring", "ingestion")
DRAIN = 20  # Seconds: the default of --drain-timeout.
# Seconds after which the group gives the partitions of a named member that does not come back to others, instead of 45.
SESSION = 10


def setUpModule():
    require_kafka()


def version_of(folder, service):
    said = subprocess.run([folder / f"bellwether-{service}", "--version"], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    return said.strip().removeprefix(f"bellwether-{service} ")


class Fleet(Cluster):
    """Replicas, each of one of two releases. Scoring has names, as in deploy/kubernetes: the group keeps its partitions for it."""

    release = THIS

    @staticmethod
    def scoring_arguments(i):
        return ["--instance-id", f"scoring-{i}", "--kafka-property", f"session.timeout.ms={SESSION * 1000}"]

    def start(self, name, arguments, pattern):
        return super().start(self.release / name, arguments, pattern)

    def retire(self, name):
        """SIGTERM under load; seconds until it was gone."""
        process = self.running.pop(name)
        begin = time.monotonic()
        code = process.stop()
        seconds = time.monotonic() - begin
        self.processes.remove(process)
        assert code == 0, f"{name} ended with {code}:\n{process.text()}"
        assert seconds < DRAIN, f"{name} took {seconds:.1f} s to stop"
        return seconds

    def add(self, name):
        """One more; seconds until it was ready."""
        if name not in self.arguments:
            self.arguments[name] = self.scoring_arguments(name[1]) if name[0] == "scoring" else ["--listen", f"127.0.0.1:{free_ports(1)[0]}"]
        begin = time.monotonic()
        self.launch(name).await_ready()
        return time.monotonic() - begin


class Reader(threading.Thread):
    """An application that asks for a row of the report again and again, of one query, and of another when that one goes."""

    def __init__(self, stack):
        super().__init__(name="reader", daemon=True)
        self.stack = stack
        self.stopping = threading.Event()
        self.answers, self.longest, self.failure = 0, 0.0, None

    def run(self):
        request = query_pb.GetReportRequest(council=council_of("F1"), period=MONTHS[-1])
        request.filter.refs.append("F1")
        addresses = collections.deque(self.stack.address(self.stack.running[name]) for name in self.stack.of("query"))
        last = time.monotonic()
        try:
            while not self.stopping.is_set():
                addresses.rotate()
                with grpc.insecure_channel(addresses[0]) as channel:
                    stub = query_grpc.QueryServiceStub(channel)
                    try:
                        while not self.stopping.wait(0.02):
                            rows = stub.GetReport(request, timeout=PATIENCE).rows
                            assert len(rows) == 1, f"{len(rows)} rows"
                            self.longest, last = max(self.longest, time.monotonic() - last), time.monotonic()
                            self.answers += 1
                    except grpc.RpcError as error:
                        if error.code() not in CUT:
                            raise
        except Exception as failure:  # Told by the test, which waits for answers.
            self.failure = failure

    def await_answers(self):
        goal = self.answers + 5
        wait_until(lambda: self.answers >= goal or self.failure, "a query answers")
        if self.failure:
            raise self.failure


class UpgradeTest(unittest.TestCase):
    def setUp(self):
        self.versions = {folder: {version_of(folder, service) for service in ORDER} for folder in (THIS, OTHER)}
        for folder, versions in self.versions.items():
            self.assertEqual(len(versions), 1, f"the binaries of {folder} are of one release: {versions}")
        self.this, self.other = (versions.copy().pop() for versions in self.versions.values())
        self.assertNotEqual(self.this, self.other)
        self.assertEqual(self.this.rpartition("rules ")[2], self.other.rpartition("rules ")[2], "one rules version: the other way is test_rules_version.py")

    def test_over_and_back_and_more_and_fewer(self):
        print(f"BELLWETHER_SEED={SEED}: this is {self.this}, the other {self.other}", flush=True)
        self.stack = stack = Fleet.started(self.addCleanup)
        self.load = load = Load(stack, 60, 2, owes=20, seed=SEED, rest=0.05)
        orderly = OrderlyFeed("orderly", load.refs, load.addresses, load.operations, f"{SEED}-orderly", owes=20, rest=0.05)
        load.senders.append(orderly)
        orderly.start()
        self.reader = Reader(stack)
        self.addCleanup(self.reader.stopping.set)
        self.reader.start()
        with stack.evidence(load.operations, SEED):
            self.await_work()
            self.over_to(OTHER, self.other, ORDER)
            self.over_to(THIS, self.this, ORDER[::-1])
            self.more_and_fewer()
            load.end()
            self.reader.stopping.set()
            self.assertIsNone(self.reader.failure)
            print(f"{prove(stack, load.operations)}; {self.reader.answers} reads, the longest wait for one {self.reader.longest:.1f} s", flush=True)
            self.check_repeats(orderly)

    def over_to(self, release, version, order):
        """Every instance, one after another, each with the next only when it is ready."""
        stack = self.stack
        stack.release = release
        stack.admin("topics")
        for name in (name for kind in order for name in stack.of(kind)):
            stopping = stack.retire(name)
            self.await_work()  # While it is gone the others do its work.
            starting = stack.add(name)
            self.await_work()
            print(f"  {version.partition(',')[0]}): {name[0]} {name[1]} stopped in {stopping:.1f} s, ready after {starting:.1f} s", flush=True)

    def more_and_fewer(self):
        """A third of each, and then without the first scoring and without the third of the others."""
        stack = self.stack
        for kind in ORDER:
            print(f"  a third {kind}: ready after {stack.add((kind, 2)):.1f} s", flush=True)
            self.await_work()
        self.load.addresses.append(stack.address(stack.running["ingestion", 2]))
        self.await_work()
        self.load.addresses.pop()
        for name in (("query", 2), ("ingestion", 2), ("scoring", 0)):
            shared, begin = self.shared_out(), time.monotonic()
            seconds = stack.retire(name)
            del stack.arguments[name]
            self.await_work()
            print(f"  without {name[0]} {name[1]}: stopped in {seconds:.1f} s", flush=True)
        wait_until(lambda: self.shared_out() >= shared + 12, "others have the partitions of the scoring that is gone")
        print(f"  others have its partitions after {time.monotonic() - begin:.1f} s (session timeout {SESSION} s)", flush=True)

    def shared_out(self):
        """How often a partition was given to one of those who score now, but for the first scoring."""
        return sum(self.stack.running[name].text().count("publishes from") for name in self.stack.of("scoring") if name[1] > 0)

    def await_work(self):
        """Until feeds and readers got some way on."""
        self.load.await_progress(50)
        self.reader.await_answers()

    def check_repeats(self, orderly):
        """What was answered before a stream was closed was never sent again, and what was not answered was not recorded: an instance
        that drains gives no cause for a repeat."""
        ids = collections.Counter(r.reading.reading_id for _, r in records_of(self.stack.kafka).values() if r.HasField("reading"))
        mine = {i: times for i, times in ids.items() if i.startswith(f"{orderly.name}-")}
        self.assertEqual(len(mine), len(orderly.history))
        self.assertEqual({i: times for i, times in mine.items() if times > 1}, {})
        print(f"{len(mine)} readings of the orderly feed, each recorded once", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
