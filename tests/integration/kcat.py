"""A topic's records, read and written past all of our own code."""

import subprocess

from stack import PATIENCE


def consumed(kafka, topic):
    """Key and value of every record of a topic, by partition and offset."""
    result = subprocess.run(["kcat", "-b", kafka, "-t", topic, "-C", "-e", "-q", "-D", "", "-f", "%p %o %K %S\n%k%s"],
                            capture_output=True, timeout=PATIENCE, check=True).stdout
    records, at = {}, 0
    while at < len(result):
        end = result.index(b"\n", at)
        partition, offset, key_size, size = map(int, result[at:end].split())
        key = result[end + 1:end + 1 + key_size]
        records[partition, offset] = key, result[end + 1 + key_size:end + 1 + key_size + size]
        at = end + 1 + key_size + size
    return records


def produce(kafka, topic, partition, key, value):
    subprocess.run(["kcat", "-b", kafka, "-t", topic, "-P", "-p", str(partition), "-k", key, "-X", "acks=all", "-D", "\x01\x02END"],
                   input=value, timeout=PATIENCE, check=True)
