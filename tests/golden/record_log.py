"""Records the February 2022 report and a record of every other outcome, as real services write them.

Run by hand, with BELLWETHER_BUILD=$PWD/build/release BELLWETHER_SOURCE=$PWD PYTHONPATH=build/release/python:tests/integration :
    /usr/bin/python3 tests/golden/record_log.py             log.txt, when it is to hold something new
    /usr/bin/python3 tests/golden/record_log.py --release   releases/VERSION/, before VERSION is released; never after
"""

import base64
import gzip
import pathlib
import re
import subprocess
import sys

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import record_pb2 as record_pb
from stack import BIN, COUNCIL, EXAMPLE, PATIENCE, SOURCE, Stack, reading, wait_until

HERE = pathlib.Path(__file__).parent
TOPIC = "bellwether.indicators.v1.e1"
SCORES = "bellwether.scores.v1.e1.r{}"


def main(release):
    said = subprocess.run([BIN / "bellwether-scoring", "--version"], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    version, rules = re.fullmatch(r"bellwether-scoring (([\d.]+) \(commit .*, rules (\d+)\))\n", said).group(2, 3)
    folder = HERE / "releases" / version if release else HERE
    if release and re.search(rf"^## {re.escape(version)} ", (SOURCE / "CHANGELOG.md").read_text(), re.MULTILINE):
        sys.exit(f"{version} is released: what it wrote stays as it is")
    folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(scoring=release)
    try:
        stub = stack.ingestion_stub()
        stack.cli("catalogue", "apply", str(EXAMPLE / "catalogue.yaml"))
        readings = EXAMPLE / "readings-2022-02.csv"
        stack.cli("--timeout", "1", "readings", "submit", str(readings), check=False)  # There is no query to ask for outcomes.
        first = reading("T22", "2022-03", 118, reading_id="first")
        sent = [first, first, reading("T22", "2022-03", 119, reading_id="first"), reading("T22", "2022-03", 118, reading_id="confirms"),
                reading("T22", "2022-03", 120, reading_id="corrects", corrects="first"), reading("T22", "2022-04", 99, reading_id="overtakes", corrects="late"),
                reading("T22", "2022-04", 98, reading_id="late"), reading("T1", "2022-03", numerator=0, denominator=0),
                reading("T22", "2022-05", 97, reading_id="provisional")]
        sent[-1].observation_status = "P"
        results = stub.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=sent), timeout=PATIENCE).results
        assert not [e for r in results for e in r.errors], results
        withdrawal = ingestion_pb.WithdrawReadingRequest()
        withdrawal.withdrawal.council, withdrawal.withdrawal.ref, withdrawal.withdrawal.period = COUNCIL, "T22", "2022-03"
        withdrawal.withdrawal.reading_id, withdrawal.withdrawal.withdrawal_id = "corrects", "withdraws"
        stub.WithdrawReading(withdrawal, timeout=PATIENCE)
        # Held: a reading before its definition, which only another writer than ingestion would send.
        held = record_pb.IndicatorRecord(reading=reading("Z1", "2022-02", 5, reading_id="held"))
        held.reading.observation_status = "A"
        produce(stack.kafka, f"{COUNCIL}/Z1", held.SerializeToString(deterministic=True))
        produce(stack.kafka, f"{COUNCIL}/T22", b"\xff\xfe no record")
        records = consumed(stack.kafka, TOPIC)
        if release:
            updates = wait_until(lambda: found if len(found := consumed(stack.kafka, SCORES.format(rules))) == len(records) else None, "everything is scored")
            for name, content in (("log", records), ("updates", updates)):
                (folder / f"{name}.txt.gz").write_bytes(gzip.compress(as_text(content).encode(), mtime=0))
            (folder / "release.txt").write_text(said.removeprefix("bellwether-scoring "))
        else:
            (folder / "log.txt").write_text(as_text(records), encoding="ascii")
        print(f"{folder}: {len(records)} records")
    finally:
        stack.close()


def produce(kafka, key, value):
    (partition, _), *_ = consumed(kafka, TOPIC)  # A council has one, and all of these are of one council.
    subprocess.run(["kcat", "-b", kafka, "-t", TOPIC, "-P", "-k", key, "-p", str(partition), "-D", "\x01END"],
                   input=value, timeout=PATIENCE, check=True)


def as_text(records):
    return "".join(f"{partition} {offset} {timestamp} {base64.b64encode(key).decode()} {base64.b64encode(value).decode()}\n"
                   for (partition, offset), (timestamp, key, value) in sorted(records.items()))


def consumed(kafka, topic):
    out = subprocess.run(["kcat", "-b", kafka, "-t", topic, "-C", "-e", "-q", "-D", "", "-f", "%p %o %T %K %S\n%k%s"],
                         capture_output=True, timeout=PATIENCE, check=True).stdout
    records, at = {}, 0
    while at < len(out):
        end = out.index(b"\n", at)
        partition, offset, timestamp, key_size, size = map(int, out[at:end].split())
        key = out[end + 1:end + 1 + key_size]
        records[partition, offset] = timestamp, key, out[end + 1 + key_size:end + 1 + key_size + size]
        at = end + 1 + key_size + size
    return records


if __name__ == "__main__":
    main(release=sys.argv[1:] == ["--release"])
