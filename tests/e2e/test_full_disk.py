"""The disk under Kafka is full: the broker ends, and goes on once there is room; nothing acknowledged is lost. BELLWETHER_SEED
repeats a run."""

import unittest

from cluster import Cluster
from disks import SmallDisk, require_mounts
from faults import SEED, Load
from kafka import Kafka, require_kafka
from proof import prove
from stack import wait_until


def setUpModule():
    require_kafka()
    require_mounts()


class KafkaOnSmallDisk(Kafka):
    """One broker, whose data lie on a disk of their own."""

    def _configure(self, i, controller, cluster_id):
        self.disk = SmallDisk(self.folder / "disk", "128m")
        self.before = self.disk.before
        super()._configure(i, controller, cluster_id)

    def data(self, i):
        return self.folder / "disk" / str(i)

    def close(self):
        super().close()
        self.disk.close()


class ClusterOnSmallDisk(Cluster):
    @staticmethod
    def make_cluster(brokers, liar):
        return KafkaOnSmallDisk(brokers, liar)


class FullDiskTest(unittest.TestCase):
    def test_under_kafka(self):
        """Twice, since what a full disk broke off in the midst lies at the end of the log the second time."""
        print(f"BELLWETHER_SEED={SEED}", flush=True)
        stack = ClusterOnSmallDisk.started(self.addCleanup)
        load = Load(stack, 60, 2, owes=20, seed=SEED)
        with stack.evidence(load.operations, SEED):
            for _ in range(2):
                load.await_progress(200)
                self.fill_and_mend(stack)
            load.await_progress(200)
            load.end()
            print(prove(stack, load.operations), flush=True)

    def fill_and_mend(self, stack):
        kafka = stack.cluster
        kafka.disk.fill()
        services = list(stack.running.values())
        wait_until(lambda: all(s.get("/readyz")[0] == 503 for s in services), "no service is ready on a broker whose disk is full")
        for service in services:
            self.assertEqual(service.get("/livez"), (200, "ok\n"))
        ended = kafka.processes[0].poll() is not None
        print(f"on a full disk the broker {'ended' if ended else 'stood still'}; " + "; ".join(sorted({s.get('/readyz')[1].strip() for s in services})), flush=True)
        kafka.disk.empty()
        if not ended:
            kafka.kill(0)
        kafka.start(0)
        for service in services:
            service.await_ready()


if __name__ == "__main__":
    unittest.main(verbosity=2)
