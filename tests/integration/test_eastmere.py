"""The second example, an invented council with two whole years of months: as `./dev demo --keep` puts it in."""

import collections
import json
import os
import re
import subprocess
import unittest

from stack import BIN, PATIENCE, SOURCE, StackTest

COUNCIL = "E06000901"


class EastmereTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        script = (SOURCE / "deploy/dev/stack.sh").read_text(encoding="utf-8")
        commands = re.findall(r'^ +(BELLWETHER_COUNCIL=\$eastmere .*)$', script, re.MULTILINE)
        assert len(commands) == 2, commands
        cls.printed = subprocess.run(
            ["bash", "-euc", "\n".join(commands)], cwd=SOURCE, capture_output=True, text=True, timeout=PATIENCE, check=True,
            env={**os.environ, "bin": str(BIN), "eastmere": re.search(r"^eastmere=(\S+)$", script, re.MULTILINE)[1],
                 "BELLWETHER_INGESTION": cls.stack.address(cls.stack.ingestion), "BELLWETHER_QUERY": cls.stack.address(cls.stack.query)}).stdout

    def answer(self, *arguments):
        return json.loads(self.stack.cli(*arguments, "--format", "json", environment={"BELLWETHER_COUNCIL": COUNCIL}).stdout)

    def test_all_of_it_is_recorded(self):
        self.assertIn("20 indicators: 20 new", self.printed)
        self.assertIn("448 of 448 readings and 14 comments recorded; 448 first", self.printed)

    def test_its_report_has_every_kind_of_row(self):
        rows = {row["definition"]["ref"]: row["score"] for row in self.answer("report", "--period", "2025-03")["rows"]}
        self.assertEqual(len(rows), 20)
        statuses = collections.Counter(score["current"]["status"] for score in rows.values())
        self.assertEqual(statuses, {"green": 10, "amber": 3, "red": 4, "watched": 2, "under-review": 1})
        self.assertEqual({ref for ref, score in rows.items() if score["current"].get("observation_status") == "P"}, {"WA1", "WA2"})
        self.assertEqual({ref for ref, score in rows.items() if score["judgement"] == "JUDGEMENT_WORSE"}, {"CS1", "CS3", "PL1", "HO3", "PL3"})
        self.assertEqual(self.answer("findings", "--period", "2025-03").get("findings", []), [])

    def test_a_history_is_two_years_with_what_is_out_of_the_ordinary(self):
        def history(ref):
            return {score["period"]: score for score in self.answer("indicator", ref)["scores"]}

        self.assertEqual(len(history("CS1")), 24)
        self.assertEqual([history("CS1")[month]["target"]["value"] for month in ("2024-03", "2024-04")], ["90", "92"])
        self.assertEqual(history("WA1")["2024-07"].get("arrow", ""), "", "nothing compares over a break")
        self.assertEqual(history("HO3")["2024-01"]["current"]["state"], "CELL_STATE_SUPPRESSED")
        self.assertEqual(history("CA1")["2024-11"]["current"]["state"], "CELL_STATE_NOT_COLLECTED")
        self.assertEqual(len(history("PL3")), 8)


if __name__ == "__main__":
    unittest.main(verbosity=2)
