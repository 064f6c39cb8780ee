"""Records log.txt: the February 2022 report and a record of every other outcome, through real services.

Run once, by hand, when the log is to hold something new (the records of released versions stay):
    BELLWETHER_BUILD=$PWD/build/release BELLWETHER_SOURCE=$PWD PYTHONPATH=build/release/python:tests/integration \\
      /usr/bin/python3 tests/golden/record_log.py
"""

import base64
import pathlib
import subprocess

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import record_pb2 as record_pb
from stack import COUNCIL, EXAMPLE, PATIENCE, Stack, reading

TOPIC = "bellwether.indicators.v1.e1"


def main():
    stack = Stack(scoring=False, query=False)
    try:
        stub = stack.ingestion_stub()
        stack.cli("catalogue", "apply", str(EXAMPLE / "catalogue.yaml"))
        readings = EXAMPLE / "readings-2022-02.csv"
        stack.cli("--timeout", "1", "readings", "submit", str(readings), check=False)  # There is no query to ask for outcomes.
        first = reading("T22", "2022-03", 118, reading_id="first")
        sent = [first, first, reading("T22", "2022-03", 119, reading_id="first"), reading("T22", "2022-03", 118, reading_id="confirms"),
                reading("T22", "2022-03", 120, reading_id="corrects", corrects="first"), reading("T22", "2022-04", 99, reading_id="overtakes", corrects="late"),
                reading("T22", "2022-04", 98, reading_id="late"), reading("T1", "2022-03", numerator=0, denominator=0)]
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
        records = consumed(stack.kafka)
        path = pathlib.Path(__file__).with_name("log.txt")
        with path.open("w", encoding="ascii") as file:
            for (partition, offset), (timestamp, key, value) in sorted(records.items()):
                file.write(f"{partition} {offset} {timestamp} {base64.b64encode(key).decode()} {base64.b64encode(value).decode()}\n")
        print(f"{path}: {len(records)} records")
    finally:
        stack.close()


def produce(kafka, key, value):
    subprocess.run(["kcat", "-b", kafka, "-t", TOPIC, "-P", "-k", key, "-X", "partitioner=murmur2_random", "-D", "\x01END"],
                   input=value, timeout=PATIENCE, check=True)


def consumed(kafka):
    out = subprocess.run(["kcat", "-b", kafka, "-t", TOPIC, "-C", "-e", "-q", "-D", "", "-f", "%p %o %T %K %S\n%k%s"],
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
    main()
