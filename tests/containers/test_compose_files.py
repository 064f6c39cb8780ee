"""The compose files, without running them: what docker-compose makes of each of their combinations, and what the variables are."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

BIN = pathlib.Path(os.environ["BELLWETHER_BUILD"]) / "bin"
SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
BASE, TLS, THREE, EDGE = "docker-compose.yml", "docker-compose.tls.yml", "docker-compose.three-brokers.yml", "docker-compose.edge.yml"
SERVERS = ("ingestion", "query")
PROGRAMS = {"ingestion": "bellwether-ingestion", "scoring": "bellwether-scoring", "query": "bellwether-query", "web": "bellwether-web", "topics": "bellwether-admin",
            "example": "bellwether"}


def config(*files, folder=SOURCE):
    """The services, with every variable at its default; or what is wrong."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    words = [word for file in files for word in ("-f", file)]
    result = subprocess.run(["docker-compose", *words, "--profile", "example", "--profile", "observability", "config"], cwd=folder, env=environment,
                            capture_output=True, text=True, timeout=60, check=False)
    return yaml.safe_load(result.stdout)["services"] if result.returncode == 0 else result.stderr


def in_image(name):
    """What the image of a service sets."""
    target = "cli" if name == "example" else "admin" if name == "topics" else name
    text = (SOURCE / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    stage = re.search(rf"^FROM runtime AS {target}$(.*?)(?=^FROM |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    return dict(pair.split("=", 1) for line in re.findall(r"^ENV (.*)$", stage, re.MULTILINE) for pair in line.split())


def published(service):
    """Where a service's ports are reached from outside."""
    return [port if isinstance(port, str) else f"{port['published']}:{port['target']}" for port in service.get("ports", [])]


class ComposeFilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = {files: config(*files) for files in ((BASE,), (BASE, TLS), (BASE, THREE), (BASE, THREE, TLS), (BASE, EDGE))}
        for files, services in cls.made.items():
            assert isinstance(services, dict), f"{files}: {services}"

    def each(self):
        for files, services in self.made.items():
            for name, service in services.items():
                yield f"{name} of {files}", name, service

    def test_every_container_is_limited(self):
        for where, name, service in self.each():
            for limit in ("mem_limit", "cpus", "pids_limit", "restart", "stop_grace_period", "logging"):
                self.assertIn(limit, service, where)
            self.assertIn("max-size", service["logging"]["options"], where)
            if name in PROGRAMS or name == "edge":
                self.assertTrue(service["read_only"], where)
                self.assertEqual(service["cap_drop"], ["ALL"], where)
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"], where)
                self.assertTrue(service["tmpfs"][0].startswith("/tmp:"), where)

    def test_the_grace_period_is_longer_than_the_drain(self):
        for service in ("ingestion", "scoring", "query", "web"):
            flags = subprocess.run([BIN / PROGRAMS[service], "--print-flags"], capture_output=True, text=True, timeout=30, check=True).stdout
            drain = re.search(r"`BELLWETHER_DRAIN_TIMEOUT` \| `(\d+)`", flags)[1]
            self.assertGreater(int(self.made[BASE,][service]["stop_grace_period"].removesuffix("s")), int(drain), service)

    def test_any_number_of_instances(self):
        for where, name, service in self.each():
            self.assertNotIn("container_name", service, where)
            if name == "scoring":
                self.assertNotIn("ports", service, where)

    def test_plaintext_is_for_this_host_alone(self):
        for where, name, service in self.each():
            for port in published(service):
                if not port.startswith("127.0.0.1:") and name != "edge":
                    self.assertEqual(service["environment"]["BELLWETHER_INSECURE_PLAINTEXT"], "false", where)
                    self.assertEqual(service["environment"]["BELLWETHER_EVERYONE_MAY"], "false", where)
                    self.assertTrue(service["environment"]["BELLWETHER_ACCESS"], where)
                    self.assertTrue(service["environment"]["BELLWETHER_TLS_CERTIFICATE"], where)
        for server in SERVERS:
            self.assertTrue(all(p.startswith("127.0.0.1:") for p in published(self.made[BASE,][server])), server)
            self.assertTrue(any(not p.startswith("127.0.0.1:") for p in published(self.made[BASE, TLS][server])), server)

    def test_behind_the_proxy_the_services_ask_who_calls(self):
        services = self.made[BASE, EDGE]
        self.assertEqual(sorted(port.rpartition(":")[2] for port in published(services["edge"])), ["7441", "7442"])
        settings = (SOURCE / "deploy" / "edge" / "nginx.conf").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"(?m)^        listen (\d+) (\w+)", settings), [("7441", "ssl"), ("7442", "ssl")])
        for server in SERVERS:
            self.assertTrue(all(p.startswith("127.0.0.1:") for p in published(services[server])), server)
            self.assertEqual({key: services[server]["environment"][key] for key in ("BELLWETHER_INSECURE_PLAINTEXT", "BELLWETHER_EVERYONE_MAY")},
                             {"BELLWETHER_INSECURE_PLAINTEXT": "false", "BELLWETHER_EVERYONE_MAY": "false"}, server)
            tls = self.made[BASE, TLS][server]
            self.assertEqual(services[server]["environment"], tls["environment"], "but for the ports all is as with TLS alone")
            self.assertEqual(services[server]["volumes"], tls["volumes"])
        for name in ("scoring", "topics", "web"):
            self.assertEqual(services[name], self.made[BASE, TLS][name], name)
        stage = (SOURCE / "deploy" / "Dockerfile").read_text(encoding="utf-8").partition(" AS edge\n")[2]
        self.assertIn("USER 10001:10001", stage)
        self.assertIn("deploy/edge/container.sed", stage)

    def test_the_programs_take_their_settings(self):
        """With what the image sets; a variable that no program knows is a fault, and so is plaintext off loopback unsaid."""
        for files in ((BASE,), (BASE, THREE)):
            for name, program in PROGRAMS.items():
                settings = {**in_image(name), **self.made[files][name]["environment"]}
                checked = self.check(program, settings)
                self.assertEqual(checked.returncode, 0, f"{name} of {files}: {checked.stderr}")
        for server in SERVERS:
            settings = {**in_image(server), **self.made[BASE,][server]["environment"]}
            settings.pop("BELLWETHER_INSECURE_PLAINTEXT")
            self.assertIn("can be reached from other machines", self.check(PROGRAMS[server], settings).stderr)
            settings["BELLWETHER_INSECURE_PLAINTXT"] = "true"
            self.assertIn("BELLWETHER_INSECURE_PLAINTXT: there is no such variable", self.check(PROGRAMS[server], settings).stderr)

    def test_three_brokers_have_everything_thrice(self):
        services = self.made[BASE, THREE]
        brokers = {name: s for name, s in services.items() if name.startswith("kafka")}
        self.assertEqual(len(brokers), 3)
        factors = [k for k in brokers["kafka"]["environment"] if k.endswith("_REPLICATION_FACTOR")]
        self.assertEqual(len(factors), 3)
        for name, broker in brokers.items():
            self.assertEqual(broker["environment"]["KAFKA_ADVERTISED_LISTENERS"], f"PLAINTEXT://{name}:19092")
            self.assertEqual({broker["environment"][k] for k in factors}, {"3"}, name)
            self.assertEqual(broker["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"].count("@"), 3, name)
        self.assertEqual(len({b["environment"]["KAFKA_NODE_ID"] for b in brokers.values()}), 3)
        self.assertEqual(len({b["environment"]["CLUSTER_ID"] for b in brokers.values()}), 1)
        self.assertEqual(len({b["volumes"][0].split(":")[0] for b in brokers.values()}), 3, "each has a disk of its own")
        self.assertEqual(services["topics"]["command"], ["topics", "--brokers", "3"])

    def test_the_page_of_variables_is_current(self):
        used = {}
        for file in (BASE, TLS, THREE, EDGE):
            for name, default in re.findall(r"\$\{([A-Z_]+):?-([^}]*)\}", (SOURCE / file).read_text(encoding="utf-8")):
                used.setdefault(name, set()).add(default)
        listed = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (SOURCE / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
        self.assertEqual(set(listed), set(used))
        for name, default in listed.items():
            self.assertIn(default, used[name], name)

    def test_a_misspelt_key_is_refused(self):
        text = (SOURCE / BASE).read_text(encoding="utf-8")
        self.assertIn("mem_limit:", text)
        with tempfile.TemporaryDirectory(prefix="bellwether-compose-") as folder:
            (pathlib.Path(folder) / BASE).write_text(text.replace("mem_limit:", "mem_limt:"), encoding="utf-8")
            self.assertIn("mem_limt", config(BASE, folder=folder))

    @staticmethod
    def check(program, settings):
        return subprocess.run([BIN / program, "--check-config"], env=settings, capture_output=True, text=True, timeout=30, check=False)


def main():
    if not shutil.which("docker-compose"):
        print("the compose files are not tried: docker-compose is missing")
        sys.exit(1 if os.environ.get("BELLWETHER_REQUIRE_CONTAINERS") == "1" else 0)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
