"""The limits that docs/integrating.md lists are those of the code, in its order."""

import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])


class LimitsTest(unittest.TestCase):
    def test_the_table_is_current(self):
        header = (SOURCE / "libs/core/include/bellwether/core/limits.h").read_text()
        limits = re.findall(r"constexpr int k\w+ = ([^;]+);", header)
        in_code = [eval(text.replace("'", "")) for text in limits]  # Such as 1 << 20.
        section = (SOURCE / "docs/integrating.md").read_text().split("\n## Limits\n")[1].split("\n## ")[0]
        in_document = [int(text.replace(",", "")) for text in re.findall(r"^\| ([\d,]+) \|", section, re.MULTILINE)]
        self.assertGreater(len(in_code), 20)
        self.assertEqual(in_document, in_code)


if __name__ == "__main__":
    unittest.main()
