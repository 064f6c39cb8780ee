"""A topic's records, read and written past all of our own code."""

import subprocess
import tempfile

from stack import PATIENCE


def consumed(kafka, topic):
    """Key and value of every record of a topic, by partition and offset."""
    result = subprocess.run(["kcat", "-b", kafka, "-t", topic, "-C", "-e", "-q", "-D", "", "-f", "%p %o %K %S\n%k%s"],
                            capture_output=True, timeout=PATIENCE, check=True).stdout
    records, at = {}, 0
    while at < len(result):
        end = result.index(b"\n", at)
        partition, offset, key_size, size = (max(0, int(n)) for n in result[at:end].split())  # Of a null: -1.
        key = result[end + 1:end + 1 + key_size]
        records[partition, offset] = key, result[end + 1 + key_size:end + 1 + key_size + size]
        at = end + 1 + key_size + size
    return records


def produce(kafka, topic, partition, key, value):
    """One record. None: a null key, a null value."""
    with tempfile.NamedTemporaryFile() as file:
        # With -Z what is empty is null.
        file.write(key.encode() + b"\t" if value is None else value)
        file.flush()
        how = ["-Z", "-K", "\t", "-l"] if value is None else [] if key is None else ["-k", key]
        subprocess.run(["kcat", "-b", kafka, "-t", topic, "-P", "-p", str(partition), "-X", "acks=all", *how, file.name],
                       timeout=PATIENCE, check=True)
