"""Wall clocks that a test steps while the processes run that go by them."""

import mmap
import struct

from cluster import Cluster
from kafka import Kafka
from stack import BUILD

LIBRARY = BUILD / "tests" / "libstepped_clock.so"


class SteppedClock:
    """The machine's, until it is stepped."""

    def __init__(self, path):
        path.write_bytes(bytes(8))
        with open(path, "r+b") as file:
            self._ahead = mmap.mmap(file.fileno(), 8)
        # What the command line of a process begins with that goes by this clock.
        self.before = ["env", f"LD_PRELOAD={LIBRARY}", f"STEPPED_CLOCK={path}"]

    def set(self, seconds):
        """So far ahead of the machine's clock from now on; behind it, below zero."""
        struct.pack_into("<q", self._ahead, 0, seconds * 1_000_000_000)


class SteppedKafka(Kafka):
    """Brokers with a clock of their own."""

    def __init__(self, brokers=1, liar=None):
        super().__init__(brokers, liar)
        self.clock = SteppedClock(self.folder / "broker-clock")
        self.before = self.clock.before


class SteppedCluster(Cluster):
    """Services with a clock of their own, and brokers with another."""

    @staticmethod
    def make_cluster(brokers, liar):
        return SteppedKafka(brokers, liar)

    def start_services(self):
        self.clock = SteppedClock(self.cluster.folder / "service-clock")
        super().start_services()

    def start(self, name, arguments, pattern, before=()):
        return super().start(name, arguments, pattern, [*self.clock.before, *before])
