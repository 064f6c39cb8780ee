"""What gRPC 1.51 cannot be made to refuse, through the proxy that is shipped (deploy/edge): ordinary calls beside it do not suffer."""

import socket
import ssl
import tempfile
import unittest

import hpack
from attacked import SEED, AttackTest, main, refused_or_not
from edge import Edge, program
from hostile import Hostile
from http2 import HEADERS, Connection, field, request, settings
from rpcs import rpcs_of
from stack import PATIENCE
from test_floods import endless_headers, rapid_resets


class EdgeTest(AttackTest):
    @classmethod
    def setUpClass(cls):
        program()
        super().setUpClass()

    @classmethod
    def ordinary_ports(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.edge = Edge(folder.name, cls.stack.ingestion.ports["listen"], cls.stack.query.ports["listen"])
        cls.addClassCleanup(cls.edge.close)
        return cls.edge.ports["ingestion"], cls.edge.ports["query"], (cls.edge.authority.certificate, *cls.edge.client)

    def attacker(self, service, **how):
        context = ssl.create_default_context(cafile=self.edge.authority.certificate)
        context.load_cert_chain(*self.edge.client)
        context.set_alpn_protocols(["h2"])
        return Connection(self.edge.ports[service], tls=context, **how)

    def test_rapid_reset(self):
        # nginx ends a connection after a hundred; so attacker and nginx shake hands a thousand times, on the two cores that ordinary
        # calls have too. 1.2 to 1.6 s were seen.
        with self.attacked(most=4):
            calls = 0
            while calls < 100_000:  # On one connection after the other: nginx ends each.
                with refused_or_not(), self.attacker("query") as connection:
                    while calls < 100_000:
                        calls += 100
                        rapid_resets(connection, 100)

    def test_header_lists_without_end(self):
        for what, piece in {"small": field("x", "") * 20, "large": field("x-" + "y" * 4000, "z" * 12000), "a byte": field("x", "")[:1]}.items():
            with self.attacked(what):
                for service in ("query", "ingestion"):
                    with refused_or_not(), self.attacker(service) as connection:
                        endless_headers(connection, 32 << 20, piece)

    def test_hostile_calls(self):
        for name, service in (("query", self.stack.query), ("ingestion", self.stack.ingestion)):
            hostile = Hostile(f"{SEED}-edge-{name}", 0, rpcs_of(service.ports["listen"]), connect=lambda _, name=name, **how: self.attacker(name, **how))
            with self.attacked(name):
                for _ in range(100):
                    with refused_or_not():
                        hostile.one()


class BehindTest(unittest.TestCase):
    """What arrives at a service: here a socket that looks."""

    def test_callers_share_no_connection_at_a_time_and_no_header(self):
        """So the end of one's connection (CVE-2023-32732), or a header in the table (CVE-2024-7246), is nothing to another."""
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as service:
            service.settimeout(PATIENCE)
            edge = Edge(folder, service.getsockname()[1], service.getsockname()[1])
            self.addCleanup(edge.close)
            context = ssl.create_default_context(cafile=edge.authority.certificate)
            context.load_cert_chain(*edge.client)
            context.set_alpn_protocols(["h2"])
            with Connection(edge.ports["query"], tls=context) as one, Connection(edge.ports["query"], tls=context) as other:
                for connection in (one, other):
                    connection.open(request("/bellwether.v1.QueryService/GetReport", ("x-bin", "$$$"), ("x-request-id", "a")), end=True)
                arrived = []
                for _ in range(2):  # Neither has its answer: each has a connection of its own.
                    accepted, _ = service.accept()
                    self.addCleanup(accepted.close)
                    accepted.settimeout(PATIENCE)
                    arrived.append(accepted)
                for accepted in arrived:
                    decoder, fields = hpack.Decoder(), decode_headers(accepted)
                    self.assertIn((b"x-bin", b"$$$"), [tuple(field) for field in decoder.decode(fields, raw=True)])
                    self.assertLessEqual({name for name, _ in decoder.header_table.dynamic_entries}, {b":authority", b":path"})


def decode_headers(accepted):
    """The header block of the first call on a connection."""
    accepted.sendall(settings())
    got = bytearray()
    while len(got) < 24:
        got += accepted.recv(4096)
    at = 24  # Behind the preface.
    while True:
        while len(got) < at + 9 or len(got) < at + 9 + int.from_bytes(got[at:at + 3], "big"):
            got += accepted.recv(4096)
        size = int.from_bytes(got[at:at + 3], "big")
        if got[at + 3] == HEADERS:
            return bytes(got[at + 9:at + 9 + size])
        at += 9 + size


if __name__ == "__main__":
    main()
