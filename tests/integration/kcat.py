"""A topic's records, read and written past all of our own code."""

import re
import subprocess
import tempfile

from stack import PATIENCE


def consumed(kafka, topic, *options, seconds=PATIENCE):
    """Key and value of every record of a topic, by partition and offset; or of what kcat's options choose."""
    result = subprocess.run(["kcat", "-b", kafka, "-t", topic, "-C", "-e", "-q", *options, "-D", "", "-f", "%p %o %K %S\n%k%s"],
                            capture_output=True, timeout=seconds, check=True).stdout
    records, at = {}, 0
    while at < len(result):
        end = result.index(b"\n", at)
        partition, offset, key_size, size = (max(0, int(n)) for n in result[at:end].split())  # Of a null: -1.
        key = result[end + 1:end + 1 + key_size]
        records[partition, offset] = key, result[end + 1 + key_size:end + 1 + key_size + size]
        at = end + 1 + key_size + size
    return records


def ends(kafka, topic, partitions=12, seconds=PATIENCE):
    """The end of each partition."""
    asked = [word for p in range(partitions) for word in ("-t", f"{topic}:{p}:-1")]
    result = subprocess.run(["kcat", "-b", kafka, "-Q", *asked], capture_output=True, text=True, timeout=seconds, check=True).stdout
    return {int(p): int(offset) for p, offset in re.findall(r"\[(\d+)\] offset (\d+)", result)}


def in_sync(kafka, topic, seconds=PATIENCE):
    """The brokers that are in sync in every partition."""
    result = subprocess.run(["kcat", "-b", kafka, "-L", "-t", topic], capture_output=True, text=True, timeout=seconds, check=True).stdout
    found = [set(brokers.split(",")) for brokers in re.findall(r"isrs: ([\d,]+)", result)]
    return set.intersection(*found) if found else set()


def produce(kafka, topic, partition, key, value):
    """One record. None: a null key, a null value."""
    with tempfile.NamedTemporaryFile() as file:
        # With -Z what is empty is null.
        file.write(key.encode() + b"\t" if value is None else value)
        file.flush()
        how = ["-Z", "-K", "\t", "-l"] if value is None else [] if key is None else ["-k", key]
        subprocess.run(["kcat", "-b", kafka, "-t", topic, "-P", "-p", str(partition), "-X", "acks=all", *how, file.name],
                       timeout=PATIENCE, check=True)
