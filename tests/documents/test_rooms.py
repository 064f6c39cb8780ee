"""The table of rooms in docs/architecture.md has every folder of code, and what CMake says that it stands on; and no arrow runs back."""

import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
TARGET = re.compile(r"bellwether_(?:cc_library|cc_binary|proto_library)\(NAME ([\w-]+)(.*?)\)\n|add_library\(bellwether_(\w+) ", re.DOTALL)
LINKED = re.compile(r"target_link_libraries\(bellwether_\w+ (.*?)\)", re.DOTALL)


def folders():
    return [SOURCE / "proto", *(SOURCE / "libs").iterdir(), *(SOURCE / "services").iterdir()]


def in_cmake():
    """What each folder stands on."""
    texts = {str(folder.relative_to(SOURCE)): (folder / "CMakeLists.txt").read_text() for folder in folders()}
    homes = {m[1] or m[3]: folder for folder, text in texts.items() for m in TARGET.finditer(text)}
    stands_on = {}
    for folder, text in texts.items():
        linked = " ".join([m[2] or "" for m in TARGET.finditer(text)] + LINKED.findall(text))
        stands_on[folder] = {homes[name] for name in re.findall(r"bellwether::(\w+)", linked)} - {folder}
    return stands_on


def in_document():
    section = (SOURCE / "docs/architecture.md").read_text().split("\n## The rooms\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `((?:libs|services)/\w+|proto)/?` \|[^|]*\| *([^|]*?) *\|$", section, re.MULTILINE)
    return {folder: {full(name) for name in text.split(";")[0].split(", ") if name} for folder, text in rows}


def full(name):
    return next(place for place in (name, f"libs/{name}", f"services/{name}") if (SOURCE / place).is_dir())


class RoomsTest(unittest.TestCase):
    def test_the_table_is_current(self):
        self.maxDiff = None
        found = in_cmake()
        self.assertGreater(len(found), 12)
        self.assertEqual(in_document(), found)

    def test_no_arrow_runs_back(self):
        """No folder stands on itself, by whatever way; libraries on no service; and services on no other, but standalone."""
        found = in_cmake()
        for folder, below in found.items():
            seen, todo = set(), list(below)
            while todo:
                seen.add(name := todo.pop())
                todo.extend(found[name] - seen)
            self.assertNotIn(folder, seen)
            services = {name for name in below if name.startswith("services/")}
            if folder != "services/standalone":
                self.assertEqual(services, set(), folder)


if __name__ == "__main__":
    unittest.main()
