"""Services within the limits that are shipped.

The memory of docker-compose.yml is set by a cgroup of version 1 or 2, as a container's engine does. Where none can be made
(no root, no memory controller) the peak of the resident memory is held against the limit after each attack instead: a service
that went over it then fails the test, though nothing killed it. MEMORY says which of the two holds.
"""

import os
import pathlib
import re

import yaml
from stack import SOURCE, Stack, wait_until

_V1 = pathlib.Path("/sys/fs/cgroup/memory")
_V2 = pathlib.Path("/sys/fs/cgroup")
_UNITS = {"m": 1 << 20, "g": 1 << 30}


def shipped():
    """Bytes of memory for each service, as docker-compose.yml ships it."""
    services = yaml.safe_load((SOURCE / "docker-compose.yml").read_text())["services"]
    found = {}
    for name in ("ingestion", "scoring", "query"):
        number, unit = re.fullmatch(r"\$\{\w+:-(\d+)([mg])\}", services[name]["mem_limit"]).groups()
        found[name] = int(number) * _UNITS[unit]
    return found


def _has(folder, name):
    return os.access(folder, os.W_OK) and (folder / name).exists()


def _kind():
    if _has(_V1, "memory.limit_in_bytes"):
        return "cgroup v1"
    control = _V2 / "cgroup.subtree_control"
    if _has(_V2, control.name) and "memory" in control.read_text().split():
        return "cgroup v2"
    return "peak"


MEMORY = _kind()


class Memory:
    """A limit of memory for one process."""

    def __init__(self, name, limit):
        self.limit, self.folder = limit, None
        if MEMORY == "peak":
            return
        self.folder = (_V1 if MEMORY == "cgroup v1" else _V2) / f"bellwether-attack-{os.getpid()}-{name}"
        self.folder.mkdir()
        if MEMORY == "cgroup v1":
            (self.folder / "memory.limit_in_bytes").write_text(str(limit))
            swap = self.folder / "memory.memsw.limit_in_bytes"
            if swap.exists():
                swap.write_text(str(limit))
        else:
            (self.folder / "memory.max").write_text(str(limit))
            if (self.folder / "memory.swap.max").exists():
                (self.folder / "memory.swap.max").write_text("0")

    def command(self):
        """What a command line begins with so that it runs within the limit from its first byte on."""
        return ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(self.folder)] if self.folder else []

    def check(self, pid):
        """Raises when the process went over the limit and nothing killed it."""
        if self.folder is None and peak(pid) > self.limit:
            raise AssertionError(f"process {pid} had {peak(pid) >> 20} MiB, above its limit of {self.limit >> 20} MiB")

    def close(self):
        if self.folder is not None:
            # The kernel takes a moment to see that a process has gone.
            wait_until(lambda: not (self.folder / "cgroup.procs").read_text(), f"{self.folder} is empty")
            self.folder.rmdir()
            self.folder = None


def peak(pid):
    """The most resident memory that a process ever had, in bytes; 0 of one that is just ending."""
    found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) << 10 if found else 0


class LimitedStack(Stack):
    """A stack whose services have the memory that is shipped, and the descriptors they are given here."""

    descriptors = {}  # Of a service by name, where it is to have fewer than it would.

    def __init__(self, **arguments):
        self.memories = {}
        super().__init__(**arguments)

    def start(self, name, arguments, pattern, before=()):
        short = name.removeprefix("bellwether-")
        before = [*before]
        if short in self.descriptors:
            before += ["prlimit", f"--nofile={self.descriptors[short]}"]
        if short in shipped():
            memory = Memory(f"{short}-{len(self.processes)}", shipped()[short])
            before = [*memory.command(), *before]
        process = super().start(name, arguments, pattern, before)
        if short in shipped():
            self.memories[process] = memory
        return process

    def close(self):
        super().close()
        for memory in self.memories.values():
            memory.close()
