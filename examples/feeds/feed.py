#!/usr/bin/python3
"""A feed, from nothing: sends a system's figures to Bellwether, and finds out what became of each.

    feed.py FIGURES.csv         columns: ref, period, value

What a feed has to get right, and where it is done here:

- Identity: an id that the source system can give again for the same figure (`reading_of`). Sending twice is then harmless.
- Acknowledgement: a figure is safe once it is acknowledged, and not before (`send`).
- A refusal: the figure is named, and the others go on; also where it is no text that can be sent (`main`).
- A cut stream: what was not acknowledged is sent again, with the same ids (`main`).
- Outcome: an acknowledgement says "recorded", not "in force"; `look_up` asks what became of it, and waits until the
  view has read as far as what this feed wrote: reading your own writes.

It needs Python with grpcio and the code that protoc makes from proto/ (docs/integrating.md says how).
"""

import argparse
import csv
import os
import sys
import time

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from bellwether.v1 import query_service_pb2 as query
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from bellwether.v1 import record_pb2 as record
from bellwether.v1 import types_pb2 as types

FRAME = 100  # Readings a frame: at most 500.
LOOK_UP = 500  # Keys a look-up: at most 500.
# Trying again helps after these, and is safe after any: every reading carries its id.
TRY_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED,
             grpc.StatusCode.RESOURCE_EXHAUSTED)


def reading_of(council, row):
    """One row of the source system as a reading. The id names the figure's state in that system: ref, period and value."""
    reading = record.Reading(council=council, ref=row["ref"], period=row["period"], source="example feed")
    reading.reading_id = f"example-feed/{row['ref']}/{row['period']}/{row['value']}"
    reading.measurement.value.value = row["value"]
    return reading


def send(stub, pending, positions, refused):
    """Streams what is pending; takes out of it what is answered. Raises grpc.RpcError if the stream is cut."""
    sent = list(pending.values())
    frames = (ingestion.StreamReadingsRequest(readings=sent[at:at + FRAME]) for at in range(0, len(sent), FRAME))
    for answer in stub.StreamReadings(frames):
        for acknowledgement in answer.acknowledgements:
            # By its place in the stream: an id that is not UTF-8 does not come back.
            reading_id = sent[acknowledgement.sequence].reading_id
            result = acknowledgement.result
            if result.HasField("position"):
                positions[result.position.partition] = result.position  # Of one partition the last is the newest.
            elif any(e.error_class == ingestion.ERROR_CLASS_TRY_AGAIN for e in result.errors):
                continue  # Stays pending.
            else:
                refused[reading_id] = "; ".join(f"{e.field}: {e.message}" for e in result.errors)
            pending.pop(reading_id, None)
            print(f"answered {reading_id}", flush=True)


def look_up(stub, readings, positions):
    """What became of each reading: id to (outcome, whether it is in force, words)."""
    outcomes = {}
    for at in range(0, len(readings), LOOK_UP):
        some = readings[at:at + LOOK_UP]
        keys = [query.ReadingKey(council=r.council, ref=r.ref, period=r.period, reading_id=r.reading_id) for r in some]
        request = query.LookUpReadingsRequest(keys=keys, min_positions=positions.values())
        answer = stub.LookUpReadings(request, timeout=30, wait_for_ready=True)
        for reading, result in zip(some, answer.results):
            last = result.occurrences[-1]
            in_force = any(o.in_force for o in result.occurrences)
            outcomes[reading.reading_id] = types.Outcome.Name(last.outcome), in_force, last.detail
    return outcomes


def main():
    parser = argparse.ArgumentParser(description="Sends figures to Bellwether.")
    parser.add_argument("file", help="CSV with the columns ref, period, value")
    parser.add_argument("--council", default=os.environ.get("BELLWETHER_COUNCIL"), help="ONS code of the council")
    parser.add_argument("--ingestion", default=os.environ.get("BELLWETHER_INGESTION", "127.0.0.1:7401"))
    parser.add_argument("--query", default=os.environ.get("BELLWETHER_QUERY", "127.0.0.1:7402"))
    parser.add_argument("--patience", type=float, default=120, help="seconds to go on trying")
    options = parser.parse_args()
    if not options.council:
        parser.error("which council? Give --council or set BELLWETHER_COUNCIL")

    readings, positions, refused = [], {}, {}
    with open(options.file, newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        rows = csv.DictReader(file)
        for row in rows:
            try:
                readings.append(reading_of(options.council, row))
            except ValueError as error:  # Such as bytes that are not UTF-8: protobuf does not take them.
                refused[f"line {rows.line_num}"] = ascii(f"{error}")
    pending = {reading.reading_id: reading for reading in readings}
    writer = ingestion_grpc.IngestionServiceStub(grpc.insecure_channel(options.ingestion))
    deadline, pause = time.monotonic() + options.patience, 0.2
    while pending:
        before = len(pending)
        try:
            send(writer, pending, positions, refused)
        except grpc.RpcError as error:
            if error.code() not in TRY_AGAIN:
                sys.exit(f"feed: refused: {error.details()}")
            print(f"cut with {len(pending)} to go ({error.details()}); trying again", flush=True)
        if pending:
            if time.monotonic() > deadline:
                sys.exit(f"feed: gave up with {len(pending)} readings not recorded; run it again later")
            pause = 0.2 if len(pending) < before else min(2 * pause, 5)
            time.sleep(pause)

    recorded = [reading for reading in readings if reading.reading_id not in refused]
    reader = query_grpc.QueryServiceStub(grpc.insecure_channel(options.query))
    outcomes = look_up(reader, recorded, positions)
    for reading_id, (outcome, in_force, detail) in outcomes.items():
        print(f"{reading_id}: {outcome}{' in force' if in_force else ''}{': ' + detail if detail else ''}")
    for reading_id, words in refused.items():
        print(f"{reading_id}: refused: {words}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
