"""bellwether-standalone: the whole of Bellwether in one process, and what it says when it cannot start."""

import collections
import subprocess
import types
import unittest

from stack import BIN, Stack


class AllInOne(Stack):
    """The services of one process, as a stack."""

    def __init__(self):
        self.all = self.start(
            "bellwether-standalone",
            ["--port", "0", "--ingestion-listen", "127.0.0.1:0", "--query-listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
            r"ingestion on port (?P<ingestion>\d+), query on port (?P<query>\d+), broker on 127.0.0.1:(?P<broker>\d+)"
            r" \((?P<notice>.*)\), admin on port (?P<admin>\d+)",
        )
        self.ingestion = types.SimpleNamespace(ports={"listen": self.all.ports["ingestion"]})
        self.query = types.SimpleNamespace(ports={"listen": self.all.ports["query"]})
        self.all.await_ready()


class StandaloneTest(unittest.TestCase):
    def test_the_report_comes_out_of_one_process(self):
        stack = AllInOne.started(self.addCleanup)
        self.assertIn("keeps nothing over a restart", stack.all.ports["notice"])
        stack.load_example()
        rows = stack.cli_csv("report", "--period", "2022-02")
        self.assertEqual(
            collections.Counter(row["status"] for row in rows), {"green": 23, "amber": 10, "red": 6, "tracking": 28})
        self.assertEqual(len(stack.cli_csv("findings", "--period", "2022-02")), 11)
        status, view = stack.all.get("/view")
        self.assertEqual(status, 200)
        self.assertIn("E06000061/T45", view)
        self.assertEqual(stack.all.stop(), 0)

    def test_a_taken_port_is_one_clear_line(self):
        stack = AllInOne.started(self.addCleanup)
        taken = f"127.0.0.1:{stack.query.ports['listen']}"
        result = subprocess.run(
            [BIN / "bellwether-standalone", "--port", "0", "--ingestion-listen", "127.0.0.1:0", "--query-listen", taken,
             "--admin", "127.0.0.1:0"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot start: --query-listen", result.stderr)
        self.assertIn(taken, result.stderr)

    def test_every_mistake_of_the_flags_is_told(self):
        result = subprocess.run(
            [BIN / "bellwether-standalone", "--ingestion-listen", "7401", "--query-listen", "here:x", "--check-config"],
            capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--ingestion-listen", result.stderr)
        self.assertIn("--query-listen", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
