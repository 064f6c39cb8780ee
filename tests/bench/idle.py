"""What the services take of a core while nothing goes on: idle.py [SECONDS], 20 by default. Asserts nothing.

Ingestion, scoring and query beside the embedded broker in a process of its own, then all of it in one process."""

import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.setdefault("BELLWETHER_BUILD", str(ROOT / "build" / "release")))
os.environ.setdefault("BELLWETHER_SOURCE", str(ROOT))
sys.path += [str(ROOT / "tests" / "integration"), str(BUILD / "python")]

from stack import Stack  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.popen.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(processes):
    time.sleep(2)  # What a start leaves to be done.
    before = {name: cpu_seconds(process) for name, process in processes.items()}
    time.sleep(SECONDS)
    for name, process in processes.items():
        print(f"{name:12} {100 * (cpu_seconds(process) - before[name]) / SECONDS:5.1f}% of a core", flush=True)


def main():
    cleanups = []
    try:
        stack = Stack.started(cleanups.append)
        measure({"broker": stack.broker, "ingestion": stack.ingestion, "scoring": stack.scoring, "query": stack.query})
        stack.close()
        listen = ["--port", "0", "--admin", "127.0.0.1:0", "--ingestion-listen", "127.0.0.1:0", "--query-listen", "127.0.0.1:0"]
        standalone = stack.start("bellwether-standalone", listen, r"admin on port (?P<admin>\d+)")
        standalone.await_ready()
        measure({"standalone": standalone})
    finally:
        for cleanup in cleanups:
            cleanup()


if __name__ == "__main__":
    main()
