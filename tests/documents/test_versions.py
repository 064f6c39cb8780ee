"""One version, from one place: CMakeLists.txt. Every binary says it, with commit and rules version; CHANGELOG.md knows it; and what
each released version wrote is kept."""

import os
import pathlib
import re
import subprocess
import unittest

from programs import NOT_SHIPPED, PROGRAMS

SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
BIN = pathlib.Path(os.environ["BELLWETHER_BUILD"]) / "bin"
NAMES = (*PROGRAMS.values(), *NOT_SHIPPED)


def numbers(version):
    return [int(n) for n in version.split(".")]


class VersionsTest(unittest.TestCase):
    def setUp(self):
        self.version = re.search(r"project\(bellwether VERSION (\d+\.\d+\.\d+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        changes = (SOURCE / "CHANGELOG.md").read_text()
        self.sections = re.findall(r"^## (.*)$", changes, re.MULTILINE)
        self.unreleased = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)
        self.released = [s.split(" ")[0] for s in self.sections if s != "Unreleased"]

    def test_every_binary_says_it(self):
        self.assertLessEqual(set(NAMES), {path.name for path in BIN.iterdir()})
        said = set()
        for path in sorted(BIN.glob("bellwether*")):
            text = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
            self.assertRegex(text, rf"^{path.name} {re.escape(self.version)} \(commit (\w{{7}}|unknown), rules \d+\)\n$")
            said.add(text.removeprefix(path.name))
        self.assertEqual(len(said), 1, said)
        golden = (SOURCE / "tests/golden/digest.txt").read_text().split()
        self.assertIn(f"rules {golden[1]})", said.pop())

    def test_the_changelog_knows_it(self):
        for section in self.sections:
            self.assertRegex(section, r"^(Unreleased|\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d)$")
        self.assertEqual(self.sections[1:].count("Unreleased"), 0, "what is not released stands first")
        self.assertEqual(self.released, sorted(self.released, key=numbers, reverse=True), "the newest first")
        if self.unreleased and self.unreleased[1].strip():
            self.assertNotIn(self.version, self.released, "there is something new: raise the version in CMakeLists.txt")
        else:
            self.assertEqual(self.released[:1], [self.version])

    def test_what_released_versions_wrote_is_kept(self):
        for version in self.released:
            kept = SOURCE / "tests/golden/releases" / version
            self.assertTrue(kept.is_dir(), f"{version} has no golden records: tests/golden/record_log.py --release, with that version's binaries")
        for kept in (SOURCE / "tests/golden/releases").iterdir():
            self.assertTrue((kept / "release.txt").read_text().startswith(f"{kept.name} ("))


if __name__ == "__main__":
    unittest.main()
