"""The images and the compose file, as operations use them. One stack for all tests, in the order of their numbers.

Kafka's image is a stand-in of its Maven artefacts (tests/containers/kafka), Prometheus' one of Debian's package; the binaries are
those that are built. All of it runs in namespaces of its own."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest
import urllib.request

import grpc
import images
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from bellwether.v1 import types_pb2 as types_pb
from certificates import Authority
from compose import Compose
from feeds import OperationLog, OrderlyFeed
from programs import SERVICES
from stack import BIN, COUNCIL, EXAMPLE, PATIENCE, Process, wait_until

INGESTION, QUERY = "127.0.0.1:7401", "127.0.0.1:7402"
ON_THE_BROKER = tuple(s for s in SERVICES if s != "web")  # The pages speak with query alone.
GRACE = 30  # Seconds: stop_grace_period.
REPORT = ["report", "--period", "2022-02"]


def cli(*arguments, ingestion=INGESTION, query=QUERY):
    """The native command line; what it printed."""
    result = subprocess.run([BIN / "bellwether", "--council", COUNCIL, "--ingestion", ingestion, "--query", query, *arguments], capture_output=True,
                            text=True, timeout=PATIENCE, check=False)
    assert result.returncode == 0, f"{arguments}: {result.stdout}{result.stderr}"
    return result.stdout


def load_example(**addresses):
    cli("catalogue", "apply", str(EXAMPLE / "catalogue.yaml"), **addresses)
    cli("readings", "submit", str(EXAMPLE / "readings-2022-02.csv"), **addresses)


def native_report():
    """The same report of native services."""
    one = Process("bellwether-standalone", ["--port", "0", "--ingestion-listen", "127.0.0.1:0", "--query-listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
                  r"ingestion on port (?P<ingestion>\d+), query on port (?P<query>\d+)")
    addresses = {name: f"127.0.0.1:{one.ports[name]}" for name in ("ingestion", "query")}
    load_example(**addresses)
    wait_until(lambda: "Now: 23 Green" in cli(*REPORT, **addresses), "the native report is whole")
    report = cli(*REPORT, **addresses)
    assert one.stop() == 0
    return report


# Which of the two depends on whether the leader that is asked is the broker that is left.
UNAVAILABLE = "the broker does not answer|the brokers acknowledge nothing that is sent"


class Load:
    """A feed that sends each reading once, and again only what was not acknowledged; of months long past, so that the report is
    what it was."""

    def __init__(self, name):
        self.operations = OperationLog()
        self.feed = OrderlyFeed(name, ["T15", "T16", "T21a", "T29"], [INGESTION], self.operations, name, owes=10, rest=0.2)
        self.feed.months = [f"2015-{m:02}" for m in range(1, 13)]
        self.feed.start()

    def await_progress(self, acknowledgements=60):
        goal = self.operations.count() + acknowledgements

        def far_enough():
            if self.feed.failure:
                raise self.feed.failure
            return self.operations.count() >= goal
        wait_until(far_enough, f"{acknowledgements} more acknowledgements")

    def end(self, faults=False):
        """Everything acknowledged is found, where the acknowledgement said, and counts once; how many readings that are. With
        `faults` an acknowledgement may have been lost, and its reading, sent again, may stand there as a repeat too."""
        self.feed.stopping.set()
        self.feed.join(PATIENCE)
        assert not self.feed.is_alive() and not self.feed.failure, self.feed.failure
        readings = self.feed.history
        found_at = set()
        with grpc.insecure_channel(QUERY) as channel:
            stub = query_grpc.QueryServiceStub(channel)
            for begin in range(0, len(readings), 100):
                request = query_pb.LookUpReadingsRequest()
                for r in readings[begin:begin + 100]:
                    request.keys.add(council=COUNCIL, ref=r.ref, period=r.period, reading_id=r.reading_id)

                def found(request=request):
                    results = stub.LookUpReadings(request, timeout=PATIENCE).results
                    return results if all(r.total_occurrences for r in results) else None
                for result in wait_until(found, "every acknowledged reading is visible"):
                    assert result.total_occurrences == (len(result.occurrences) if faults else 1), str(result)
                    counted = [o for o in result.occurrences if o.outcome != types_pb.OUTCOME_REPEAT]
                    assert len(counted) == 1, str(result)
                    found_at |= {(o.position.partition, o.position.offset) for o in result.occurrences}
        missing = {(partition, offset) for _, partition, offset, _ in self.operations.acknowledged} - found_at
        assert not missing, f"acknowledged, and not found there: {sorted(missing)[:10]}"
        return len(readings)


class ContainersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Compose()
        cls.paused = set()
        cls.stack.open()
        cls.addClassCleanup(cls.stack.close)

    def test_01_images_hold_what_they_say(self):
        for target, program in images.PROGRAMS.items():
            image = images.image_of(program)
            config = json.loads(images.run("podman", "image", "inspect", image))[0]
            inside = ("podman", "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "all", "--entrypoint", "")
            version = images.run(*inside, image, f"/usr/bin/{program}", "--version").strip()
            self.assertEqual(version, subprocess.run([BIN / program, "--version"], capture_output=True, text=True, check=True).stdout.strip())
            self.assertEqual(images.run(*inside, image, "id", "-u").strip(), "10001", program)
            self.assertEqual(config["Config"]["User"], "10001:10001")
            self.assertEqual(config["Config"]["Entrypoint"], [f"/usr/bin/{program}"])
            labels = config["Config"]["Labels"]
            self.assertEqual(labels["org.opencontainers.image.title"], program)
            self.assertEqual(labels["org.opencontainers.image.version"], images.VERSION)
            self.assertEqual(labels["org.opencontainers.image.revision"], images.revision())
            self.assertEqual(labels["org.opencontainers.image.source"], images.SOURCE_URL)
            for tool in ("gcc", "g++", "cc", "make", "cmake"):
                self.assertEqual(images.run(*inside, image, "sh", "-c", f"command -v {tool} || echo none").strip(), "none", program)
            bill = json.loads(images.run(*inside, image, "cat", f"/usr/share/sbom/{program}.spdx.json"))
            listed = {(p["name"], p["versionInfo"]) for p in bill["packages"]}
            installed = {tuple(line.split()) for line in images.run(*inside, image, "dpkg-query", "-W", "-f", "${Package} ${Version}\n").splitlines()}
            self.assertEqual(listed - {(program, version)}, installed)
            self.assertIn((program, version), listed)
            self.assertNotIn("not found", images.run(*inside, image, "ldd", f"/usr/bin/{program}"))
            if target in SERVICES:
                self.assertEqual(config["HealthCheck" if "HealthCheck" in config else "Healthcheck"]["Test"], ["CMD", f"/usr/bin/{program}", "health"])
            print(f"  {program}: {config['Size'] / 1e6:.0f} MB, {len(installed)} packages", flush=True)

    def test_02_the_example_is_served(self):
        seconds = self.stack.up(profiles=["example"])
        print(f"  up, to the example's start, in {seconds:.0f} s", flush=True)
        wait_until(lambda: self.stack.state("example")["Status"] == "exited", "the example has ended")
        out, err = self.stack.logs("example")
        self.assertEqual(self.stack.state("example")["ExitCode"], 0, out + err)
        native = native_report()
        self.assertIn("Now: 23 Green, 10 Amber, 6 Red, 28 Turquoise", native)
        wait_until(lambda: cli(*REPORT) == native, "the containers serve the report that native services give")
        type(self).report = native
        topics = "".join(self.stack.logs("topics"))
        self.assertEqual(topics.count("created, 12 partitions, set as it must be"), 4, topics)
        for service in SERVICES:
            limits = self.stack.inspect(service)["HostConfig"]
            self.assertTrue(limits["ReadonlyRootfs"], service)
            self.assertEqual(limits["RestartPolicy"]["Name"], "unless-stopped", service)
            self.assertGreater(limits["Memory"], 0, service)
            self.assertEqual(limits["PidsLimit"], 256, service)
            self.assertGreater(limits["CpuQuota"], 0, service)
            status = pathlib.Path(f"/proc/{self.stack.state(service)['Pid']}/status").read_text(encoding="utf-8")
            self.assertRegex(status, r"CapEff:\s+0{16}\n", service)
            self.assertRegex(status, r"NoNewPrivs:\s+1\n", service)
            self.assertRegex(status, r"Uid:\s+10001\s", service)

    def test_03_a_second_up_changes_nothing(self):
        before = self.stack.ids("kafka", *SERVICES)
        self.stack.up()
        self.assertEqual(self.stack.ids("kafka", *SERVICES), before)
        wait_until(lambda: self.stack.state("topics")["Status"] == "exited", "the topics were looked at again")
        self.assertEqual(self.stack.state("topics")["ExitCode"], 0)
        self.assertEqual(cli(*REPORT), self.report)

    def test_03_topics_that_would_lose_records_end_the_start(self):
        before = self.stack.ids("kafka", *SERVICES)
        self.set_retention(60000)
        with self.assertRaisesRegex(AssertionError, "exited with code 1"):
            self.stack.up()
        job = self.stack.inspect("topics")
        self.assertEqual((job["State"]["Status"], job["State"]["ExitCode"], job["RestartCount"]), ("exited", 1, 0))
        self.assertIn("retention.ms is 60000, must be -1: records could be lost", "".join(self.stack.logs("topics")))
        self.assertEqual(self.stack.ids("kafka", *SERVICES), before, "what runs goes on")
        self.set_retention(-1)
        self.stack.up()
        self.assertEqual(self.stack.state("topics")["ExitCode"], 0)
        self.assertEqual(self.stack.ids("kafka", *SERVICES), before)

    def set_retention(self, milliseconds):
        images.run("podman", "exec", self.stack.name("kafka"), "java", "-cp", "/opt/kafka/libs/*", "kafka.admin.ConfigCommand",
                   "--bootstrap-server", "kafka:19092", "--alter", "--entity-type", "topics", "--entity-name", "bellwether.indicators.v1.e1", "--add-config", f"retention.ms={milliseconds}")

    def test_04_a_stop_drains(self):
        load = Load("drain")
        load.await_progress()
        for service in SERVICES:
            begin = time.monotonic()
            self.stack("stop", service)
            seconds = time.monotonic() - begin
            state = self.stack.state(service)
            self.assertEqual(state["ExitCode"], 0, "".join(self.stack.logs(service))[-2000:])
            self.assertLess(seconds, GRACE)
            print(f"  {service} stopped in {seconds:.1f} s", flush=True)
            self.stack("start", service)
            self.stack.await_ready(service)
            load.await_progress()
        before = self.stack.ids(*SERVICES)
        self.stack("restart", "-t", str(GRACE), *SERVICES)
        self.stack.await_ready(*SERVICES)
        after = self.stack.ids(*SERVICES)
        for service in SERVICES:
            self.assertEqual(after[service][0], before[service][0], f"{service} is the same container")
            self.assertNotEqual(after[service][1], before[service][1], f"{service} was started again")
        load.await_progress()
        print(f"  {load.end()} readings acknowledged, each counted once", flush=True)
        self.assertEqual(cli(*REPORT), self.report)

    def test_05_a_kill_loses_nothing(self):
        load = Load("kill")
        for service in ("ingestion", "scoring", "query", "kafka"):
            load.await_progress()
            before = self.stack.inspect(service)
            self.stack.crash(service)
            print(f"  {service} was killed", flush=True)
            wait_until(lambda service=service, before=before: self.stack.inspect(service)["RestartCount"] > before["RestartCount"], f"{service} was restarted")
            self.stack.await_ready(*SERVICES)
            load.await_progress()
        print(f"  {load.end(faults=True)} readings acknowledged, each counted once", flush=True)
        self.assertEqual(cli(*REPORT), self.report)

    def test_06_without_the_network_they_live_and_wait(self):
        load = Load("cut")
        load.await_progress()
        before = self.stack.ids(*SERVICES)
        address = self.stack.inspect("kafka")["NetworkSettings"]["Networks"]["bellwether_bus"]["IPAddress"]
        images.run("podman", "network", "disconnect", "bellwether_bus", self.stack.name("kafka"))
        begin = time.monotonic()
        reasons = self.stack.await_not_ready(*ON_THE_BROKER)
        print(f"  not ready after {time.monotonic() - begin:.1f} s: {reasons}", flush=True)
        for service, words in reasons.items():
            self.assertIn("the broker does not answer", words, service)
        self.assertEqual(cli(*REPORT), self.report, "query answers from its view")
        self.assertEqual(self.stack.health("web")[0], 0, "so do the pages")
        images.run("podman", "network", "connect", "--ip", address, "--alias", "kafka", "bellwether_bus", self.stack.name("kafka"))
        begin = time.monotonic()
        self.stack.await_ready(*SERVICES)
        print(f"  ready again after {time.monotonic() - begin:.1f} s", flush=True)
        self.assertEqual(self.stack.ids(*SERVICES), before, "nothing was restarted")
        load.await_progress()
        print(f"  {load.end(faults=True)} readings acknowledged, each counted once", flush=True)

    def test_07_a_pause_is_only_lag(self):
        load = Load("pause")
        load.await_progress()
        before = self.stack.ids(*SERVICES)
        self.pause("kafka")
        reasons = self.stack.await_not_ready(*ON_THE_BROKER)
        self.assertIn("the broker does not answer", reasons["ingestion"])
        self.unpause("kafka")
        self.stack.await_ready(*SERVICES)
        load.await_progress()
        self.pause("scoring")
        load.await_progress()
        self.unpause("scoring")
        print(f"  {load.end(faults=True)} readings acknowledged, each counted once", flush=True)
        self.assertEqual(self.stack.ids(*SERVICES), before, "nothing was restarted")

    def test_08_more_scoring(self):
        load = Load("scale")
        self.stack.up("--scale", "scoring=3", "scoring")
        for number in (1, 2, 3):
            wait_until(lambda number=number: self.stack.health("scoring", number=number)[0] == 0, f"scoring {number} is ready")
        shared = [sum(re.findall(r"partition \d+: folds from", line) != [] for line in "".join(self.stack.logs("scoring", n)).splitlines()) for n in (1, 2, 3)]
        self.assertTrue(all(shared), f"each has partitions: {shared}")
        load.await_progress()
        self.stack.up("--scale", "scoring=1", "scoring")
        load.await_progress()
        print(f"  {load.end()} readings acknowledged, each counted once", flush=True)

    def test_09_prometheus_finds_them(self):
        if subprocess.run(["podman", "image", "exists", images.PROMETHEUS], env=images.environment(), check=False).returncode != 0:
            self.skipTest("Debian's Prometheus is missing")
        self.stack("--profile", "observability", "up", "-d", "--no-build", "prometheus")

        def up():
            try:
                with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query=up", timeout=PATIENCE) as answer:
                    found = {s["metric"]["job"]: s["value"][1] for s in json.load(answer)["data"]["result"]}
            except OSError:
                return False
            return found == {f"bellwether-{s}": "1" for s in SERVICES}
        wait_until(up, "Prometheus finds all three services by their names")

    def test_10_down_and_up_loses_nothing(self):
        position = self.report_position()
        self.stack("--profile", "observability", "--profile", "example", "down", "-t", str(GRACE))
        self.assertEqual(images.run("podman", "ps", "-a", "-q"), "")
        self.stack.up()
        self.stack.await_ready(*SERVICES)
        self.assertEqual(cli(*REPORT), self.report)
        self.assertEqual(self.report_position(), position, "nothing was sent twice")
        self.stack("down", "-v", "-t", str(GRACE))

    def test_11_tls_from_files(self):
        folder = images.STORE / "secrets"
        shutil.rmtree(folder, ignore_errors=True)
        authority = Authority(images.STORE / "secrets" / "made")
        for made, name in (*zip(authority.sign("service", names="DNS:bellwether,DNS:query,DNS:ingestion,DNS:localhost,IP:127.0.0.1"), ("tls.crt", "tls.key"), strict=True), (authority.certificate, "ca.crt")):
            shutil.copy(made, folder / name)
        (folder / "kafka.properties").write_text("# Nothing.\n")
        shutil.copy(EXAMPLE / "access.yaml", folder / "access.yaml")
        for path in folder.glob("*.*"):
            os.chown(path, 10001, 10001)
            path.chmod(0o400)
        self.stack.environment["BELLWETHER_SECRETS"] = str(folder)
        self.begin_anew("docker-compose.tls.yml")
        self.stack.up()
        self.stack.await_ready(*SERVICES)
        certificate, key = authority.sign("performance-team", names=None)
        tls = ["--tls-ca", str(authority.certificate), "--tls-certificate", str(certificate), "--tls-key", str(key)]
        secure = {"ingestion": "127.0.0.1:7441", "query": "127.0.0.1:7442"}
        cli(*tls, "catalogue", "apply", str(EXAMPLE / "catalogue.yaml"), **secure)
        with self.assertRaisesRegex(AssertionError, "Socket closed|Connection reset|UNAVAILABLE"):
            cli("catalogue", "apply", str(EXAMPLE / "catalogue.yaml"), **secure)
        with self.assertRaisesRegex(AssertionError, "strangers may not define here"):
            cli("--tls-ca", str(authority.certificate), "catalogue", "apply", str(EXAMPLE / "catalogue.yaml"), **secure)
        wait_until(lambda: "67 indicators" in cli(*tls, *REPORT, **secure), "the catalogue is served")
        with urllib.request.urlopen("http://127.0.0.1:7480/E06000061/indicators/T21a", timeout=60) as page:
            self.assertIn("T21a", page.read().decode(), "the pages have the rights of the services' certificate")
        self.stack("down", "-v", "-t", str(GRACE))

    def test_12_three_brokers(self):
        self.begin_anew("docker-compose.three-brokers.yml")
        self.stack.up()
        self.stack.await_ready(*SERVICES)
        load_example()
        wait_until(lambda: cli(*REPORT) == self.report, "three brokers' report is the same")
        load = Load("brokers")
        load.await_progress()
        self.lose("kafka-3")
        load.await_progress()
        images.run("podman", "start", self.stack.name("kafka-3"))
        self.lose("kafka-2")
        load.await_progress()  # By two of three: the one that came back was found.
        self.lose("kafka-3")
        march = images.STORE / "march.csv"  # What is in force already would not be sent again.
        march.write_text("ref,period,value\nT11,2022-03,88\n")
        with self.assertRaisesRegex(AssertionError, "BROKER_UNAVAILABLE|DEFINITIONS_NOT_CURRENT|did not answer in time"):
            cli("--timeout", "10", "readings", "submit", str(march))
        wait_until(lambda: re.search(UNAVAILABLE, self.stack.health("ingestion")[1]), "ingestion says that it cannot serve")
        before = self.stack.ids(*SERVICES)
        for broker in ("kafka-2", "kafka-3"):
            images.run("podman", "start", self.stack.name(broker))
        self.stack.await_ready(*SERVICES)
        load.await_progress()
        self.assertEqual(self.stack.ids(*SERVICES), before, "nothing was restarted")
        print(f"  {load.end(faults=True)} readings acknowledged, each counted once", flush=True)
        self.assertEqual(cli(*REPORT), self.report)
        self.stack("down", "-v", "-t", str(GRACE))

    def lose(self, broker):
        """At once, as when its machine is lost; it may come back under another address."""
        images.run("podman", "stop", "-t", "0", self.stack.name(broker))

    def begin_anew(self, file):
        """Without what is there of another set of files, and its log."""
        self.stack("--profile", "observability", "--profile", "example", "down", "-v", "-t", str(GRACE))
        self.stack.more_files = [file]

    def pause(self, service):
        """Also a test that fails lets it go on: what is frozen cannot be ended."""
        images.run("podman", "pause", self.stack.name(service))
        self.paused.add(service)
        self.addCleanup(self.unpause, service)

    def unpause(self, service):
        if service in self.paused:
            images.run("podman", "unpause", self.stack.name(service))
            self.paused.discard(service)

    @staticmethod
    def report_position():
        with grpc.insecure_channel(QUERY) as channel:
            answer = query_grpc.QueryServiceStub(channel).GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-02"), timeout=PATIENCE)
            return answer.position


def main():
    if not os.environ.get("CONTAINERS_TEST_INSIDE"):
        lacks = images.missing()
        if lacks:
            print(f"containers are not tried: {lacks}")
            sys.exit(1 if os.environ.get("BELLWETHER_REQUIRE_CONTAINERS") == "1" else 0)
        images.build_all()
        images.go_inside()
    unittest.main(verbosity=2, failfast=True)


if __name__ == "__main__":
    main()
