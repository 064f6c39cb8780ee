"""The limits that docs/integrating.md lists are those of the code, in its order."""

import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])


class LimitsTest(unittest.TestCase):
    def test_the_table_is_current(self):
        header = (SOURCE / "libs/core/include/bellwether/core/limits.h").read_text()
        limits = re.findall(r"constexpr int (k\w+) = ([^;]+);", header)
        in_code = [(name, eval(text.replace("'", ""))) for name, text in limits]  # Such as 1 << 20.
        section = (SOURCE / "docs/integrating.md").read_text().split("\n## Limits\n")[1].split("\n## ")[0]
        rows = re.findall(r"^\| ([\d,]+) \| [^|]+ \| `(k\w+)` \|$", section, re.MULTILINE)
        in_document = [(name, int(text.replace(",", ""))) for text, name in rows]
        self.maxDiff = None
        self.assertGreater(len(in_code), 40)
        self.assertEqual(in_document, in_code)

    def test_no_other_file_has_one(self):
        """What a text's length or the number of something is held against has a name, and stands in limits.h or with its type."""
        calls = []
        for file in sorted((SOURCE / "libs/codec/src").glob("*.cc")):
            calls += [(file.name, call) for call in re.findall(r"check\.(?:Text|Slug|Size|Within)\([^;]*;", file.read_text())]
        self.assertGreater(len(calls), 30)
        for file, call in calls:
            self.assertNotRegex(call, r"(?<![\w:])k[A-Z]\w+|, [1-9]\d+\b", file)


if __name__ == "__main__":
    unittest.main()
