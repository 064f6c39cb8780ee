"""docs/operations-flags.md is what the programs say, and each program knows the variables of the others."""

import os
import pathlib
import re
import subprocess
import unittest

from flags import PROGRAMS, document

SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
BIN = pathlib.Path(os.environ["BELLWETHER_BUILD"]) / "bin"


class FlagsTest(unittest.TestCase):
    maxDiff = None

    def test_the_document_is_current(self):
        written = (SOURCE / "docs/operations-flags.md").read_text()
        self.assertEqual(written, document(BIN), "make it anew: tests/documents/flags.py BIN_FOLDER > docs/operations-flags.md")

    def test_every_variable_is_known_to_every_program(self):
        tables = {program: set(re.findall(r"`(BELLWETHER_\w+)`", subprocess.run([BIN / program, "--print-flags"], capture_output=True,
                  text=True, check=True, timeout=60, env={}).stdout)) for program in PROGRAMS}
        everything = set().union(*tables.values())
        self.assertGreater(len(everything), 20)
        for program, own in tables.items():
            others = {name: "of another program" for name in everything - own}
            result = subprocess.run([BIN / program, "--check-config"], capture_output=True, text=True, check=False, timeout=60, env=others)
            self.assertEqual(result.returncode, 0, result.stderr)
        in_code = re.search(r"kVariables = \{(.*?)\}", (SOURCE / "libs/program/src/flags.cc").read_text(), re.DOTALL).group(1)
        self.assertEqual({f"BELLWETHER_{name}" for name in re.findall(r'"(\w+)"', in_code)}, everything, "and no more are")


if __name__ == "__main__":
    unittest.main()
