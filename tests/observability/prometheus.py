"""Debian's Prometheus and promtool, as ./dev unpacked them, and a Prometheus that watches a stack of the test."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml
from kafka import free_ports
from stack import LOGS, PATIENCE, SOURCE, wait_until

PROGRAMS = SOURCE / "build" / "tools" / "prometheus" / "usr" / "bin"
FILES = SOURCE / "deploy" / "prometheus"


def program(name):
    """Where it is. Skips the test where it cannot be had; with BELLWETHER_REQUIRE_PROMETHEUS=1 that is a failure."""
    found = PROGRAMS / name
    if found.exists():
        return found
    lacks = f"{name} is missing: ./dev test fetches it out of Debian's package prometheus"
    if os.environ.get("BELLWETHER_REQUIRE_PROMETHEUS") == "1":
        raise AssertionError(f"{lacks}, but BELLWETHER_REQUIRE_PROMETHEUS=1")
    raise unittest.SkipTest(lacks)


def rules_of(path=FILES / "alerts.yml"):
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def alerts():
    """The alert rules, by name."""
    return {rule["alert"]: rule for rule in rules_of() if "alert" in rule}


def unit_tests():
    return sorted(FILES.glob("alerts_*test.yml"))


def unit_test_series():
    """What the unit tests of the alerts make up, each once."""
    return sorted({given["series"] for path in unit_tests() for test in yaml.safe_load(path.read_text())["tests"] for given in test["input_series"]})


def metrics():
    """What metrics.txt says: name to type, labels and the services that export it."""
    listed = {}
    for line in (FILES / "metrics.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, kind, labels, _unit, services, _meaning = (field.strip() for field in line.split("|"))
        assert name not in listed, f"{name} is listed twice"
        listed[name] = kind, frozenset(labels.replace(",", " ").split()), frozenset(services.split())
    return listed


class Prometheus:
    """A Prometheus with deploy/prometheus' own jobs and rules, on the addresses that a test gives."""

    def __init__(self, jobs):
        """`jobs`: name to admin ports."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prometheus-", dir=LOGS))
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        config = yaml.safe_load((FILES / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        for job in config["scrape_configs"]:
            job.pop("dns_sd_configs")  # Names of Docker's DNS.
            job["static_configs"] = [{"targets": [f"127.0.0.1:{admin}" for admin in jobs[job["job_name"]]]}]
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        rules = yaml.safe_load((FILES / "alerts.yml").read_text())
        for group in rules["groups"]:
            group.pop("interval", None)  # Seldom is for months.
        (self.folder / "alerts.yml").write_text(yaml.safe_dump(rules))
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.popen = subprocess.Popen(
                [program("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address=127.0.0.1:{port}"],
                cwd=self.folder, stdout=log, stderr=log)

    def await_ready(self):
        wait_until(lambda: self._get("/-/ready") is not None, f"Prometheus is ready (see {self.folder / 'log'})")

    def _get(self, path):
        assert self.popen.poll() is None, f"Prometheus ended: see {self.folder / 'log'}"
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 400:
                raise AssertionError(f"{path}: {error.read().decode()}") from None
            return None
        except urllib.error.URLError:
            return None

    def _api(self, path, **parameters):
        return json.loads(self._get(f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}"))["data"]

    def query(self, expression):
        """The series of an expression now, each as its labels and value. Fails on what is no PromQL."""
        answer = self._api("query", query=expression)
        if answer["resultType"] == "scalar":
            return [({}, float(answer["result"][1]))]
        return [(series["metric"], float(series["value"][1])) for series in answer["result"]]

    def targets(self):
        return self._api("targets", state="active")["activeTargets"]

    def rules(self):
        return [rule for group in self._api("rules")["groups"] for rule in group["rules"]]

    def close(self):
        self.popen.terminate()
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(PATIENCE)
        shutil.rmtree(self.folder / "data", ignore_errors=True)
