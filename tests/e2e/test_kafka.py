"""Bellwether on Apache Kafka: the topics, the report, and the same report after everything was stopped."""

import subprocess
import unittest

from kafka import JARS, KafkaStack, require_kafka
from stack import EXAMPLE, wait_until


def setUpModule():
    require_kafka()


class KafkaTest(unittest.TestCase):
    def test_the_report_outlives_a_stop_of_everything(self):
        stack = KafkaStack.started(self.addCleanup)
        stack.load_example()
        report = stack.cli("report", "--period", "2022-02", "--format", "csv").stdout
        findings = stack.cli_csv("findings", "--period", "2022-02")
        view = stack.query.get("/view")[1]
        self.assertEqual(len(findings), 11)

        for service in (stack.query, stack.scoring, stack.ingestion):
            self.assertEqual(service.stop(), 0)
        stack.cluster.stop_all()
        stack.cluster.start_all()
        stack.start_services()

        self.assertEqual(stack.query.get("/view")[1], view)
        self.assertEqual(stack.cli("report", "--period", "2022-02", "--format", "csv").stdout, report)
        again = stack.cli("readings", "submit", str(EXAMPLE / "readings-2022-02.csv")).stdout
        self.assertIn("397 readings are in force already", again)

    def test_topics_are_created_once_compared_and_never_changed(self):
        stack = KafkaStack.started(self.addCleanup)
        self.assertIn("set as it must be", stack.admin("topics").stdout)
        other = stack.admin("topics", "--epoch", "2", "--check", check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn("bellwether.indicators.v1.e2: missing", other.stdout)
        self.set_retention(stack, "bellwether.indicators.v1.e1.dlt", 60000)
        harmless = stack.admin("topics")
        self.assertIn("  retention.ms is 60000, must be 7776000000\n", harmless.stdout)
        self.assertEqual(stack.admin("topics", "--check", check=False).returncode, 1)
        self.set_retention(stack, "bellwether.indicators.v1.e1", 60000)
        wrong = stack.admin("topics", check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("retention.ms is 60000, must be -1: records could be lost, and no service starts on it", wrong.stdout)
        query = stack.start_service("scoring")
        wait_until(lambda: query.popen.poll() is not None, "a service refuses a log that would be lost")
        self.assertEqual(query.popen.poll(), 1)
        self.assertIn("retention.ms is 60000", query.text())

    @staticmethod
    def set_retention(stack, topic, milliseconds):
        subprocess.run(["java", "-cp", f"{JARS}/*", "kafka.admin.ConfigCommand", "--bootstrap-server", stack.kafka, "--alter",
                        "--entity-type", "topics", "--entity-name", topic, "--add-config",
                        f"retention.ms={milliseconds}"], check=True, capture_output=True, timeout=90)


if __name__ == "__main__":
    unittest.main(verbosity=2)
