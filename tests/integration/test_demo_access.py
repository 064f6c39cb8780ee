"""`./dev demo --keep --access`, the whole way: what it says to type next is typed, by one who may and by those who may not."""

import contextlib
import os
import pathlib
import random
import re
import socket
import subprocess
import tempfile
import unittest
import urllib.request

from stack import BUILD, PATIENCE, SOURCE

# As ./dev does it, but that nothing is installed or compiled, and on ports that are free.
DEV = """set -- help; source ./dev >/dev/null; need() { :; }; compile() { :; }
source deploy/dev/stack.sh; ports=%s; %s"""
# Who sends what, under which source.
SEND = r"printf 'ref,period,value,source\nT22,2022-03,%s,%s\n' | as %s readings submit - 2>&1"


def free_ports():
    """What a stack's ports begin with: below those that the system gives away."""
    while True:
        ports = random.randrange(110, 190)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for last in (1, 2, 10, 11, 12, 13, 14, 80, 92):
                held.enter_context(socket.create_server(("127.0.0.1", 100 * ports + last)))
            return ports


class DemoAccessTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        for entry in SOURCE.iterdir():
            if entry.name not in ("build", ".git", ".run"):
                (cls.folder / entry.name).symlink_to(entry)
        (cls.folder / "build").mkdir()
        (cls.folder / "build/release").symlink_to(BUILD)
        cls.made = cls.folder / ".run/access"
        cls.ports = free_ports()
        cls.environment = {"PATH": os.environ["PATH"], "HOME": folder.name, "BELLWETHER_INGESTION": f"127.0.0.1:{cls.ports}01", "BELLWETHER_QUERY": f"127.0.0.1:{cls.ports}02"}
        cls.addClassCleanup(cls.dev, "verb_down")
        cls.printed = cls.dev("verb_demo --keep --access")
        cls.to_type = [line for line in cls.printed.splitlines() if re.match(r"  (export|as)\b", line) and not line.endswith(" watch")]

    @classmethod
    def bash(cls, script):
        """What it prints, and whether it ended well."""
        run = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=cls.folder, env=cls.environment, capture_output=True, text=True,
                             timeout=2 * PATIENCE, check=False)
        return run.stdout + run.stderr, run.returncode

    @classmethod
    def dev(cls, verb):
        said, code = cls.bash(DEV % (cls.ports, verb))
        assert code == 0, f"{verb}: {said}"
        return said

    def typed(self, command):
        """What a command says, and its exit code, after the lines that make `as` and name the council."""
        return self.bash("\n".join([*(line for line in self.to_type if line.startswith(("  as()", "  export"))), command]))

    def test_what_it_says_to_type_next(self):
        said, code = self.bash("\n".join(self.to_type))
        self.assertEqual(code, 0, said)
        for words in ("You are performance-team. You may:\n  record, correct,", "You are feed. You may:\n  record, withdraw, read:",
                      "You are certificate/stranger, and may do nothing.", "67 indicators", "T21a"):
            self.assertIn(words, said)

    def test_each_may_do_what_the_file_says(self):
        sent, code = self.typed(SEND % (118, "revenues-system", "feed"))
        self.assertEqual((code, "1 of 1 readings" in sent), (0, True), sent)
        for value, source, who in ((119, "parking", "feed"), (120, "revenues-system", "stranger")):
            with self.subTest(source, who=who):
                refused, code = self.typed(SEND % (value, source, who))
                self.assertNotEqual(code, 0, refused)
                self.assertIn(f"{who} may not", refused)
        self.assertIn("118", self.typed("as performance-team indicator T22")[0])
        refused, code = self.typed("build/release/bin/bellwether report --period 2022-02")  # In the clear nobody is answered.
        self.assertNotEqual(code, 0, refused)
        self.assertIn("cannot be reached", refused)

    def test_the_pages_show_both_councils(self):
        pages = re.findall(r"http://\S+/reports/\S+", self.printed)
        self.assertEqual(len(pages), 2)
        for page in pages:
            with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
                self.assertIn("<table", answer.read().decode(), page)

    def test_what_is_good_is_left_alone(self):
        def made():
            return {path.name: path.read_bytes() for path in self.made.iterdir()}

        self.assertEqual(self.made.stat().st_mode & 0o777, 0o700)
        for path in self.made.iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)
        before = made()
        self.dev("make_access")
        self.assertEqual(made(), before)
        for spoiled in ("cp $access_dir/feed.key $access_dir/operator.key", "rm $access_dir/operator.crt",
                        "issue operator 1 -CA $access_dir/ca.crt -CAkey $access_dir/ca.key"):
            with self.subTest(spoiled):
                self.dev(spoiled)
                before = made()
                self.dev("make_access")
                self.assertEqual({name for name, content in made().items() if content != before.get(name)}, {"operator.crt", "operator.key"})
                self.assertIn("You are operator.", self.typed("as operator whoami")[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
