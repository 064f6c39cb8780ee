"""Apache Kafka as processes of the test: one broker or three, in a folder of its own, killed and started at will."""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
import uuid
import base64

from stack import BIN, LOGS, PATIENCE, Stack, wait_until

# Where ./dev put Kafka's files.
JARS = pathlib.Path(os.environ["BELLWETHER_SOURCE"]) / "build" / "kafka" / "lib"


def require_kafka():
    """Skips the tests where Kafka cannot be had; with BELLWETHER_REQUIRE_KAFKA=1 that is a failure."""
    lacks = "java is missing" if not shutil.which("java") else "" if JARS.is_dir() else "Kafka's files are missing: ./dev up fetches them"
    if not lacks:
        return
    if os.environ.get("BELLWETHER_REQUIRE_KAFKA") == "1":
        raise AssertionError(f"{lacks}, but BELLWETHER_REQUIRE_KAFKA=1")
    raise unittest.SkipTest(lacks)


def free_ports(count):
    """Ports that nobody listens on, and that the system gives to no client meanwhile: what is killed comes back to its port."""
    lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    free = []
    while len(free) < count:
        port = random.randrange(10_000, lowest)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            if port not in free:
                free.append(port)
    return free


class Kafka:
    """A cluster. Its data outlives kill() and stop(), and goes with close()."""

    before = ()  # What the command line of a broker begins with that is started from now on.

    def __init__(self, brokers=1, liar=None):
        LOGS.mkdir(exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kafka-", dir=LOGS))
        self.brokers = brokers
        self.keep_data = False
        ports = free_ports(brokers * 2)
        self.ports, controllers = ports[:brokers], ports[brokers:]
        self.told = self.ports  # The ports that clients know of.
        if liar is not None:
            liar.broker, self.told = self.ports[0], [liar.port]
        self.processes = [None] * brokers
        self.voters = ",".join(f"{i + 1}@127.0.0.1:{port}" for i, port in enumerate(controllers))
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[:22].replace("-", "A")
        for i in range(brokers):
            self._configure(i, controllers[i], cluster_id)

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{port}" for port in self.told)

    def data(self, i):
        """Where broker i keeps its log."""
        return self.folder / str(i) / "data"

    def _configure(self, i, controller, cluster_id):
        folder = self.folder / str(i)
        folder.mkdir()
        replicas, in_sync = (3, 2) if self.brokers >= 3 else (1, 1)
        (folder / "server.properties").write_text(f"""process.roles=broker,controller
node.id={i + 1}
listeners=PLAINTEXT://127.0.0.1:{self.ports[i]},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.told[i]}
controller.listener.names=CONTROLLER
controller.quorum.voters={self.voters}
log.dirs={self.data(i)}
auto.create.topics.enable=false
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=200
""")
        with open(folder / "format.log", "w", encoding="utf-8") as log:
            subprocess.run([*self.before, "java", "-cp", f"{JARS}/*", "kafka.tools.StorageTool", "format", "--cluster-id", cluster_id,
                            "--config", folder / "server.properties"], stdout=log, stderr=log, check=True, timeout=PATIENCE)

    def start(self, i):
        folder = self.folder / str(i)
        with open(folder / "broker.log", "a", encoding="utf-8") as log:
            self.processes[i] = subprocess.Popen(
                [*self.before, "java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Xms384m", "-Xmx384m", "-cp", f"{JARS}/*", "kafka.Kafka",
                 folder / "server.properties"], stdout=log, stderr=log)

    def start_all(self):
        for i in range(self.brokers):
            self.start(i)
        for port in self.ports:
            wait_until(lambda port=port: self._accepts(port), f"a broker listens on {port}")

    @staticmethod
    def _accepts(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def kill(self, i):
        """SIGKILL; returns once the port is closed, so that the next start is not mistaken for this one."""
        self.processes[i].send_signal(signal.SIGKILL)
        self.processes[i].wait(PATIENCE)
        wait_until(lambda: not self._accepts(self.ports[i]), "the killed broker's port is closed")

    def stop_all(self):
        """SIGTERM to all at once: one left alone would wait for a quorum that is gone."""
        running = [p for p in self.processes if p is not None and p.poll() is None]
        for p in running:
            p.send_signal(signal.SIGTERM)
        for p in running:
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait(PATIENCE)

    def close(self):
        self.stop_all()
        for i in range(0 if self.keep_data else self.brokers):
            shutil.rmtree(self.data(i), ignore_errors=True)


class KafkaStack(Stack):
    """The services on Apache Kafka."""

    def __init__(self, brokers=1, liar=None):
        self.cluster = self.make_cluster(brokers, liar)
        self.cluster.start_all()
        self.kafka = self.cluster.bootstrap
        self.admin("topics", "--brokers", str(brokers))
        self.start_services()

    @staticmethod
    def make_cluster(brokers, liar):
        return Kafka(brokers, liar)

    def start_services(self):
        self.ingestion = self.start_service("ingestion")
        self.scoring = self.start_service("scoring")
        self.query = self.start_service("query")
        for service in (self.ingestion, self.scoring, self.query):
            service.await_ready()

    def admin(self, *arguments, check=True):
        """Runs bellwether-admin; what it printed."""
        result = subprocess.run([BIN / "bellwether-admin", *arguments, "--kafka", self.kafka], capture_output=True, text=True,
                                timeout=PATIENCE, check=False)
        if check and result.returncode != 0:
            raise AssertionError(f"{arguments} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result

    def close(self):
        try:
            super().close()
        finally:
            if hasattr(self, "cluster"):
                self.cluster.close()
