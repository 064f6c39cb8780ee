"""The documents, as their readers see them: fenced blocks, and code within the lines."""

import dataclasses
import os
import pathlib
import re
import shlex

SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
FENCE = re.compile(r"^( *)```(.*)$")


@dataclasses.dataclass(frozen=True)
class Block:
    document: str
    line: int
    language: str
    file: str  # The name under which the document's commands know it; or "".
    text: str

    def __str__(self):
        return f"{self.document}:{self.line}"


def documents():
    """Every document by its path. Not the changelog: it says what was true then."""
    found = [*SOURCE.glob("*.md"), *(p for folder in ("docs", "deploy", "clients", "examples") for p in (SOURCE / folder).rglob("*.md"))]
    return [str(p.relative_to(SOURCE)) for p in sorted(found) if p.name != "CHANGELOG.md"]


def blocks(document):
    """A fence is ```LANGUAGE, or ```LANGUAGE FILE."""
    found, begun = [], None
    for number, line in enumerate((SOURCE / document).read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if fence and begun is None:
            begun, indent, lines = (number, *fence[2].partition(" ")[::2]), len(fence[1]), []
        elif fence:
            found.append(Block(document, *begun, "".join(lines)))
            begun = None
        elif begun:
            lines.append(line[indent:] + "\n")
    assert begun is None, f"{document}:{begun and begun[0]} begins a block that does not end"
    return found


def inline(document):
    """Code within the lines, such as `bellwether report`; a table's \\| is a bar."""
    text = re.sub(r"^ *```.*?^ *```$", "", (SOURCE / document).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+", " ", code.replace("\\|", "|")) for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]


def command_lines(block):
    """Its lines, with what a backslash goes on with."""
    return [line.strip() for line in block.text.replace("\\\n", " ").splitlines() if line.strip()]


def simple_commands(line):
    """What a line runs: of each command its assignments and its words; also those behind |, && and in $()."""
    within = re.compile(r"\$\(([^()]*)\)")
    if inner := within.search(line):
        return simple_commands(inner[1]) + simple_commands(line.replace(inner[0], "what-it-says"))
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    found = [[]]
    for word in words:
        if word and set(word) <= set("();|&"):
            found.append([])
        else:
            found[-1].append(word)
    commands = []
    for words in filter(None, found):
        while redirected := {">", "<", ">>"} & set(words):
            at = words.index(redirected.pop())
            del words[at:at + 2]
        first = next((i for i, word in enumerate(words) if not re.match(r"[A-Z_]+=", word)), len(words))
        if words[first:]:
            commands.append((dict(word.split("=", 1) for word in words[:first]), words[first:]))
    return commands
