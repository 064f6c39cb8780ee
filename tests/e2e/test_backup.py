"""A backup of a log that is written to, and its restores: the same view, but for where the records stand."""

import concurrent.futures
import pathlib
import re
import tempfile
import threading
import unittest

from kafka import KafkaStack, require_kafka
from kcat import consumed, produce
from stack import COUNCIL, reading, wait_until

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb

INDICATORS = "bellwether.indicators.v1.e{}"


def setUpModule():
    require_kafka()


def canonical(dump):
    """Without epoch, partitions and offsets."""
    lines = [line for line in dump.splitlines() if not line.startswith(("view of epoch", "partition "))]
    text = "\n".join(re.sub(r"^(indicator \S+) partition \d+$", r"\1", line) for line in lines)
    text = re.sub(r"\boffset \d+", "offset N", text)
    return re.sub(r"newest_offset: \d+", "newest_offset: N", text)


class BackupTest(unittest.TestCase):
    def services_of(self, epoch):
        """Scoring and query on another epoch; the query, once it has seen everything."""
        self.stack.start_service("scoring", "--epoch", str(epoch)).await_ready()
        query = self.stack.start_service("query", "--epoch", str(epoch))
        query.await_ready()
        size = len(consumed(self.stack.kafka, INDICATORS.format(epoch)))
        wait_until(lambda: self.seen(query) == size, f"the query of epoch {epoch} has seen all records")
        return query

    @staticmethod
    def seen(query):
        return sum(int(n) for n in re.findall(r"^partition \d+ next (\d+)", query.get("/view")[1], re.M))

    def test_backup_and_restore(self):
        self.stack = KafkaStack.started(self.addCleanup)
        stack = self.stack
        stack.load_example()
        stack.cli("readings", "withdraw", "T22", "2022-01", "--reason", "counted twice")
        stack.cli("comment", "T22", "2022-02", "Mrs Jones counted again.")
        produce(stack.kafka, INDICATORS.format(1), 0, f"{COUNCIL}/T22", b"\xff\xfe garbage")
        wait_until(lambda: "Dead letters: 1" in stack.cli("dead-letters", "list").stdout, "the dead letter is there")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        running = f"{folder.name}/running"
        quiet = f"{folder.name}/quiet"

        # While somebody writes: what was acknowledged before is in it, and it is whole.
        stop = threading.Event()
        writer = threading.Thread(target=self.write_until, args=(stop,), daemon=True)
        before = len(consumed(stack.kafka, INDICATORS.format(1)))
        writer.start()
        told = stack.admin("backup", running).stdout
        stop.set()
        writer.join(60)
        self.assertGreaterEqual(int(re.search(r": (\d+) records", told)[1]), before)
        stack.admin("restore", running, "--epoch", "2")

        # At rest: the same view.
        size = len(consumed(stack.kafka, INDICATORS.format(1)))
        wait_until(lambda: self.seen(stack.query) == size, "the view has seen all records")
        lived = stack.query.get("/view")[1]
        self.assertGreater(len(canonical(lived)), 100_000)
        report = stack.cli("report", "--period", "2022-02", "--format", "csv").stdout
        stack.admin("backup", quiet)
        told = stack.admin("restore", quiet, "--epoch", "3").stdout
        self.assertIn("1 dead letters left out", told)
        self.assertIn("left out: partition 0, offset", told)
        same = self.services_of(3)
        self.assertEqual(canonical(same.get("/view")[1]), canonical(lived))
        self.assertEqual(stack.cli("report", "--period", "2022-02", "--format", "csv", "--query", stack.address(same)).stdout, report)

        # Into another number of partitions, without one comment's words.
        comment = re.search(r'comment_id: "(\S+)" text: "Mrs Jones', lived)[1]
        told = stack.admin("restore", quiet, "--epoch", "4", "--partitions", "5", "--redact-comment", f"{COUNCIL}/T22/{comment}").stdout
        self.assertIn("1 comments redacted", told)
        other = self.services_of(4).get("/view")[1]
        self.assertEqual(canonical(other), canonical(lived).replace("Mrs Jones counted again.", "[redacted]"))
        self.assertNotIn("Jones", other)
        self.assertEqual(other.count("\npartition "), 5)

        # The restored log goes on: a repeat is a repeat, and a token of the old log is told so.
        ingestion = stack.start_service("ingestion", "--epoch", "4")
        ingestion.await_ready()
        known = reading("T22", "2022-02", 130, reading_id="before-the-backup")
        (result,) = stack.ingestion_stub(ingestion).RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[known]), timeout=60).results
        self.assertEqual(result.position.epoch, 4)

        # What must not be.
        for arguments, words in [(("restore", quiet, "--epoch", "1"), "as epoch 2 or later"),
                                 (("restore", quiet, "--epoch", "3"), "is not empty"),
                                 (("restore", f"{folder.name}/none", "--epoch", "9"), "No such file"),
                                 (("restore", quiet, "--epoch", "9", "--redact-comment", f"{COUNCIL}/T22/none"), "no such comments"),
                                 (("backup", quiet), "exists already")]:
            refused = stack.admin(*arguments, check=False)
            self.assertNotEqual(refused.returncode, 0, arguments)
            self.assertIn(words, refused.stderr, arguments)

    def test_two_at_once_to_one_name(self):
        """One has it, whole; the other says so. Round after round, since they must meet."""
        self.stack = stack = KafkaStack.started(self.addCleanup)
        stack.load_example()
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as threads:
            for i in range(4):
                file = f"{folder}/{i}"
                both = list(threads.map(lambda _, file=file: stack.admin("backup", file, check=False), range(2)))
                self.assertEqual(sorted(b.returncode == 0 for b in both), [False, True], [b.stderr for b in both])
                self.assertTrue(all(file in b.stderr for b in both if b.returncode != 0), [b.stderr for b in both])
                stack.admin("backup", "--verify", file)
            self.assertEqual(sorted(pathlib.Path(folder).iterdir()), [pathlib.Path(folder, str(i)) for i in range(4)], "nothing else is left")

    def write_until(self, stop):
        stub, value = self.stack.ingestion_stub(), 0
        while not stop.is_set():
            value += 1
            stub.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[reading("T23", "2022-02", value % 100)]), timeout=60)


if __name__ == "__main__":
    unittest.main(verbosity=2)
