"""The dashboard as a file: Grafana would take it, and nothing lies over something else."""

import re
import unittest

import dashboard
import yaml
from prometheus import metrics
from promql import metrics_of

# The ways to show something that every Grafana of the last years has.
TYPES = {"row", "stat", "timeseries", "table"}
DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


class DashboardTest(unittest.TestCase):
    def test_panels_are_whole_and_do_not_overlap(self):
        taken, ids = {}, set()
        for panel in dashboard.load()["panels"]:
            title = panel["title"]
            self.assertIn(panel["type"], TYPES, title)
            self.assertNotIn(panel["id"], ids, title)
            ids.add(panel["id"])
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24, title)
            for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
                self.assertNotIn(cell, taken, f"{title} lies over {taken.get(cell)}")
                taken[cell] = title
            if panel["type"] != "row":
                self.assertTrue(panel["description"] and panel["targets"], title)
                self.assertIn("unit", {**panel["fieldConfig"]["defaults"], "unit": ""} if panel["type"] == "table" else panel["fieldConfig"]["defaults"], title)

    def test_the_data_source_is_a_variable(self):
        whole = dashboard.load()
        self.assertEqual([(v["name"], v["type"], v["query"]) for v in whole["templating"]["list"]], [("datasource", "datasource", "prometheus")])
        for panel in dashboard.panels():
            self.assertEqual(panel["datasource"], DATA_SOURCE, panel["title"])
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], DATA_SOURCE, panel["title"])
            self.assertEqual(len({t["refId"] for t in panel["targets"]}), len(panel["targets"]), panel["title"])

    def test_queries_use_listed_metrics(self):
        for panel, _, expression in dashboard.queries():
            for name in metrics_of(expression):
                self.assertIn(re.sub(r"_(bucket|sum|count)$", "", name), set(metrics()) | {"up", "ALERTS"}, panel["title"])

    def test_every_metric_is_looked_at(self):
        asked = {re.sub(r"_(bucket|sum|count)$", "", name) for _, _, expression in dashboard.queries() for name in metrics_of(expression)}
        self.assertEqual(set(metrics()) - asked, {"bellwether_access_file_usable", "bellwether_audit_records_lost_total", "bellwether_tls_certificate_usable", "process_max_fds"}, "alerts alone look at these")

    def test_grafana_is_told_where_it_lies(self):
        provisioning = dashboard.GRAFANA / "provisioning"
        (provider,) = yaml.safe_load((provisioning / "dashboards" / "bellwether.yml").read_text())["providers"]
        self.assertEqual((provider["type"], provider["options"]["path"]), ("file", "/etc/grafana/dashboards"))
        (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
        self.assertEqual((source["type"], source["url"]), ("prometheus", "http://prometheus:9090"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
