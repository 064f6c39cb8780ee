"""What gRPC 1.51 cannot be made to refuse, through the proxy that is shipped (deploy/edge): ordinary calls beside it do not suffer."""

import socket
import ssl
import tempfile
import time
import unittest

import hpack
from attacked import SEED, main, politely, refused_or_not
from edge import Edge
from edge_attack import EdgeAttackTest
from hostile import Hostile
from http2 import HEADERS, Connection, field, message, request, settings
from rpcs import rpcs_of
from stack import PATIENCE
from test_calls_under_way import PATHS, begin, large_halves
from test_floods import endless_headers, rapid_resets

# An attack ends after so long, however little of the machine it was left.
SECONDS = 10


class EdgeTest(EdgeAttackTest):
    def test_rapid_reset(self):
        def attack():
            nonlocal calls, connections
            until = time.monotonic() + SECONDS
            while calls < 100_000 and time.monotonic() < until:  # On one connection after the other, where nginx ends one.
                with refused_or_not(), self.attacker("query") as connection:
                    connections += 1
                    while calls < 100_000 and not connection.goaway:
                        calls += 100
                        rapid_resets(connection, 100)
                        connection.wait(0.01)

        calls = connections = 0
        with self.attacked():
            politely(attack)
        print(f"{calls} calls on {connections} connections", flush=True)
        self.assertGreater(calls, 5000)

    def test_half_sent(self):
        """Calls that are never whole, as many as are taken: their headers, half of a message, a quarter of one of 1 MiB."""
        halves = {"headers": lambda connection, path: begin(connection, path, 1000),
                  "half": lambda connection, path: begin(connection, path, 1000, message(bytes(100))[:50]),
                  "large": lambda connection, path: large_halves(connection, path, 125)}
        for service, paths in PATHS.items():
            for path in paths:
                for what, attack in halves.items():
                    with self.attacked(f"{path} {what}"):
                        politely(lambda service=service, path=path, attack=attack: self.hold(service, path, attack))

    def hold(self, service, path, attack):
        held = []
        for _ in range(5):
            with refused_or_not():
                held.append(self.attacker(service))
                attack(held[-1], path)
        for connection in held:
            with refused_or_not():
                connection.wait(0.1)
        for connection in held:
            connection.abort()

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
