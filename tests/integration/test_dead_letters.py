"""What cannot be read, from the topic to the operator's command line and back into the report."""

import csv
import io
import unittest

from bellwether.v1 import record_pb2 as record_pb
from kcat import consumed, produce
from stack import COUNCIL, StackTest, indicator, reading, wait_until

INDICATORS = "bellwether.indicators.v1.e1"


class DeadLettersTest(StackTest):
    def letters(self):
        return list(csv.DictReader(io.StringIO(self.stack.cli("dead-letters", "list", "--format", "csv").stdout, newline="")))

    def await_letter(self, reason, count=1):
        """The place of the newest letter of that reason."""
        wait_until(lambda: sum(l["reason"] == reason for l in self.letters()) == count, f"the {reason} letter is listed")
        return [l["place"] for l in self.letters() if l["reason"] == reason][-1]

    def bytes_of(self, ref, value, reading_id):
        return record_pb.IndicatorRecord(reading=reading(ref, "2022-02", value, reading_id=reading_id)).SerializeToString()

    def test_list_show_and_replay(self):
        self.define(indicator("D1"), indicator("D2"))
        partition_of = {key.decode(): p for (p, _), (key, _) in consumed(self.stack.kafka, INDICATORS).items()}
        own = partition_of[f"{COUNCIL}/D1"]

        # Bytes of no message, and a kind of record that nobody knows.
        produce(self.stack.kafka, INDICATORS, own, f"{COUNCIL}/D1", b"\xff\xfe\x1b[31m")
        garbage = self.await_letter("unreadable")
        shown = self.stack.cli("dead-letters", "show", garbage).stdout
        self.assertIn("ff fe 1b 5b", shown)
        self.assertNotIn("\x1b", shown)
        refused = self.stack.cli("dead-letters", "replay", garbage, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("its source has to send it again", refused.stderr)
        produce(self.stack.kafka, INDICATORS, own, f"{COUNCIL}/D1", b"\xfa\x7f\x03abc")
        self.await_letter("unreadable", 2)

        # A key that is not UTF-8.
        produce(self.stack.kafka, INDICATORS, own, b"\xff\xfekey", self.bytes_of("D1", 5, "garbage-key"))
        self.assertIn("its key is \"<0xFF><0xFE>key\"", next(l["message"] for l in self.letters() if l["place"] == self.await_letter("key-mismatch")))

        # A good record under another's key, and one in another's partition.
        produce(self.stack.kafka, INDICATORS, own, f"{COUNCIL}/D2", self.bytes_of("D1", 91, "mismatched"))
        mismatched = self.await_letter("key-mismatch", 2)
        self.assertEqual(self.score("D1", "2022-02").current.value.value, "")
        checked = self.stack.cli("dead-letters", "replay", mismatched, "--check").stdout
        self.assertIn("would be first", checked)
        self.assertIn(", first", self.stack.cli("dead-letters", "replay", mismatched).stdout)
        wait_until(lambda: self.score("D1", "2022-02").current.value.value == "91", "the replayed figure is in the report")
        self.assertIn("changes nothing: repeat", self.stack.cli("dead-letters", "replay", mismatched).stdout)

        produce(self.stack.kafka, INDICATORS, (partition_of[f"{COUNCIL}/D2"] + 1) % 12, f"{COUNCIL}/D2", self.bytes_of("D2", 50, "misplaced"))
        misplaced = self.await_letter("wrong-partition")
        (newer,) = self.record(reading("D2", "2022-02", 60))
        self.assertTrue(newer.HasField("position"))
        refused = self.stack.cli("dead-letters", "replay", misplaced, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--supersede", refused.stderr)
        self.assertIn(", revision", self.stack.cli("dead-letters", "replay", misplaced, "--supersede").stdout)
        wait_until(lambda: self.score("D2", "2022-02").current.value.value == "50", "the superseding figure is in the report")

    def test_a_null_key_and_a_null_value(self):
        before = {l["place"] for l in self.letters()}
        produce(self.stack.kafka, INDICATORS, 0, None, self.bytes_of("D1", 5, "no-key"))
        self.await_letter("null-key")
        produce(self.stack.kafka, INDICATORS, 0, f"{COUNCIL}/D1", None)
        self.await_letter("null-value")
        self.assertEqual(len({l["place"] for l in self.letters()} - before), 2)

    def test_what_people_type_wrongly(self):
        for place in ("", "3/904", "e1/x/2", "e1/3"):
            result = self.stack.cli("dead-letters", "show", place, check=False)
            self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("no dead letter", self.stack.cli("dead-letters", "show", "e1/0/99999", check=False).stderr)
        self.assertIn("epoch", self.stack.cli("dead-letters", "replay", "e9/0/0", check=False).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
