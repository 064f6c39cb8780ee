"""Dashboard, rules and metrics.txt against what a running stack exports, as Debian's own Prometheus scrapes it.

test_running.py --write        writes metrics.txt anew: names, types, labels and services from what runs; the words stay
"""

import contextlib
import math
import re
import sys
import unittest

import dashboard
from prometheus import FILES, Prometheus, alerts, metrics, program, rules_of, unit_test_series
from promql import labels_of, selectors_of, values_of
from running import FEED, SERVICES, BusyStack
from stack import wait_until

# What Prometheus adds to each series.
ADDED = {"job", "instance"}


def described(exported, text):
    """metrics.txt as it should be: its words with what is exported. What is new stands at its end, for want of words."""
    lines, left = [], dict(exported)
    for line in text.splitlines():
        if not line or line.startswith("#"):
            lines.append(line)
            continue
        name, _, written, unit, _, meaning = (field.strip() for field in line.split("|"))
        if name not in left:
            continue
        kind, labels, services = left.pop(name)
        if set(written.replace(",", " ").split()) != labels:  # Else they stand in the order that somebody chose.
            written = ", ".join(sorted(labels))
        lines.append(row(name, kind, written, unit, services, meaning))
    for name, (kind, labels, services) in sorted(left.items()):
        lines.append(row(name, kind, ", ".join(sorted(labels)), "?", services, "?"))
    return "\n".join(lines) + "\n"


def row(name, kind, labels, unit, services, meaning):
    by = " ".join(initial for initial in (service[0].upper() for service in SERVICES) if initial in services)
    return re.sub(r" +", " ", f"{name} | {kind} | {labels} | {unit} | {by} | {meaning}")


def faults_of(prometheus, expression, shown=None):
    """What is wrong with an expression, by what Prometheus has. `shown`: the labels that its panel shows; None: an alert, which may give nothing."""
    known = set(ADDED)
    for selector in selectors_of(expression):
        if not prometheus.query(selector):
            yield f"{selector} finds nothing"
        for one in values_of(selector):
            if not prometheus.query(one):
                yield f"{one} finds nothing"
        # Of the metric itself: what a matcher makes empty is said above.
        for labels, _ in prometheus.query(selector.split("{")[0]):
            known.update(labels)
    for label in labels_of(expression) - known:
        yield f"no series has the label {label}"
    series = prometheus.query(expression)
    if shown is None:
        return
    if not any(math.isfinite(value) for _, value in series):
        yield "it gives nothing"
    for labels, _ in series:
        if not shown <= set(labels):
            yield f"the panel shows {sorted(shown)}, and there is {sorted(labels)}"


class RunningTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        program("prometheus")  # Skips before anything is started.
        cls.stack = BusyStack.started(cls.addClassCleanup)
        cls.prometheus = Prometheus(cls.stack.jobs())
        cls.addClassCleanup(cls.prometheus.close)
        cls.prometheus.await_ready()
        # A rise is seen only of what was seen before it.
        expected = sum(len(ports) for ports in cls.stack.jobs().values())
        wait_until(lambda: [target["health"] for target in cls.prometheus.targets()] == ["up"] * expected, "every service is scraped")
        cls.stack.work()
        # An alert that fires, for what looks at alerts.
        wait_until(lambda: cls.prometheus.query('ALERTS{alertname="BellwetherDeadLetters", alertstate="firing"}'), "an alert fires", 30)

    def assert_none(self, find, seconds=30):
        """Nothing is wrong, or it passes: what is asked for may take some scrapes."""
        faults = []

        def none():
            faults[:] = find()
            return not faults

        try:
            wait_until(none, "no faults", seconds)
        except AssertionError:
            if not faults:
                raise  # Prometheus itself complained.
        self.assertIsNone(self.stack.failed)
        if faults:
            self.fail("\n".join(map(str, faults)))

    def of_dashboard(self, doctor=lambda expression: expression):
        return [f"{panel['title']}: {fault}" for panel, target, expression in dashboard.queries()
                for fault in faults_of(self.prometheus, doctor(expression), dashboard.labels_shown(panel, target))]

    def of_rules(self):
        return [f"{rule.get('alert', rule.get('record'))}: {fault}" for rule in rules_of() for fault in faults_of(self.prometheus, rule["expr"])]

    def test_metrics_txt_is_what_the_services_export(self):
        listed, exported = metrics(), self.stack.exported()
        differ = {name: (listed.get(name), exported.get(name)) for name in listed.keys() | exported.keys() if listed.get(name) != exported.get(name)}
        self.assertEqual(differ, {}, "test_running.py --write writes metrics.txt anew")

    def test_every_panel_shows_something(self):
        self.assert_none(self.of_dashboard)

    def test_every_rule_asks_for_what_there_is(self):
        self.assert_none(self.of_rules)

    def test_unit_tests_of_alerts_make_up_what_there_could_be(self):
        """Down to the values of labels, but for names of this and that."""
        def unknown():
            for series in unit_test_series():
                selector = re.sub(r'\b(?:instance|council|feed|partition)="[^"]*",?', "", series)
                if not self.prometheus.query(selector):
                    yield f"{selector} finds nothing"

        self.assert_none(lambda: list(unknown()))

    def test_prometheus_evaluates_every_rule(self):
        evaluated = wait_until(lambda: (lambda rules: rules if all(rule["health"] != "unknown" for rule in rules) else None)(self.prometheus.rules()),
                               "every rule was evaluated")
        self.assertEqual([(rule["name"], rule.get("lastError")) for rule in evaluated if rule["health"] != "ok"], [])
        self.assertEqual({rule["name"] for rule in evaluated if rule["type"] == "alerting"}, set(alerts()))
        silent = [series for series, _ in self.prometheus.query("bellwether:feed_silence_seconds")]
        self.assertIn({"__name__": "bellwether:feed_silence_seconds", "feed": FEED}, silent)

    def test_a_sound_stack_pages_nobody(self):
        """Neither now nor soon."""
        self.assert_none(lambda: [labels for labels, _ in self.prometheus.query('ALERTS{severity="page"}')])

    def test_a_name_that_is_no_more_is_found(self):
        self.assert_none(self.of_dashboard)
        for old, new, fault in (
                ("bellwether_lag_records", "bellwether_lag_messages", "Records that wait: bellwether_lag_messages finds nothing"),
                ("by (grpc_code)", "by (code)", "Calls that failed: no series has the label code"),
                ('grpc_type="unary"', 'grpc_type="Unary"',
                 'Time of a call: half, and 99 in 100, take less: grpc_server_handling_seconds_bucket{grpc_type="Unary"} finds nothing'),
                ("|INTERNAL", "|INTERNAL_ERROR",
                 "Readings turned away, through ours: bellwether_readings_refused_total{reason=\"INTERNAL_ERROR\"} finds nothing"),
                ("sum by (reason) (increase(", "sum (increase(", "Dead letters: the panel shows ['reason'], and there is []"),
                ("bellwether_spans_dropped_total", "bellwether_spans_lost_total", "Spans dropped: bellwether_spans_lost_total finds nothing")):
            with self.subTest(old):
                self.assertIn(fault, self.of_dashboard(lambda expression, old=old, new=new: expression.replace(old, new)))

    def test_what_is_no_query_is_found(self):
        with self.assertRaisesRegex(AssertionError, "parse error"):
            self.assert_none(lambda: self.of_dashboard(lambda expression: expression + ")"))

    def test_metrics_txt_is_mended(self):
        exported, text = self.stack.exported(), (FILES / "metrics.txt").read_text()
        self.assertEqual(described(exported, text), text)
        doctored = text.replace("topic, partition |", "topic |").replace("bellwether_ready |", "bellwether_up |")
        self.assertNotEqual(doctored, text)
        mended = described(exported, doctored).splitlines()
        self.assertIn("bellwether_ready | gauge | | ? | I S Q W | ?", mended)
        self.assertIn("bellwether_lag_records | gauge | partition, topic | records | I S Q | there, and not yet read", mended)
        self.assertFalse([line for line in mended if line.startswith("bellwether_up")])


def write():
    with contextlib.ExitStack() as stack:
        running = BusyStack.started(stack.callback)
        running.work()
        path = FILES / "metrics.txt"
        path.write_text(described(running.exported(), path.read_text()))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        unittest.main(verbosity=2)
