"""The disk under the temporary folder of a service is full: it starts, serves, and takes over a new certificate."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import grpc

from certificates import Authority
from disks import SmallDisk, require_mounts
from stack import SERVING, Stack, health, wait_until


def setUpModule():
    require_mounts()


class TemporaryFolderTest(unittest.TestCase):
    """TLS is on: there are a key to be kept, and certificates that are exchanged."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.disk = SmallDisk(self.folder / "tmp", "256k")
        self.addCleanup(self.disk.close)
        self.authority = Authority(self.folder)
        self.stack = Stack.started(self.addCleanup)

    def start(self, name):
        self.install("first")
        flags = ["--kafka", self.stack.kafka, "--admin", "127.0.0.1:0", "--listen", "127.0.0.1:0",
                 "--tls-certificate", str(self.folder / "tls.pem"), "--tls-key", str(self.folder / "tls.key")]
        # Whatever a program may take for its temporary files.
        disk = [*self.disk.before, "env", *(f"{variable}={self.folder / 'tmp'}" for variable in ("TMPDIR", "TMP", "TEMP", "TEMPDIR"))]
        service = self.stack.start(f"bellwether-{name}", flags, r"started(?:, \w+ on port (?P<listen>\d+))?, admin on port (?P<admin>\d+)", disk)
        service.await_ready()
        return service

    def install(self, name):
        for source, target in zip(self.authority.sign(name), ("tls.pem", "tls.key"), strict=True):
            shutil.copy(source, self.folder / f"{target}.new")
            os.replace(self.folder / f"{target}.new", self.folder / target)

    def shown(self, service):
        """What the service shows a caller that it has not seen: the name in its certificate."""
        shown = subprocess.run(["openssl", "s_client", "-connect", self.stack.address(service)], input="", capture_output=True, text=True, timeout=20, check=False)
        return next((line.partition("CN = ")[2] for line in shown.stdout.splitlines() if line.startswith("subject=")), "")

    def test_a_service_starts_serves_and_exchanges_its_certificate(self):
        self.disk.fill()
        for name in ("ingestion", "query"):
            with self.subTest(name):
                service = self.start(name)
                self.assertEqual(self.shown(service), "first")
                self.install("second")
                wait_until(lambda service=service: self.shown(service) == "second", "the new certificate is shown", 20)
                credentials = grpc.ssl_channel_credentials(self.authority.certificate.read_bytes())
                with grpc.secure_channel(self.stack.address(service), credentials) as channel:
                    self.assertEqual(health(channel, timeout=20), SERVING)
        self.assertEqual(list(self.disk.folder.iterdir()), [self.disk.folder / "ballast"], "nothing was put there")


if __name__ == "__main__":
    unittest.main(verbosity=2)
