"""Connections that say nothing, or half of something: they are ended, and nobody waits for them."""

import pathlib
import shutil
import ssl
import tempfile
import time

from attacked import AttackTest, main, refused_or_not
from certificates import Authority
from http2 import PREFACE, CALLER, Connection, connect, settings
from stack import wait_until

# Within which a connection that does not become one is ended.
PATIENT = 60
HALVES = (b"", PREFACE[:1], PREFACE[:-1], PREFACE, PREFACE + settings()[:5], b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01")
EACH = 60


def opened(port, halves=HALVES, each=EACH):
    """Connections that said only so much."""
    held = []
    for half in halves:
        for _ in range(each):
            connection = connect(port, 10)
            with refused_or_not():
                connection.sendall(half)
            connection.setblocking(False)
            held.append(connection)
    return held


def ended(connection):
    """Whether the peer ended it; then it is closed here too."""
    try:
        while connection.recv(4096):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        pass
    connection.close()
    return True


class ConnectionsTest(AttackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority = Authority(cls.folder)
        certificate, key = cls.authority.sign("service")
        cls.client = cls.authority.sign("caller")
        cls.secure = cls.stack.start_service("query", "--tls-certificate", str(certificate), "--tls-key", str(key),
                                             "--tls-client-ca", str(cls.authority.certificate))
        cls.secure.await_ready()

    def context(self, certificate=True):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.set_alpn_protocols(["h2"])
        if certificate:
            context.load_cert_chain(*self.client)
        return context

    def services(self):
        return [*super().services(), self.secure]

    def ask(self, service):
        if service is not self.secure:
            return super().ask(service)
        with Connection(service.ports["listen"], tls=self.context(), source=CALLER) as connection:
            return connection.call(*self.plain_call(self.stack.query)).status

    def assert_all_end(self, held, what):
        left = list(held)
        began = time.monotonic()

        def all_ended():
            left[:] = [connection for connection in left if not ended(connection)]
            return not left
        wait_until(all_ended, f"connections of {what} end; {len(left)} are left", PATIENT)
        print(f"{what}: {len(held)} connections ended within {time.monotonic() - began:.0f} s", flush=True)

    def test_silence_and_half_a_preface(self):
        with self.attacked():
            doors = {"ingestion": self.stack.ingestion, "query": self.stack.query, "query with TLS": self.secure}
            held = {what: opened(service.ports["listen"]) for what, service in doors.items()}
            for service in doors.values():
                self.assertEqual(self.ask(service), 0, "beside them others are let in")
            for what, connections in held.items():
                self.assert_all_end(connections, what)

    def test_a_handshake_without_a_word_behind_it(self):
        with self.attacked():
            held = []
            for _ in range(100):
                plain = connect(self.secure.ports["listen"], 10)
                secure = self.context().wrap_socket(plain, server_hostname="localhost")
                secure.setblocking(False)
                held.append(secure)
            self.assertEqual(self.ask(self.secure), 0)

            def all_ended():
                held[:] = [connection for connection in held if not ended(connection)]
                return not held
            wait_until(all_ended, "silent connections end after their handshake", PATIENT)

    def test_handshakes_that_never_end(self):
        """A thousand begun and left, one after the other: no descriptor stays behind."""
        def descriptors():
            return len(list(pathlib.Path(f"/proc/{self.secure.popen.pid}/fd").iterdir()))
        before = descriptors()
        with self.attacked():
            for _ in range(1000):
                with connect(self.secure.ports["listen"], 10) as connection:
                    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100))
            wait_until(lambda: descriptors() <= before + 20, "descriptors are given back")


if __name__ == "__main__":
    main()
