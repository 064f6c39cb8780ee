"""What operators ask of a running service, and what its log says: health, version, log level, configuration."""

import json
import os
import subprocess
import unittest
import urllib.error
import urllib.request

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from stack import BIN, PATIENCE, StackTest, indicator, reading, wait_until

SERVICES = ("ingestion", "scoring", "query")
PROGRAMS = tuple(f"bellwether-{name}" for name in (*SERVICES, "web", "standalone", "admin")) + ("bellwether",)
# No log above debug level may hold it.
FIGURE = "918273.645"


def run(program, *arguments, **variables):
    return subprocess.run([BIN / program, *arguments], env={**os.environ, **variables}, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)


def log_lines(service):
    return [json.loads(line) for line in service.text().splitlines()]


class OperationsTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.services = {name: getattr(cls.stack, name) for name in SERVICES}
        cls.define(cls(), indicator("O1"))

    def ask(self, service, *arguments):
        return run(f"bellwether-{service}", "--admin", f"127.0.0.1:{self.services[service].ports['admin']}", *arguments)

    def test_health_tells_ready_from_alive(self):
        for name in SERVICES:
            with self.subTest(name):
                self.assertEqual((self.ask(name, "health").returncode, self.ask(name, "health").stdout), (0, "ok\n"))
                self.assertEqual(self.ask(name, "health", "--live").returncode, 0)
                lonely = self.start_without_broker(name)
                admin = f"127.0.0.1:{lonely.ports['admin']}"
                wait_until(lambda lonely=lonely: "does not answer" in lonely.get("/readyz")[1], "it says why it is not ready")
                unready = run(f"bellwether-{name}", "--admin", admin, "health")
                self.assertEqual(unready.returncode, 1)
                self.assertIn("does not answer", unready.stderr)
                self.assertEqual(run(f"bellwether-{name}", "health", "--live", BELLWETHER_ADMIN=admin).returncode, 0)
                self.assertIn(f'kafka_broker_answers{{client="bellwether-{name}"}} 0\n', lonely.get("/metrics")[1])
                self.assertEqual(lonely.stop(), 0)
                dead = run(f"bellwether-{name}", "--admin", admin, "health", "--live")
                self.assertEqual(dead.returncode, 1)
                self.assertIn(f"{admin} does not answer", dead.stderr)

    def start_without_broker(self, name):
        listen = [] if name == "scoring" else ["--listen", "127.0.0.1:0"]
        return self.stack.start(f"bellwether-{name}", ["--kafka", "127.0.0.1:1", "--admin", "127.0.0.1:0", *listen], r"admin on port (?P<admin>\d+)")

    def test_version(self):
        for name in PROGRAMS:
            self.assertRegex(run(name, "--version").stdout, rf"^{name} \d+\.\d+\.\d+ \(commit \w+, rules \d+\)\n$")
        for name, service in self.services.items():
            self.assertEqual(service.get("/version"), (200, run(f"bellwether-{name}", "--version").stdout))
            self.assertIn(f'service="bellwether-{name}"', service.get("/metrics")[1])

    def test_log_level_is_changed_while_it_runs(self):
        refused = reading("NONE", "2022-01", 1, reading_id="refused-1")
        self.assertEqual(self.ask("ingestion", "log-level").stdout, "info\n")
        self.record(refused)
        self.assertNotIn("refused-1", self.stack.ingestion.text())
        self.assertEqual(self.ask("ingestion", "log-level", "debug").returncode, 0)
        self.addCleanup(self.ask, "ingestion", "log-level", "info")
        refused.reading_id = "refused-2"
        call = self.stack.ingestion_stub().RecordReadings.with_call(
            ingestion_pb.RecordReadingsRequest(readings=[refused]), timeout=PATIENCE,
            metadata=(("x-request-id", "request-7"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")))[1]
        self.assertIn(("x-request-id", "request-7"), call.initial_metadata())
        lines = wait_until(lambda: [line for line in log_lines(self.stack.ingestion) if line.get("request_id") == "request-7"], "the call is logged")
        self.assertEqual((lines[0]["message"], lines[0]["trace_id"], lines[0]["code"]), ("call", "0af7651916cd43dd8448eb211c80319c", "OK"))
        (line,) = [line for line in log_lines(self.stack.ingestion) if line.get("reading_id") == "refused-2"]
        self.assertIn('bellwether_readings_refused_total{reason="UNKNOWN_INDICATOR"} 2\n', self.stack.ingestion.get("/metrics")[1])
        self.assertEqual((line["message"], line["ref"], line["source"], line["reason"]), ("refused", "NONE", "test feed", "UNKNOWN_INDICATOR"))
        wrong = self.ask("ingestion", "log-level", "loud")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("must be debug, info, warning or error", wrong.stderr)
        self.assertEqual(self.ask("ingestion", "log-level", "info").returncode, 0)
        refused.reading_id = "refused-3"
        self.record(refused)
        self.assertNotIn("refused-3", self.stack.ingestion.text())

    def test_the_log_is_json_without_figures(self):
        for month in range(1, 4):
            self.record(reading("O1", f"2021-{month:02}", FIGURE))
        self.record(reading("O1", "2021-13", FIGURE))
        position = self.record(reading("O1", "2021-04", FIGURE))[0].position
        self.assertEqual(self.score("O1", "2021-04", [position]).current.value.value, FIGURE)
        with self.assertRaises(grpc.RpcError):
            self.ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(), timeout=PATIENCE)
        for name, service in self.services.items():
            lines = log_lines(service)
            self.assertTrue(lines, name)
            for line in lines:
                self.assertEqual(list(line)[:4], ["time", "level", "service", "message"])
                self.assertEqual(line["service"], f"bellwether-{name}")
                self.assertIn(line["level"], ("debug", "info", "warning", "error"))
            self.assertNotIn(FIGURE, json.dumps([line for line in lines if line["level"] != "debug"]))

    def test_metrics_are_there_before_anything_happened(self):
        fresh = {}
        for name in ("ingestion", "scoring"):
            service = self.stack.start_service(name)
            # Those of the connection to the broker are there with it.
            wait_until(lambda: "\nkafka_disconnects_total{" in service.get("/metrics")[1], f"{name} has its metrics")
            fresh[name] = service.get("/metrics")[1]
        for name, lines in (
                ("ingestion", ('bellwether_readings_recorded_total 0', 'bellwether_readings_refused_total{reason="UNKNOWN_INDICATOR"} 0',
                               'grpc_server_handled_total{grpc_code="UNAVAILABLE",grpc_method="StreamReadings",'
                               'grpc_service="bellwether.v1.IngestionService",grpc_type="bidi_stream"} 0')),
                ("scoring", ('bellwether_dead_letters_total{reason="key-mismatch"} 0', 'bellwether_outcomes_total{outcome="conflict"} 0',
                             'bellwether_outcomes_total{outcome="dead-letter"} 0'))):
            for line in lines:
                self.assertIn(line + "\n", fresh[name], name)
            # On a busy machine a connection may have broken by then, or a second scoring service have taken work over.
            self.assertRegex(fresh[name], rf'\nkafka_disconnects_total{{client="bellwether-{name}"}} \d+\n')
        self.assertRegex(fresh["scoring"], r"\nbellwether_rating_seconds_count \d+\n")

    def test_check_config(self):
        for program in PROGRAMS:
            with self.subTest(program):
                good = run(program, "--check-config", BELLWETHER_SEED="1", BELLWETHER_COUNCIL="E06000061", BELLWETHER_HOLE_TIMEOUT="30")
                self.assertEqual((good.returncode, good.stdout), (0, f"{program}: the configuration is good\n"), good.stderr)
                for arguments, variables, words in (
                        (("--no-such-flag",), {}, "--no-such-flag"),
                        ((), {"BELLWETHER_KAFAK": "broker:9092"}, "BELLWETHER_KAFAK: there is no such variable")):
                    self.assert_refused(run(program, "--check-config", *arguments, **variables), words)
        for program, arguments, words in (
                ("bellwether-ingestion", ("--admin", "nowhere"), '--admin: "nowhere" is not HOST:PORT'),
                ("bellwether-ingestion", ("--listen", "127.0.0.1:70000"), "--listen: "),
                ("bellwether-ingestion", ("--kafka", "broker"), '"broker" is not HOST:PORT'),
                ("bellwether-scoring", ("--kafka-property", "no.such.key=1"), "no.such.key"),
                ("bellwether-scoring", ("--kafka-property", "acks=0"), "acks: may not be set"),
                ("bellwether-scoring", ("--kafka-property-file", "/nowhere"), "/nowhere: No such file"),
                ("bellwether-scoring", ("--scores-topic", "other"), "--scores-topic and --group: give both or neither"),
                ("bellwether-query", ("--hole-timeout", "0"), "--hole-timeout"),
                ("bellwether-query", ("--log-level", "loud"), "--log-level"),
                ("bellwether-query", ("--otlp-endpoint", "collector:4318"), "--otlp-endpoint: "),
                ("bellwether-admin", ("--epoch", "0"), "--epoch"),
                ("bellwether", ("--timeout", "soon"), "--timeout"),
                ("bellwether", ("--query", "elsewhere:7402"), "give --tls-ca")):
            with self.subTest(program, arguments=arguments):
                self.assert_refused(run(program, "--check-config", *arguments), words)

    def test_a_misspelt_variable_is_told_at_start(self):
        os.environ["BELLWETHER_KAFAK"] = "broker:9092"
        try:
            service = self.stack.start_service("query")
        finally:
            del os.environ["BELLWETHER_KAFAK"]
        self.assertIn("BELLWETHER_KAFAK: there is no such variable", service.text())

    def assert_refused(self, result, words):
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn(words, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
