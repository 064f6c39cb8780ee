"""Small disks for processes of a test, which a test can fill and empty."""

import contextlib
import os
import pathlib
import subprocess
import unittest

from stack import PATIENCE


def require_mounts():
    """Skips the tests where nothing can be mounted; with BELLWETHER_REQUIRE_KAFKA=1 that is a failure."""
    if os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode == 0:
        return
    if os.environ.get("BELLWETHER_REQUIRE_KAFKA") == "1":
        raise AssertionError("nothing can be mounted here, but BELLWETHER_REQUIRE_KAFKA=1")
    raise unittest.SkipTest("nothing can be mounted here: run as root")


class SmallDisk:
    """A file system of `size` at a folder, for those alone whose command line begins with `before`; gone with close()."""

    def __init__(self, folder, size):
        folder.mkdir(exist_ok=True)
        mount = f"mount -t tmpfs -o size={size} tmpfs '{folder}' && echo mounted && exec sleep infinity"
        self._holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", mount], stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout.readline() == "mounted\n", f"no file system at {folder}"
        self.before = ["nsenter", "--mount", "--target", str(self._holder.pid)]
        # As seen from here.
        self.folder = pathlib.Path(f"/proc/{self._holder.pid}/root{folder}")
        self._ballast = self.folder / "ballast"

    def fill(self):
        """To the last byte."""
        with open(self._ballast, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def empty(self):
        """Gives room again: what fill() took."""
        self._ballast.unlink(missing_ok=True)

    def close(self):
        self._holder.kill()
        self._holder.wait(PATIENCE)
        self._holder.stdout.close()
