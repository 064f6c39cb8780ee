"""The documents are true: every fenced block is taken as it stands. Catalogues are checked, figures sent, commands run from top to bottom,
as their reader would, and what they are said to print is what they print. A block, or a command, that nobody here knows fails.

What a test cannot run, it checks as far as it can: CHECKED names it, with the reason."""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap
import unittest

import jsonschema
import yaml
from bellwether.v1 import record_pb2 as record_pb
from checked import CHECKED, ask, ours
from documents import SOURCE, blocks, command_lines, documents, inline, simple_commands
from kcat import consumed, produce
from programs import NOT_SHIPPED, PROGRAMS
from stack import BIN, BUILD, COUNCIL, PATIENCE, Stack, reading, wait_until

# What is run, by how it begins.
RUN = ("bellwether", "bellwether-admin", "bellwether-query health", "/usr/bin/python3 examples/", "feed/bin/python", "protoc", "mkdir", "printf",
       "command", "export", "curl", "cut")
# What stands for a place of the reader's, and what it is here.
PLACES = {"/backups/": "backups/", "feed/bin/python": "/usr/bin/python3"}
LETTER = "e1/3/904"  # A dead letter: here one that the test put there.
# A text that nothing prints, by its document and its beginning.
PICTURES = {("README.md", " feeds, performance team"), ("docs/architecture.md", " feeds, performance team")}
# What a person does between two commands: told by a line that begins with "# ...".
BY_HAND = {"# ... fill it in, in any spreadsheet; save as CSV UTF-8 ...": lambda folder: fill_in(folder / "march.csv")}
# What a fragment of an indicator lacks to be a catalogue.
FRAME = {"ref": "EX", "description": "An example", "unit": "percent", "polarity": "higher", "quarter_rule": "latest", "year_to_date_rule": "latest"}


def fill_in(file):
    """As a person does: one figure, and the other rows as they are."""
    with file.open(newline="", encoding="utf-8-sig") as template:
        rows = list(csv.DictReader(template))
    next(row for row in rows if row["ref"] == "T45")["value"] = "80"
    with file.open("w", newline="", encoding="utf-8") as filled:
        writer = csv.DictWriter(filled, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def longest(words, beginnings):
    """The longest of the beginnings that a command has."""
    text = " ".join(words) + " "
    return max((b for b in beginnings if text.startswith(b if b.endswith("/") else b + " ")), key=len, default=None)


class StoryTest(unittest.TestCase):
    """Each document's commands, from top to bottom, against services that know the example once the README's demo has run."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack.started(cls.addClassCleanup, web=True)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.environment = {
            "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": folder.name, "BELLWETHER_KAFKA": cls.stack.kafka,
            "BELLWETHER_INGESTION": cls.stack.address(cls.stack.ingestion), "BELLWETHER_QUERY": cls.stack.address(cls.stack.query),
            "BELLWETHER_ADMIN": f"127.0.0.1:{cls.stack.query.ports['admin']}", "PYTHONDONTWRITEBYTECODE": "1"}
        cls.letter = None

    def bash(self, script, folder, environment, place):
        """Runs it as a reader's shell would; what it printed, and the variables that it leaves."""
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", f"{script}\nenv -0 >.env-after"], cwd=folder, env=environment, text=True,
                                capture_output=True, timeout=3 * PATIENCE, check=False, stdin=subprocess.DEVNULL)  # One prints a report.
        self.assertEqual(result.returncode, 0, f"{place}: {script}\n{result.stdout}{result.stderr}")
        after = dict(entry.split("=", 1) for entry in (folder / ".env-after").read_text().rstrip("\0").split("\0"))
        return result.stdout, {name: value for name, value in after.items() if name in environment or "export" in script}

    def dead_letter(self):
        """The place of one: a good record under the key of another indicator."""
        if self.letter is None:
            topic = "bellwether.indicators.v1.e1"
            partition = next(p for (p, _), (key, _) in consumed(self.stack.kafka, topic).items() if key == f"{COUNCIL}/T22".encode())
            record = record_pb.IndicatorRecord(reading=reading("T23", "2022-03", 9, reading_id="astray")).SerializeToString()
            produce(self.stack.kafka, topic, partition, f"{COUNCIL}/T22", record)
            listed = lambda: self.stack.cli("dead-letters", "list", "--format", "csv").stdout.splitlines()[1:]  # noqa: E731
            type(self).letter = wait_until(listed, "the letter is listed")[0].split(",")[0]
        return self.letter

    def run_line(self, line, folder, environment, place):
        for text, here in {**PLACES, "http://127.0.0.1:7480/": f"http://{self.stack.address(self.stack.web)}/"}.items():
            line = line.replace(text, here)
        if LETTER in line:
            line = line.replace(LETTER, self.dead_letter())
        return self.bash(line, folder, environment, place)

    def demo(self, folder, environment, place):
        """What `./dev demo` asks once its services run; deploy/dev/stack.sh says it."""
        asks = re.findall(r'^  ("\$bin/bellwether" .*)$', (SOURCE / "deploy/dev/stack.sh").read_text(), re.MULTILINE)
        self.assertGreater(len(asks), 4)
        variables = {"bin": str(BIN), "example": "examples/north-northamptonshire", "BELLWETHER_COUNCIL": COUNCIL}
        return self.bash("\n".join(asks), folder, {**environment, **variables}, place)[0]

    def tell(self, document):
        """One document's story."""
        folder = self.folder / document.replace("/", "-")
        folder.mkdir()
        (folder / "backups").mkdir()
        for entry in SOURCE.iterdir():
            if entry.name not in ("build", ".git", ".run"):
                (folder / entry.name).symlink_to(entry)
        environment, printed, used = dict(self.environment), [], set()
        if document == "docs/integrating.md":  # What pip builds there, in tests/clients.
            environment["PYTHONPATH"] = f"{SOURCE / 'clients/python'}:{BUILD / 'python'}"
        for block in blocks(document):
            if block.file:
                (folder / block.file).write_text(block.text, encoding="utf-8")
                used.add(block.file)
            if block.language == "text":
                self.assert_printed(block, printed)
            if block.language != "sh":
                continue
            for line in command_lines(block):
                if line.startswith("#"):
                    if line.startswith("# ..."):
                        self.assertIn(line, BY_HAND, block)
                        BY_HAND[line](folder)
                    continue
                used = {file for file in used if file not in line}
                commands = simple_commands(line)
                self.assertTrue(commands, f"{block}: {line}")
                for assigned, words in commands:
                    known = longest(words, (*RUN, *CHECKED))
                    self.assertIsNotNone(known, f"{block}: {' '.join(words)}: neither run nor checked")
                    self.known.add(known)
                    if known in CHECKED:
                        CHECKED[known](assigned, words[len(known.split()) - known.endswith("/"):])
                if all(longest(words, (*RUN, *CHECKED)) in RUN for _, words in commands):
                    out, environment = self.run_line(line, folder, environment, block)
                    printed += out.splitlines()
                elif ["./dev", "demo"] in [words[:2] for _, words in commands]:
                    printed += self.demo(folder, environment, block).splitlines()
        self.assertEqual(used, set(), f"{document}: no command takes it")

    def assert_printed(self, block, printed):
        """Its lines were printed, in their order; "..." stands for any."""
        if any(document == block.document and block.text.startswith(begins) for document, begins in PICTURES):
            return
        at = 0
        for line in block.text.splitlines():
            if line.strip() not in ("", "..."):
                self.assertTrue(line.rstrip() in printed[at:], f"{block}: nothing prints this, or not here: {line}")
                at = printed.index(line.rstrip(), at) + 1

    def test_each_document_from_top_to_bottom(self):
        self.known = set()
        for document in sorted(documents(), key=lambda d: d != "README.md"):  # Its demo brings the example.
            with self.subTest(document):
                self.tell(document)
        self.assertEqual(self.known, {*RUN, *CHECKED}, "what no document has needs no entry")


class BlocksTest(unittest.TestCase):
    """Blocks that are no commands, against services that know nothing yet."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack.started(cls.addClassCleanup)
        cls.schema = json.loads((SOURCE / "docs/catalogue.schema.json").read_text())

    def check_yaml(self, block, folder):
        data = yaml.safe_load(block.text)
        if isinstance(data, dict) and "resources" in data:
            return self.check_overlay(block, data, folder)
        text = block.text
        if isinstance(data, dict) and "council" in data:
            self.whole = data
        else:  # Indicators, or fields of one: the rest is as in the document's catalogue before it.
            frame = {} if isinstance(data, list) else {name: value for name, value in FRAME.items() if name not in data}
            text = yaml.safe_dump({name: self.whole[name] for name in ("council", "schemes", "defaults")}) + "indicators:\n"
            text += "".join(f"  {'- ' if i == 0 else '  '}{name}: {value}\n" for i, (name, value) in enumerate(frame.items()))
            text += textwrap.indent(textwrap.dedent(block.text), "  " if isinstance(data, list) else "    ")
        jsonschema.validate(yaml.safe_load(text), self.schema)
        file = folder / "catalogue.yaml"
        file.write_text(text, encoding="utf-8")
        self.stack.cli("catalogue", "check", str(file))

    def check_overlay(self, block, data, folder):
        base = yaml.safe_load((SOURCE / "deploy/kubernetes/base/kustomization.yaml").read_text())
        self.assertLessEqual({i["name"] for i in data["images"]}, {i["name"] for i in base["images"]}, block)
        self.assertLessEqual({c["name"] for c in data["configMapGenerator"]}, {c["name"] for c in base["configMapGenerator"]}, block)
        if kubectl := shutil.which("kubectl"):
            shutil.copytree(SOURCE / "deploy/kubernetes/base", folder / "base")
            (folder / "overlay").mkdir()
            (folder / "overlay/kustomization.yaml").write_text(block.text)
            for secret in data["secretGenerator"]:
                for file in secret["files"]:
                    (folder / "overlay" / file).touch()
            ask(kubectl, "kustomize", folder / "overlay")

    def check_json(self, block, _):
        """The service config: what our own client has."""
        client = (SOURCE / "services/cli/client.cc").read_text()
        self.assertEqual(json.loads(block.text), json.loads(re.search(r'SetServiceConfigJSON\(\s*R"\((.*?)\)"\)', client, re.DOTALL)[1]))

    def check_properties(self, block, folder):
        (folder / "kafka.properties").write_text(block.text)
        ask(BIN / "bellwether-query", "--check-config", "--kafka-property-file", folder / "kafka.properties")

    def test_each_block(self):
        checks = {"yaml": self.check_yaml, "json": self.check_json, "properties": self.check_properties}
        elsewhere = {"sh", "text", "csv"}  # StoryTest.
        languages = set()
        for document in documents():
            for block in blocks(document):
                with self.subTest(str(block)), tempfile.TemporaryDirectory() as folder:
                    languages.add(block.language)
                    self.assertIn(block.language, {*checks, *elsewhere}, "a language that this test knows")
                    self.assertTrue(block.file or block.language != "csv", "no command can send what has no name")
                    if block.file not in ("access.yaml", "keys.json"):  # A command of the story reads these.
                        checks.get(block.language, lambda *_: None)(block, pathlib.Path(folder))
        self.assertEqual(languages, {*checks, *elsewhere})

    def test_the_schema_finds_what_the_check_refuses(self):
        """Slips in the guide's worked example: an editor shows each, and the check refuses it. What hangs on something else only the
        check finds."""
        [example] = [block.text for block in blocks("docs/performance-team.md") if block.file == "homes.yaml"]
        slips = {slip: True for slip in (
            ("council: E07000099", "council: E0700099"), ("council: E07000099", "council: Rutland"), ("council: E07000099\n", ""),
            ("    polarity: lower\n", ""), ("    polarity: lower", "    polarity: down"),
            ("    description: Repairs done on time\n", ""),
            ("ref: H3", "ref: H 3"), ("ref: H3", "reference: H3"), ("breaks: [2024-10]", "breaks: [2024-13]"), ("breaks: [2024-10]", "breaks: 2024-10"),
            ("    unit: days", "    unit: days\n    active_from: July 2024"), ("decimal_places: 1", "decimal_places: 11"), ("targets: [{value: 95}]", "target: 95"),
            ("targets: [{value: 95}]", "targets: [{value: 95%}]"), ("targets: [{value: 95}]", "targets: [{value: 95, tracking: true}]"),
            ("targets: [{value: 95}]", "targets: [{effective_from: 2024-04}]"), ("targets: [{value: 95}]", "targets: [{value: 95, tolerance: 5}]"),
            ("{month: 2024-06, value: 100}", "{month: 2024-06}"), ("    name: Key of the homes report\n", ""), ('colour: "#B58105"', "colour: amber"),
            ('shape: "▲"', 'shape: "▲▲"'), ("id: amber", "id: Amber"), ("{otherwise: true}", "{otherwise: false}"), ("judgement: worse, ", ""),
            ('arrow: "↓"', 'arrow: "gone down a bit"'), ("days_until_due: 30", "days_until_due: soon"), ("days_until_due: 30", "days_until_due: 500"))}
        slips |= {slip: False for slip in (  # Twins, references, contradictions, what defaults may give, keys that do not cover everything.
            ("    unit: days\n", ""), ("    quarter_rule: ratio\n", ""), ("    year_to_date_rule: ratio\n", ""),
            ("ref: H3", "ref: H2"), ("scheme_id: homes", "scheme_id: houses"), ("{low: 0, high: 100}", "{low: 100, high: 0}"),
            ("      - {performances: [same], judgement: same, arrow: \"→\"}\n", ""))}
        validator = jsonschema.Draft202012Validator(self.schema)
        for (right, wrong), found in slips.items():
            with self.subTest(right, wrong=wrong), tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
                self.assertIn(right, example)
                text = example.replace(right, wrong, 1)
                file.write(text)
                file.flush()
                self.assertEqual(not validator.is_valid(yaml.safe_load(text)), found, "found by the schema")
                self.assertNotEqual(self.stack.cli("catalogue", "check", file.name, check=False).returncode, 0, "refused by the check")

    def test_each_command_within_the_lines(self):
        programs = {*PROGRAMS.values(), *NOT_SHIPPED}
        count = 0
        for document in documents():
            for code in inline(document):
                if code.split(" ")[0] not in programs or " " not in code:
                    continue
                for _, words in simple_commands(code.replace("HOST:PORT", "127.0.0.1:9092")):
                    count += 1
                    with self.subTest(f"{document}: {code}"):
                        ours(words[0], words[1:])
        self.assertGreater(count, 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
