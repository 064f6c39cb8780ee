"""Replicas of every service on Apache Kafka, which are killed, stopped, and started again where they were."""

import collections
import contextlib
import signal
import subprocess

import checker
from feeds import Definer
from kafka import KafkaStack, free_ports
from kcat import consumed, ends, in_sync
from stack import COUNCIL, LOGS, SCHEMES, indicator, wait_until

# Seconds in which a group notices a dead member, instead of 45.
SESSION = 1.5
QUICK = ["--kafka-property", f"session.timeout.ms={SESSION * 1000:.0f}", "--kafka-property", "heartbeat.interval.ms=300"]


class Cluster(KafkaStack):
    """The services, each known by its kind and a number."""

    def __init__(self, brokers=1, ingestion=2, scoring=2, query=2, liar=None):
        self.replicas = {"ingestion": ingestion, "scoring": scoring, "query": query}
        self.kills, self.pauses = collections.Counter(), collections.Counter()
        self.closing = False
        self.queries = []  # Every query that ran, for its alarms.
        super().__init__(brokers, liar)

    def start_services(self):
        listening = [(kind, i) for kind in ("ingestion", "query") for i in range(self.replicas[kind])]
        self.arguments = {name: ["--listen", f"127.0.0.1:{port}"] for name, port in zip(listening, free_ports(len(listening)), strict=True)}
        self.arguments.update({("scoring", i): self.scoring_arguments(i) for i in range(self.replicas["scoring"])})
        self.running = {}
        for name in self.arguments:
            self.launch(name)
        for service in self.running.values():
            service.await_ready()
        self.ingestion, self.query = self.running["ingestion", 0], self.running.get(("query", 0))

    @staticmethod
    def scoring_arguments(_):
        return QUICK

    def of(self, kind):
        if kind == "broker":
            return [("broker", i) for i in range(self.cluster.brokers)]
        return [name for name in self.arguments if name[0] == kind]

    def addresses(self):
        return [self.address(self.running[name]) for name in self.of("ingestion")]

    def launch(self, name):
        assert not self.closing, "the test is over"
        self.running[name] = self.start_service(name[0], *self.arguments[name])
        return self.running[name]

    def start_service(self, name, *arguments):
        process = super().start_service(name, *arguments)
        if name == "query":
            self.queries.append(process)
        return process

    def kill(self, name, how=""):
        """SIGKILL, and a new start."""
        self.strike(name, how)
        assert not self.closing, "the test is over"
        if name[0] == "broker":
            self.cluster.start(name[1])
        else:
            self.launch(name)

    def strike(self, name, how=""):
        """SIGKILL alone."""
        self.kills[name[0] + how] += 1
        if name[0] == "broker":
            self.cluster.kill(name[1])
            return
        process = self.running[name]
        assert process.popen.poll() is None, f"{process.name} ended by itself:\n{process.text()}"
        process.stop(signal.SIGKILL)
        self.processes.remove(process)

    def define(self, refs, operations, seed):
        """Defines indicators; the thread that will define them again under load."""
        text = f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators: [{indicator('template')}]\n"
        file = self.cluster.folder / "template.yaml"
        file.write_text(text)
        self.cli("catalogue", "apply", str(file))
        [(_, template)] = checker.records_of(self.kafka).values()
        operations.send(template)
        definer = Definer("definer", refs, self.addresses(), operations, seed, template.definition.definition)
        definer.define_all()
        return definer

    def ends(self):
        """Of the log, by partition. None: the broker cannot say."""
        with contextlib.suppress(subprocess.SubprocessError):
            return ends(self.kafka, checker.INDICATORS, seconds=5)

    def published(self, topic=checker.SCORES):
        """By partition, how far into the log the newest update of the scores topic is."""
        newest = {}
        for (partition, _), (_, value) in sorted(consumed(self.kafka, topic, "-o", "-1", seconds=5).items()):
            newest[partition] = checker.score_pb.Update.FromString(value).position.offset + 1
        return newest

    def lag(self, topic=checker.SCORES):
        """Records of the log, as it stood when asked, without an update yet. None: the broker cannot say."""
        end = self.ends()
        with contextlib.suppress(subprocess.SubprocessError):
            published = self.published(topic)
            return None if end is None else sum(max(0, offset - published.get(partition, 0)) for partition, offset in end.items())

    def await_replicas(self):
        """Every broker that is to run does, and has all that the others have."""
        everybody = {str(i + 1) for i in range(self.cluster.brokers)}
        wait_until(lambda: all(found == everybody for found in self._in_sync()), "all brokers are in sync")

    def _in_sync(self):
        try:
            return [in_sync(self.kafka, topic, seconds=5) for topic in (checker.INDICATORS, checker.SCORES)]
        except subprocess.SubprocessError:
            return [set()]

    def await_scored(self):
        wait_until(lambda: self.lag() == 0, "scoring has folded the whole log")

    def check_running(self):
        """Nothing ended but by the test's hand."""
        for process in self.running.values():
            assert process.popen.poll() is None, f"{process.name} ended by itself:\n{process.text()}"

    def close(self):
        self.closing = True  # A harm that still goes on, as after an interrupt, starts nothing any more.
        super().close()

    @contextlib.contextmanager
    def evidence(self, operations, seed):
        """On a failure the brokers' data stays beside the logs, with the operation log."""
        try:
            yield
        except BaseException:
            self.cluster.keep_data = True
            path = LOGS / f"operations-{seed}.txt"
            operations.write(path, seed)
            print(f"BELLWETHER_SEED={seed} failed after {dict(self.kills)}: see {path} and {self.cluster.folder}", flush=True)
            raise
