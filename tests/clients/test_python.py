"""clients/python, as pip builds it: in an environment of its own, typed, and against the real services."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "integration"))

from stack import COUNCIL, PATIENCE, SOURCE, StackTest, indicator  # noqa: E402

USE = """
from decimal import Decimal
import grpc
from bellwether.client import Feed, not_available, value

def send(ingestion: grpc.Channel, query: grpc.Channel) -> list[str]:
    feed = Feed(ingestion, query)
    sent = feed.record([
        value("E06000061", "F1", "2022-02", Decimal("96.10"), reading_id="own/F1/2022-02/v1"),
        not_available("E06000061", "F2", "2022-02", "no return", observation_status="M", reading_id="own/F2/2022-02/v1"),
        value("E06000061", "NONE", "2022-02", "1", reading_id="own/NONE/2022-02/v1"),
    ])
    return [r.words for r in sent.refused] + [" ".join((o.reading_id, o.name, str(o.in_force), *o.warnings)) for o in feed.outcomes(sent)]
"""


class PythonClientTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), indicator("F1"), indicator("F2"))
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        # A copy: pip builds where the source lies, and leaves its traces there.
        shutil.copytree(SOURCE / "clients", cls.folder / "clients")
        shutil.copytree(SOURCE / "proto", cls.folder / "proto")
        subprocess.run(["/usr/bin/python3", "-m", "venv", cls.folder / "feed"], check=True, timeout=PATIENCE)
        cls.python = cls.folder / "feed" / "bin" / "python"
        cls.pip("install", "--quiet", cls.folder / "clients" / "python", "mypy", "types-grpcio", "types-protobuf")

    @classmethod
    def pip(cls, *arguments):
        result = subprocess.run([cls.python, "-m", "pip", "--disable-pip-version-check", *arguments], capture_output=True, text=True, timeout=600, check=False)
        if result.returncode != 0:
            raise AssertionError(result.stdout + result.stderr)

    def run_python(self, *arguments):
        """In the package's own environment, without the tests' stubs."""
        return subprocess.run([self.python, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=self.folder, env={"PATH": "/usr/bin"})

    def test_the_example_runs_and_runs_again(self):
        figures = self.folder / "figures.csv"
        figures.write_text("ref,period,value\nF1,2021-04,1\nF1,2021-05,2\n")
        command = [SOURCE / "examples" / "feeds" / "feed.py", "--council", COUNCIL, "--ingestion", self.stack.address(self.stack.ingestion),
                   "--query", self.stack.address(self.stack.query), figures]
        for outcome in ("FIRST", "REPEAT"):
            result = self.run_python(*command)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(result.stdout.count(f"OUTCOME_{outcome} in force"), 2, result.stdout)

    def test_a_program_with_types_is_checked_and_does_what_it_says(self):
        program = self.folder / "use.py"
        program.write_text(USE)
        checked = self.run_python("-m", "mypy", "--strict", program)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        wrong = self.folder / "wrong.py"
        wrong.write_text(USE.replace('"1", reading_id', '1.5, reading_id'))
        self.assertIn('expected "str | int | Decimal"', self.run_python("-m", "mypy", "--strict", wrong).stdout)
        call = (f"import grpc, use; i, q = (grpc.insecure_channel(a) for a in ({self.stack.address(self.stack.ingestion)!r}, "
                f"{self.stack.address(self.stack.query)!r})); print('\\n'.join(use.send(i, q)))")
        result = self.run_python("-c", call)
        self.assertEqual(result.returncode, 0, result.stderr)
        refused, *outcomes = result.stdout.splitlines()
        self.assertIn("NONE", refused)
        self.assertEqual(outcomes, ["own/F1/2022-02/v1 OUTCOME_FIRST True 96.10 is a part of a count: correct it, or state decimal_places if parts are counted",
                                    "own/F2/2022-02/v1 OUTCOME_FIRST True"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
