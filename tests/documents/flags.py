"""Writes docs/operations-flags.md from what the programs say of themselves: flags.py BIN_FOLDER > docs/operations-flags.md"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
import programs  # noqa: E402

PROGRAMS = (*(f"bellwether-{name}" for name in programs.SERVICES), *programs.NOT_SHIPPED, "bellwether-admin", "bellwether")
INTRODUCTION = """# Flags and variables

Made from the programs' own `--print-flags` by `tests/documents/flags.py`; a test shows that it is current. A flag stands
over its variable. Every program has `--help`, `--version` and `--check-config`, which says what is wrong in flags and
environment, a line each, with exit code 2, and starts nothing. There a variable `BELLWETHER_*` that no program knows is
wrong too; at a start it is a warning in the log.
"""


def document(folder):
    text = INTRODUCTION
    for program in PROGRAMS:
        table = subprocess.run([pathlib.Path(folder) / program, "--print-flags"], capture_output=True, text=True, check=True, timeout=60,
                               env={}).stdout
        text += f"\n## {program}\n\n{table}"
    return text


if __name__ == "__main__":
    sys.stdout.write(document(sys.argv[1]))
