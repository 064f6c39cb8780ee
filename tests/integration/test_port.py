#!/usr/bin/env python3
"""The gRPC port when callers take what there is, and say nothing: the service goes on, or ends and can be started again."""

import os
import pathlib
import resource
import tempfile
import unittest

import frames
from certificates import Authority
from stack import Stack, wait_until


class PortTest(unittest.TestCase):
    """No broker is needed: who cannot reach one still answers."""

    def setUp(self):
        self.stack = Stack.__new__(Stack)
        self.stack.processes = []
        self.stack.kafka = "127.0.0.1:1"
        self.addCleanup(self.stack.close)

    def start(self, *flags):
        service = self.stack.start_service("query", *flags)
        wait_until(lambda: frames.answers(service.ports["listen"]), "it answers", 30)
        return service

    def allow_files(self, service, most):
        """No descriptor of that number or a higher one may be opened."""
        _, hard = resource.prlimit(service.popen.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(service.popen.pid, resource.RLIMIT_NOFILE, (most, hard))

    def test_when_descriptors_are_there_again_it_goes_on(self):
        service = self.start()
        opened = max(map(int, os.listdir(f"/proc/{service.popen.pid}/fd")))
        self.allow_files(service, opened + 10)
        callers = [frames.connect(service.ports["listen"]) for _ in range(40)]
        wait_until(lambda: "cannot accept a connection: Too many open files" in service.text(), "no more can be accepted", 30)
        for caller in callers:
            caller.close()
        self.allow_files(service, 1024)
        wait_until(lambda: frames.answers(service.ports["listen"]), "it accepts again", 30)
        self.assertEqual(service.get("/livez"), (200, "ok\n"))

    def test_a_service_that_cannot_accept_ends(self):
        service = self.start()
        self.allow_files(service, 5)  # All of those are open.
        self.assertEqual(service.popen.wait(90), 1)
        self.assertIn("nobody can call: port", service.text())

    def test_who_says_nothing_or_half_is_ended(self):
        authority = Authority(tempfile.mkdtemp())
        self.addCleanup(lambda: [path.unlink() for path in authority.folder.iterdir()])
        certificate, key = authority.sign("served")
        plain = self.start().ports["listen"]
        tls = self.stack.start_service("query", "--tls-certificate", str(certificate), "--tls-key", str(key)).ports["listen"]
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        callers = {}
        for name, port, says in (
            ("nothing", plain, b""), ("half a preface", plain, frames.PREFACE[:12]), ("a preface without settings", plain, frames.PREFACE),
            ("half a frame", plain, frames.PREFACE + frames.frame(frames.SETTINGS)[:4]), ("nothing, TLS", tls, b""), ("half a hello, TLS", tls, hello),
        ):
            callers[name] = frames.connect(port)
            self.addCleanup(callers[name].close)
            callers[name].sendall(says)
        for name, caller in callers.items():
            with self.subTest(name):
                wait_until(lambda caller=caller: frames.is_closed(caller), name, 40)

    def test_no_key_lies_in_a_temporary_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            temporary = pathlib.Path(folder) / "tmp"
            temporary.mkdir()
            certificate, key = Authority(folder).sign("served")
            before = os.environ.get("TMPDIR")
            os.environ["TMPDIR"] = str(temporary)
            try:
                service = self.stack.start_service("query", "--tls-certificate", str(certificate), "--tls-key", str(key))
            finally:
                if before is None:
                    del os.environ["TMPDIR"]
                else:
                    os.environ["TMPDIR"] = before
            service.popen.kill()
            service.popen.wait()
            self.assertEqual(list(temporary.rglob("*")), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
