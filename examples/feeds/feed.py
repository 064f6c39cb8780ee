#!/usr/bin/python3
"""A feed, from nothing: sends a system's figures to Bellwether, and finds out what became of each.

    feed.py FIGURES.csv         columns: ref, period, value

What a feed has to get right, and where it is done:

- Identity: an id that the source system can give again for the same figure (`reading_of`). Sending twice is then harmless.
- Acknowledgement: a figure is safe once it is acknowledged, and not before; a cut stream is sent again, with the same ids
  (bellwether.client.Feed.record).
- A refusal: the figure is named, and the others go on; also where it is no text that can be sent (`main`).
- Outcome: an acknowledgement says "recorded", not "in force"; Feed.outcomes asks what became of it, and waits until the
  view has read as far as what this feed wrote: reading your own writes.

It needs the package of clients/python, or its folder and the code that protoc makes (docs/integrating.md says how).
"""

import argparse
import csv
import os
import sys

import grpc
from bellwether.client import Feed, GaveUp, value


def reading_of(council, row):
    """One row of the source system as a reading. The id names the figure's state in that system: ref, period and value."""
    reading_id = f"example-feed/{row['ref']}/{row['period']}/{row['value']}"
    return value(council, row["ref"], row["period"], row["value"], reading_id=reading_id, source="example feed")


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

    readings, refused = [], []
    with open(options.file, newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        rows = csv.DictReader(file)
        for row in rows:
            try:
                readings.append(reading_of(options.council, row))
            except ValueError as error:  # Such as bytes that are not UTF-8: protobuf does not take them.
                refused.append((f"line {rows.line_num}", ascii(f"{error}")))
    with grpc.insecure_channel(options.ingestion) as ingestion, grpc.insecure_channel(options.query) as query:
        feed = Feed(ingestion, query, patience_seconds=options.patience,
                    on_retry=lambda pending, why: print(f"{pending} to go ({why}); trying again", flush=True))
        try:
            sent = feed.record(readings)
        except GaveUp as error:
            sys.exit(f"feed: gave up: {error}; run it again later")
        except grpc.RpcError as error:
            sys.exit(f"feed: refused: {error.details()}")
        refused += [(refusal.reading_id, refusal.words) for refusal in sent.refused]
        for outcome in feed.outcomes(sent):
            detail = f": {outcome.detail}" if outcome.detail else ""
            print(f"{outcome.reading_id}: {outcome.name}{' in force' if outcome.in_force else ''}{detail}")
            for warning in outcome.warnings:
                print(f"{outcome.reading_id}: warning: {warning}")
    for name, words in refused:
        print(f"{name}: refused: {words}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
