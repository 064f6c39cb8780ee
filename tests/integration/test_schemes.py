"""A third, invented scheme with four statuses goes the whole way: rules, labels, shapes and arrows come from the catalogue."""

import unittest

from bellwether.v1 import query_service_pb2 as query_pb
from stack import COUNCIL, PATIENCE, StackTest, reading

STARS = """[{id: stars, name: Star key, precision: exact,
  statuses: [
    {id: star, label: Star, colour: "#12436D", shape: "★", meaning: "better than target by 10% or more", any_of: [{shortfall_within: {relative_percent: -10}}]},
    {id: circle, label: Circle, colour: "#28A197", shape: "○", meaning: "on target", any_of: [{shortfall_within: {target: true}}]},
    {id: square, label: Square, colour: "#801650", shape: "□", meaning: "missed by less than 2", any_of: [{shortfall_within: {absolute: 2, exclusive: true}}]},
    {id: triangle, label: Well short of its target, colour: "#F46A25", shape: "△", any_of: [{otherwise: true}, {state: missing}]}],
  directions: [
    {movements: [same], judgement: same, arrow: "o"},
    {performances: [improved], judgement: improved, arrow: "+"},
    {performances: [declined], judgement: worse, arrow: "-"},
    {performances: [changed], judgement: changed, arrow: "?"}]}]"""


class SchemeTest(StackTest):
    def test_four_statuses(self):
        cells = "cells: [current, quarter, year-to-date]"
        self.define(
            f"{{ref: U1, description: up, unit: count, polarity: higher, quarter_rule: latest, year_to_date_rule: latest, scheme_id: stars, targets: [{{value: 50, {cells}}}]}}",
            f"{{ref: U2, description: down, unit: count, polarity: lower, quarter_rule: latest, year_to_date_rule: latest, scheme_id: stars, targets: [{{value: 50, {cells}}}]}}",
            schemes=STARS,
        )
        months = {"2022-01": ("55", "star", "triangle"), "2022-02": ("54.9", "circle", "triangle"), "2022-03": ("50", "circle", "circle"),
                  "2022-04": ("48.1", "square", "circle"), "2022-05": ("48", "triangle", "circle"), "2022-06": ("45", "triangle", "star")}
        results = self.record(*[reading(ref, month, value) for ref in ("U1", "U2") for month, (value, _, _) in months.items()])
        self.assertFalse([e for r in results for e in r.errors])
        positions = [r.position for r in results]
        for month, (_, up, down) in months.items():
            self.assertEqual(self.score("U1", month, positions).current.status, up, month)
            self.assertEqual(self.score("U2", month, positions).current.status, down, month)
        self.assertEqual(self.score("U1", "2022-02", positions).arrow, "-")
        self.assertEqual(self.score("U2", "2022-02", positions).arrow, "+")
        self.assertEqual(self.score("U1", "2022-07", positions).current.status, "triangle", "missing, as the scheme says")
        table = self.stack.cli("report", "--period", "2022-01").stdout
        self.assertIn("★ Star", table)
        self.assertIn("better than target by 10% or more", table)
        self.assertIn("  △ Well short of its target\n", table.partition("Star key:\n")[2], "the key is not cut")
        self.assertEqual(self.stack.cli("indicator", "U1").stdout.splitlines()[1], "unit count; polarity higher", "it has no owner")
        report = self.query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-01"), timeout=PATIENCE)
        self.assertEqual([s.id for s in report.schemes], ["stars"])
        explained = self.stack.cli("explain", "U1", "--period", "2022-04").stdout
        self.assertIn("Square", explained)


if __name__ == "__main__":
    unittest.main(verbosity=2)
