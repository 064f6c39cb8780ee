"""A raised rules version beside the old one: a new group and topic, cut over, and back again, while readings come in."""

import unittest

from kafka import KafkaStack, require_kafka
from kcat import consumed
from stack import StackTest, indicator, reading, wait_until

SCORES = "bellwether.scores.v1.e1.r{}"


def setUpModule():
    require_kafka()


class RulesVersionTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.stack = KafkaStack.started(cls.addClassCleanup)
        cls.ingestion = cls.stack.ingestion_stub()
        cls.query = cls.stack.query_stub()

    def shown_by(self, query, value):
        """Waits until this query shows the figure."""
        self.query = self.stack.query_stub(query)
        wait_until(lambda: self.score("V1", "2022-02").current.value.value == str(value), f"query shows {value}")

    def test_beside_over_and_back(self):
        stack = self.stack
        self.define(indicator("V1"))
        for month in range(1, 10):
            self.record(reading("V1", f"2021-0{month}", month))
        self.record(reading("V1", "2022-02", 10))
        self.shown_by(stack.query, 10)

        # Beside: the next version folds the whole log while the old one serves.
        refused = stack.start_service("scoring", next_version=True)
        wait_until(lambda: refused.popen.poll() is not None or "r2" in refused.text(), "the next scoring looks for its topic")
        refused.stop()
        stack.admin("topics", "--rules-version", "2")
        scoring = stack.start_service("scoring", next_version=True)
        query = stack.start_service("query", next_version=True)
        scoring.await_ready()
        query.await_ready()
        self.record(reading("V1", "2022-02", 11))
        self.shown_by(stack.query, 11)
        self.shown_by(query, 11)
        self.assertEqual(sorted(v for _, v in consumed(stack.kafka, SCORES.format(2)).values()),
                         sorted(v for _, v in consumed(stack.kafka, SCORES.format(1)).values()))

        # Over: the old ones end, and the log goes on.
        self.assertEqual(stack.query.stop(), 0)
        self.assertEqual(stack.scoring.stop(), 0)
        old = consumed(stack.kafka, SCORES.format(1))
        self.record(reading("V1", "2022-02", 12))
        self.shown_by(query, 12)
        self.assertEqual(consumed(stack.kafka, SCORES.format(1)), old, "nobody writes the old topic any more")

        # And back: the old ones start again where they were, and catch up.
        stack.scoring, stack.query = stack.start_service("scoring"), stack.start_service("query")
        stack.scoring.await_ready()
        stack.query.await_ready()
        self.shown_by(stack.query, 12)
        self.assertEqual(query.stop(), 0)
        self.assertEqual(scoring.stop(), 0)
        self.record(reading("V1", "2022-02", 13))
        self.shown_by(stack.query, 13)


if __name__ == "__main__":
    unittest.main(verbosity=2)
