"""The runbooks name what there is: metrics, panels, reasons, variables, commands, and words that the services really say."""

import re
import subprocess
import unittest

import dashboard
import grpc
from prometheus import metrics
from stack import BIN, PATIENCE, SOURCE

RUNBOOKS = SOURCE / "docs" / "runbooks.md"
# In a command: the end of what is ours.
_END = re.compile(r"[`|\n#]")


def text():
    return RUNBOOKS.read_text()


def spoken():
    """All that the services' code says, with literals over several lines as one."""
    files = [path for folder in ("libs", "services") for path in (SOURCE / folder).rglob("*.cc") if not path.stem.endswith("_test")]
    return "\n".join(re.sub(r'"\s*\n\s*"', "", path.read_text()) for path in files)


def commands():
    """Each call of a program of ours: its name and words."""
    for match in re.finditer(r"(?<!-u )(?<![\w/-])(bellwether(?:-(?:ingestion|scoring|query|admin))?) (?=[a-z-])", text()):
        yield match[1], _END.split(text()[match.end():], 1)[0].split()
    # What docker-compose.yml names so.
    for service, words in re.findall(r"docker compose run --rm (ingestion|scoring|query) ([^`\n]+)", text()):
        yield f"bellwether-{service}", words.split()


class RunbooksTest(unittest.TestCase):
    def test_metrics(self):
        for name in re.findall(r"\b(?:bellwether|kafka|grpc|process)_\w+", text()):
            self.assertIn(re.sub(r"_(bucket|sum|count)$", "", name), metrics())

    def test_panels_and_rows(self):
        titles = {"row": set(), "panel": set()}
        for panel in dashboard.load()["panels"]:
            titles["row" if panel["type"] == "row" else "panel"].update({panel["title"], panel["title"].split(":")[0]})
        named = re.findall(r"\b(row|panel) \*([^*]+)\*", text())
        self.assertGreater(len(named), 5)
        for kind, title in named:
            self.assertIn(title, titles[kind])

    def test_reasons_and_variables(self):
        known = {code.name for code in grpc.StatusCode}
        known.update(re.findall(r"`([A-Z_]+)`", (SOURCE / "docs" / "error-reasons.md").read_text()))
        known.update(re.findall(r"`([A-Z_]+)`", (SOURCE / "docs" / "operations-flags.md").read_text()))
        named = set(re.findall(r"`([A-Z][A-Z_]{3,})`", text()))
        self.assertTrue({"BROKER_UNAVAILABLE", "BELLWETHER_KAFKA", "UNAVAILABLE"} <= named, named)
        self.assertEqual(named - known, set())

    def test_dead_letters(self):
        known = set(re.findall(r'return "([a-z-]+)"', spoken()))
        section = text().split("## BellwetherDeadLetters")[1].split("\n## ")[0]
        named = set(re.findall(r"`([a-z]+-[a-z]+)`", section))
        self.assertIn("null-key", named)
        self.assertEqual(named - known, set())

    def test_commands(self):
        found = list(commands())
        self.assertGreater(len(found), 10)
        asked = set()
        for name, words in found:
            place = next((i for i, word in enumerate(words) if not re.fullmatch(r"[a-z][a-z-]+", word)), len(words))
            flags = [word for word in words if word.startswith("--")]
            if words[0].startswith("--"):  # Flags of the program stand before its subcommand.
                subcommands = [word for i, word in enumerate(words) if re.fullmatch(r"[a-z][a-z-]+", word) and not words[i - 1].startswith("--")]
            else:
                subcommands = words[:place]
            asked.add((name, tuple(subcommands), tuple(flags)))
        for name, subcommands, flags in sorted(asked):
            with self.subTest(name, subcommands=subcommands, flags=flags):
                said, path = self.help(name), ()
                for word in subcommands:
                    # An argument, such as a log level, is none of the listed subcommands, and follows one that has none.
                    if "Subcommands:" not in self.help(name, *path):
                        break
                    self.assertRegex(self.help(name, *path), rf"(?m)^  {re.escape(word)}\b")
                    path += (word,)
                    said += self.help(name, *path)
                for flag in flags:
                    self.assertRegex(said, rf"(?m)^ .*{re.escape(flag)}\b")

    @staticmethod
    def help(name, *words):
        return subprocess.run([BIN / name, *words, "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout

    def test_what_health_says(self):
        said = spoken()
        for file, heading in ((RUNBOOKS, r"\| it says \|[^\n]*"), (SOURCE / "docs" / "operations.md", r"\| reason in `/readyz` \|[^\n]*")):
            table = re.search(heading + r"\n\|[-|]+\n((?:\|[^\n]*\n)+)", file.read_text())[1]
            for row in table.splitlines():
                cell = row.split("|")[1]
                for words in re.findall(r"`([^`]+)`", cell) or cell.split("; "):
                    for piece in re.split(r"\bN\b|\.\.\.", words.strip()):
                        with self.subTest(file.name, words=words):
                            self.assertTrue(piece.strip(" :") in said, f"no service says {piece!r}")

    def test_what_is_looked_for_in_logs(self):
        said = spoken()
        patterns = re.findall(r"grep (?:-E )?('[^']*'|\w+)", text())
        self.assertGreater(len(patterns), 8)
        for pattern in patterns:
            for words in pattern.strip("'").split("|"):
                # A log's line holds each of its words as JSON: "message":"refused".
                level = re.fullmatch(r'"level":"(\w+)"', words)
                with self.subTest(pattern):
                    self.assertIn(f'"{level[1]}"' if level else words, said)
        first = text().split("## BellwetherServiceDown")[1].split("\n## ")[0]
        for words in re.search(r"level `error` say why\. (.*?): what follows", first, re.DOTALL)[1].split(", "):
            self.assertIn(f'"{words.strip("`")}: {{}}"', said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
