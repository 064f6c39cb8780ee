"""The alert rules: sound, tested, and each explained to whoever is on call. promtool runs their unit tests."""

import re
import subprocess
import unittest

import yaml
from prometheus import FILES, alerts, metrics, program, rules_of, unit_test_series, unit_tests
from promql import metrics_of
from stack import PATIENCE, SOURCE

RUNBOOKS = SOURCE / "docs" / "runbooks.md"


def anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


class RulesTest(unittest.TestCase):
    def promtool(self, *arguments):
        result = subprocess.run([program("promtool"), *arguments], cwd=FILES, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_the_configuration_is_sound(self):
        self.promtool("check", "config", "prometheus.yml")

    def test_alerts_fire_when_they_should(self):
        self.promtool("test", "rules", *(path.name for path in unit_tests()))

    def test_unit_tests_are_fed_with_what_services_export(self):
        for series in unit_test_series():
            name, labels = series.split("{")[0], set(re.findall(r'(\w+)="', series))
            if name == "up":
                continue
            kind, exported, services = metrics()[re.sub(r"_(bucket|sum|count)$", "", name)]
            expected = exported | {"job", "instance"} | ({"le"} if kind == "histogram" and name.endswith("_bucket") else set())
            self.assertEqual(labels, expected, series)
            self.assertIn(re.search(r'job="bellwether-(\w)', series)[1].upper(), services, series)

    def test_every_alert_is_shown_to_fire_and_not_to_fire(self):
        fires, holds = set(), set()
        for path in unit_tests():
            for test in yaml.safe_load(path.read_text())["tests"]:
                for case in test["alert_rule_test"]:
                    (fires if case.get("exp_alerts") else holds).add(case["alertname"])
        self.assertEqual(fires, set(alerts()))
        self.assertEqual(holds, set(alerts()))

    def test_every_alert_has_a_runbook_section_and_every_section_an_alert(self):
        text = RUNBOOKS.read_text()
        sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
        self.assertEqual(sections, list(alerts()), "the sections stand in the order of the rules")
        for name, rule in alerts().items():
            self.assertEqual(rule["annotations"]["runbook_url"], f"docs/runbooks.md#{anchor(name)}")
        for section in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]:
            self.assertIn("**Means:**", section)
            self.assertRegex(section, r"\*\*(Do|Look|Look and do):\*\*")

    def test_links_of_the_runbooks_lead_somewhere(self):
        headings = {path: {anchor(h) for h in re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)} for path in (SOURCE / "docs").glob("*.md")}
        for target, heading in re.findall(r"\]\(([\w.-]*)(?:#([\w-]+))?\)", RUNBOOKS.read_text()):
            path = SOURCE / "docs" / target if target else RUNBOOKS
            self.assertIn(path, headings, target)
            self.assertTrue(not heading or heading in headings[path], f"{target}#{heading}")

    def test_every_alert_says_how_urgent_it_is(self):
        for name, rule in alerts().items():
            self.assertIn(rule["labels"]["severity"], ("page", "ticket"), name)
            self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url"}, name)
            self.assertRegex(name, r"^Bellwether\w+$")

    def test_rules_use_listed_metrics(self):
        known = set(metrics()) | {"up"} | {rule["record"] for rule in rules_of() if "record" in rule}
        for rule in rules_of():
            for name in metrics_of(rule["expr"]):
                self.assertIn(re.sub(r"_(bucket|sum|count)$", "", name), known, rule)


if __name__ == "__main__":
    unittest.main(verbosity=2)
