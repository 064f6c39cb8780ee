"""Descriptors run out, of each service and of the broker, and come back: who ran out of them accepts connections again, or ends with
code 1 and is started again; nothing acknowledged is lost. BELLWETHER_SEED repeats a run."""

import contextlib
import os
import resource
import socket
import unittest

import grpc

from cluster import Cluster
from faults import SEED, Load
from kafka import require_kafka
from proof import prove
from stack import SERVING, health, wait_until

# Connections of the one who takes them all.
MANY = 60
# Of these a process still has so many when it begins.
LEFT = 6


def setUpModule():
    require_kafka()


def held(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Exhausted(contextlib.ExitStack):
    """A process without a free descriptor, since somebody has connected to its ports; until the end of the block."""

    def __init__(self, pid, ports):
        super().__init__()
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        limit = held(pid) + LEFT
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limits[1]))
        self.callback(self._release, pid, limits)
        for port in ports:
            for _ in range(MANY):
                self.enter_context(self._connection(port))
        self.pid, self.limit = pid, limit
        wait_until(lambda: held(pid) >= limit - 1, "no descriptor is left", 20)

    @staticmethod
    def _connection(port):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", port))
        return s

    @staticmethod
    def _release(pid, limits):
        with contextlib.suppress(ProcessLookupError):  # It may have ended.
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


class DescriptorsTest(unittest.TestCase):
    def test_descriptors_run_out(self):
        print(f"BELLWETHER_SEED={SEED}", flush=True)
        self.stack = Cluster.started(self.addCleanup)
        self.load = load = Load(self.stack, 60, 3, owes=20, seed=SEED, rest=0.05)
        with self.stack.evidence(load.operations, SEED):
            for kind in ("ingestion", "query", "scoring"):
                load.await_progress(100)
                with self.subTest(kind):
                    self.exhaust_service((kind, 0))
            load.await_progress(100)
            with self.subTest("broker"):
                self.exhaust_broker()
            load.await_progress(100)
            load.end()
            print(prove(self.stack, load.operations), flush=True)

    def exhaust_service(self, name):
        """And the broker goes and comes back meanwhile, so that the service needs new connections itself."""
        process = self.stack.running[name]
        with Exhausted(process.popen.pid, process.ports.values()):
            self.stack.kill(("broker", 0))
            self.load.await_progress(100)  # Of the other ingestion.
        ended = wait_until(lambda: "ended" if process.popen.poll() is not None else self.serves(process), f"{name} serves again, or has ended", 60)
        if ended == "ended":
            self.assertEqual(process.popen.returncode, 1, process.text())
            self.stack.processes.remove(process)
            self.stack.launch(name).await_ready()
        print(f"{name[0]} without descriptors: {ended}", flush=True)

    def serves(self, process):
        """Ready, and accepts a caller that it has not seen."""
        with contextlib.suppress(OSError, grpc.RpcError):
            if process.get("/readyz")[0] != 200:
                return ""
            if "listen" not in process.ports:
                return "goes on"
            with grpc.insecure_channel(self.stack.address(process), options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
                return "goes on" if health(channel, timeout=2) == SERVING else ""
        return ""

    def exhaust_broker(self):
        """It goes on for those whose connections stand, or ends, as when it cannot open a file of its log."""
        kafka = self.stack.cluster
        process = kafka.processes[0]
        with Exhausted(process.pid, kafka.ports):
            # New clients, whom it cannot let in.
            self.stack.kill(("ingestion", 1))
            self.stack.kill(("scoring", 1))
            goal = self.load.operations.count() + 100
            wait_until(lambda: process.poll() is not None or self.load.operations.count() >= goal, "the broker goes on, or has ended")
        ended = process.poll() is not None
        print(f"broker without descriptors: {'ended' if ended else 'goes on'}", flush=True)
        if ended:
            kafka.start(0)
        for service in self.stack.running.values():
            service.await_ready()


if __name__ == "__main__":
    unittest.main(verbosity=2)
