#!/usr/bin/env python3
"""The proxy that is shipped (deploy/edge): calls pass as if it were not there, and what gRPC cannot refuse ends at it."""

import concurrent.futures
import hashlib
import pathlib
import queue
import signal
import ssl
import struct
import tempfile
import threading
import time
import unittest
import urllib.parse

import frames
import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from certificates import Authority
from edge import Edge, program
from stack import COUNCIL, PATIENCE, StackTest, details_of, indicator, reading, wait_until

REPORT = query_pb.GetReportRequest(council=COUNCIL, period="2022-01")
# Attackers call from here, so that their limits are not those of ordinary callers.
ATTACKER = "127.0.0.2"
GET_REPORT = b"/bellwether.v1.QueryService/GetReport"


def memory_mb(process):
    with open(f"/proc/{process.popen.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


class EdgeTest(StackTest):
    @classmethod
    def setUpClass(cls):
        program()
        super().setUpClass()
        cls.define(cls(), indicator("P1"))
        cls.position = cls.record(cls(), reading("P1", "2022-01", 1))[0].position
        cls.query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-01", min_position=cls.position), timeout=PATIENCE)
        cls.edge = cls.start(cls.addClassCleanup)

    @classmethod
    def start(cls, cleanup, query=None, **changes):
        folder = tempfile.TemporaryDirectory()
        cleanup(folder.cleanup)
        edge = Edge(folder.name, cls.stack.ingestion.ports["listen"], (query or cls.stack.query).ports["listen"], **changes)
        cleanup(edge.close)
        return edge

    def channel(self, edge, service, with_certificate=True, **options):
        certificate, key = edge.client
        credentials = grpc.ssl_channel_credentials(edge.authority.certificate.read_bytes(), *(
            (key.read_bytes(), certificate.read_bytes()) if with_certificate else (None, None)))
        # A pool of its own for each channel: else all of a process share one connection.
        channel = grpc.secure_channel(f"127.0.0.1:{edge.ports[service]}", credentials, options=[("grpc.use_local_subchannel_pool", 1), *options.items()])
        self.addCleanup(channel.close)
        return channel

    def reader(self, edge):
        return query_grpc.QueryServiceStub(self.channel(edge, "query"))

    def feed(self, edge):
        return ingestion_grpc.IngestionServiceStub(self.channel(edge, "ingestion"))

    def attacker(self, edge):
        """A connection of HTTP/2 to query, with a good certificate."""
        context = ssl.create_default_context(cafile=edge.authority.certificate)
        context.load_cert_chain(*edge.client)
        context.set_alpn_protocols(["h2"])
        plain = frames.connect(edge.ports["query"], source=ATTACKER)
        caller = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.addCleanup(caller.close)
        caller.sendall(frames.PREFACE + frames.frame(frames.SETTINGS))
        return caller

    def test_the_services_know_who_calls_through_it(self):
        """Certificates are handed on, tokens and keys pass; who is not the proxy cannot hand on any."""
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(folder)
            access = pathlib.Path(folder) / "access.yaml"
            access.write_text(f"""principals:
  - {{name: the-proxy, certificate: the-proxy}}
  - {{name: a-feed, certificate: "spiffe://example.gov.uk/feed"}}
  - {{name: by-key, key_sha256: [{hashlib.sha256(b"bwk_x").hexdigest()}]}}
roles: [{{name: proxy, actions: [act-for]}}, {{name: reader, actions: [read]}}, {{name: feed, actions: [record, read]}}]
grants:
  - {{principals: [the-proxy], role: proxy}}
  - {{principals: [a-feed, by-key], role: feed, councils: [{COUNCIL}]}}
""")
            certificate, key = authority.sign("service", names="DNS:localhost,DNS:ingestion,DNS:query,IP:127.0.0.1")
            tls = [str(f) for f in ("--tls-certificate", certificate, "--tls-key", key, "--tls-client-ca", authority.certificate, "--access", access)]
            ingestion, query = (self.stack.start_service(name, *tls) for name in ("ingestion", "query"))
            for service in (ingestion, query):
                service.await_ready()
            proxy = authority.sign("the-proxy", names=None)
            edge = Edge(folder, ingestion.ports["listen"], query.ports["listen"], authority, proxy, ssl_verify_client="optional")
            self.addCleanup(edge.close)
            # The proxy of docker-compose.edge.yml, by the settings in its image.
            contained = Edge(folder, ingestion.ports["listen"], query.ports["listen"], authority, proxy, container=True)
            self.addCleanup(contained.close)

            def who(port, pair=None, bearer=None, metadata=()):
                cert, private = (p.read_bytes() for p in pair) if pair else (None, None)
                credentials = grpc.ssl_channel_credentials(authority.certificate.read_bytes(), private, cert)
                if bearer:
                    credentials = grpc.composite_channel_credentials(credentials, grpc.access_token_call_credentials(bearer))
                with grpc.secure_channel(f"127.0.0.1:{port}", credentials, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
                    return query_grpc.QueryServiceStub(channel).WhoAmI(query_pb.WhoAmIRequest(), timeout=PATIENCE, metadata=metadata).principal

            feed, other = authority.sign("one", names="URI:spiffe://example.gov.uk/feed"), authority.sign("the-proxy", names="DNS:elsewhere")
            through, straight = edge.ports["query"], query.ports["listen"]
            self.assertEqual([who(through, feed), who(through, other), who(through), who(through, bearer="bwk_x"), who(straight, feed)],
                             ["a-feed", "certificate/elsewhere", "anonymous", "by-key", "a-feed"])
            forged = (("bellwether-client-certificate", urllib.parse.quote(feed[0].read_text())),)
            self.assertEqual(who(through, other, metadata=forged), "certificate/elsewhere", "the proxy writes over it")
            with self.assertRaises(grpc.RpcError) as caught:
                who(straight, other, metadata=forged)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
            self.assertIn("may not call for others", caught.exception.details())
            through = contained.ports["query"]
            self.assertEqual([who(through, feed), who(through), who(through, bearer="bwk_x"), who(through, other, metadata=forged)],
                             ["a-feed", "anonymous", "by-key", "certificate/elsewhere"])
            for service in (ingestion, query):
                self.assertEqual(service.stop(), 0)

    # --- Calls pass.

    def test_a_stream_is_longer_than_a_megabyte(self):
        def stream(edge):
            # The same reading again and again is a repeat; each frame has some 75 KB.
            batch = ingestion_pb.StreamReadingsRequest(readings=[reading("P1", "2022-01", 1, f"id-{n:0110}") for n in range(500)])
            calls = [batch] * 50
            assert sum(call.ByteSize() for call in calls) > 3 << 20
            return sum(len(answer.acknowledgements) for answer in self.feed(edge).StreamReadings(iter(calls), timeout=PATIENCE))

        self.assertEqual(stream(self.edge), 50 * 500)
        with self.assertRaises(grpc.RpcError, msg="the setting is what lets it pass"):
            stream(self.start(self.addCleanup, client_max_body_size="1m"))

    def test_a_stream_and_a_watch_may_be_silent(self):
        """Those that wait two seconds at most show which settings keep the others."""
        hasty = self.start(self.addCleanup, client_body_timeout="2s", grpc_read_timeout="2s")
        kept, cut = self.silent(self.edge), self.silent(hasty)
        for call, _ in cut:
            with self.assertRaises(grpc.RpcError):
                next(call)
        for call, goes_on in kept:
            goes_on()
            next(call)
            call.cancel()

    def silent(self, edge):
        """A stream and a watch that have begun, and what ends their silence."""
        sends = queue.Queue()
        stream = self.feed(edge).StreamReadings(iter(sends.get, None), timeout=PATIENCE)
        self.addCleanup(sends.put, None)

        def send():
            sends.put(ingestion_pb.StreamReadingsRequest(readings=[reading("P1", "2022-01", 1)]))
        send()
        next(stream)
        watch = self.reader(edge).WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-01"), timeout=PATIENCE)
        self.assertTrue(next(watch).snapshot.complete)
        value = str(next(self.values))
        return [(stream, send), (watch, lambda: self.record(reading("P1", "2022-01", value)))]

    values = iter(range(100, 1000))

    def test_deadlines_and_errors_with_their_details(self):
        far = query_pb.GetReportRequest(council=COUNCIL, period="2022-01", min_position=self.position)
        far.min_position.offset += 1_000_000
        began = time.monotonic()
        with self.assertRaises(grpc.RpcError) as caught:
            self.reader(self.edge).GetReport(far, timeout=1)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        self.assertLess(time.monotonic() - began, 10)
        wrong = query_pb.GetReportRequest(council=COUNCIL, period="no such period")
        found = []
        for stub in (self.query, self.reader(self.edge)):
            with self.assertRaises(grpc.RpcError) as caught:
                stub.GetReport(wrong, timeout=PATIENCE)
            found.append((caught.exception.code(), caught.exception.details(), details_of(caught.exception)))
        self.assertEqual(found[0], found[1])
        self.assertIn("period", found[1][2][1])

    def test_only_callers_with_a_certificate_and_only_our_services(self):
        with self.assertRaises(grpc.RpcError):
            query_grpc.QueryServiceStub(self.channel(self.edge, "query", with_certificate=False)).GetReport(REPORT, timeout=5)
        reflection = self.channel(self.edge, "query").stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        with self.assertRaises(grpc.RpcError) as caught:
            next(reflection(iter([b""]), timeout=PATIENCE))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_concurrent_reads_lose_none(self):
        """More on a connection than nginx' default lets pass before it ends it, and a call with it."""
        stubs = [self.reader(self.edge) for _ in range(2)]
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            replies = [pool.submit(stubs[n % 2].GetReport, REPORT, timeout=PATIENCE) for n in range(2500)]
            self.assertEqual({len(reply.result().rows) for reply in replies}, {1})

    def test_a_drain_is_passed_on(self):
        second = self.stack.start_service("query")
        second.await_ready()
        edge = self.start(self.addCleanup, query=second)
        stub = self.reader(edge)
        watch = stub.WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-01"), timeout=PATIENCE)
        self.assertTrue(next(watch).snapshot.complete)
        second.popen.send_signal(signal.SIGTERM)
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in watch:
                pass
        self.assertEqual((caught.exception.code(), details_of(caught.exception)[0]), (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING"))
        self.assertEqual(second.popen.wait(PATIENCE), 0)
        with self.assertRaises(grpc.RpcError) as caught:
            stub.GetReport(REPORT, timeout=PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)

    # --- Attacks end at the proxy.

    def beside(self, attack, what):
        """Ordinary reads beside an attack: none fails, and the service behind keeps its memory and is called as before."""
        stub, stop, times, failures = self.reader(self.edge), threading.Event(), [], []
        before = memory_mb(self.stack.query)

        def read():
            while not stop.wait(0.005):  # Below what the proxy lets one address ask for in a second.
                began = time.monotonic()
                try:
                    stub.GetReport(REPORT, timeout=PATIENCE)
                except grpc.RpcError as error:
                    failures.append(f"{error.code()}: {error.details()}")
                times.append(time.monotonic() - began)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            began = time.monotonic()
            told = attack()
            took = time.monotonic() - began
        finally:
            stop.set()
            reader.join()
        more = memory_mb(self.stack.query) - before
        times.sort()
        print(f"{what}: {told}, {took:.1f} s; {len(times)} reads beside it, slowest {times[-1] * 1000:.0f} ms; query's peak rose by {more:.0f} MB", flush=True)
        self.assertEqual(failures, [])
        self.assertLess(more, 100)
        self.assertIsNone(self.stack.query.popen.poll())

    def test_calls_taken_back_in_the_same_breath(self):
        """Rapid reset: 100,000."""
        def attack():
            sent = connections = 0
            request = frames.call(GET_REPORT)
            while sent < 100_000:
                caller, connections = self.attacker(self.edge), connections + 1
                try:
                    for first in range(0, 100_000, 100):
                        caller.sendall(b"".join(
                            frames.frame(frames.HEADERS, frames.END_HEADERS, stream, request) + frames.frame(frames.RST_STREAM, 0, stream, struct.pack(">I", 8))
                            for stream in range(2 * first + 1, 2 * first + 201, 2)))
                        sent += 100
                        if frames.is_closed(caller) or sent >= 100_000:
                            break
                        caller.setblocking(True)
                except OSError:
                    pass
                caller.close()
            return f"{sent} on {connections} connections"

        self.beside(attack, "rapid reset")

    def test_a_header_list_without_end(self):
        def attack(value):
            sent, caller = 0, self.attacker(self.edge)
            try:
                caller.sendall(frames.frame(frames.HEADERS, 0, 1, frames.call(GET_REPORT)))
                while sent < 32 << 20:
                    caller.sendall(frames.frame(frames.CONTINUATION, 0, 1, value))
                    sent += len(value)
            except OSError:
                pass
            return f"{sent >> 10} KB were taken"

        endless = b"\x00\x01x" + b"\x7f\xff\xff\xff\x7f"  # A value of 256 MB begins.
        with self.subTest("many fields"):
            self.beside(lambda: attack(frames.field(b"x", b"y" * 16000)), "a header list without end")
        with self.subTest("one field"):
            def one():
                caller = self.attacker(self.edge)
                sent = 0
                try:
                    caller.sendall(frames.frame(frames.HEADERS, 0, 1, frames.call(GET_REPORT) + endless))
                    while sent < 32 << 20:
                        caller.sendall(frames.frame(frames.CONTINUATION, 0, 1, b"y" * 16000))
                        sent += 16000
                except OSError:
                    pass
                return f"{sent >> 10} KB were taken"
            self.beside(one, "a header without end")

    def test_who_says_nothing_or_drips_takes_nothing_of_the_services(self):
        def attack():
            before = self.stack.query.get("/metrics")[1]
            callers = [frames.connect(self.edge.ports["query"], source=ATTACKER) for _ in range(200)]
            for caller in callers:
                self.addCleanup(caller.close)
            drips = [self.attacker(self.edge) for _ in range(20)]
            for caller in drips:
                caller.sendall(frames.frame(frames.HEADERS, 0, 1, frames.call(GET_REPORT)))
            wait_until(lambda: all(map(frames.is_closed, callers)), "nginx ends who says nothing", 60)
            after = self.stack.query.get("/metrics")[1]
            connections = [next(line for line in text.splitlines() if line.startswith("bellwether_connections ")) for text in (before, after)]
            return f"{len(callers)} silent, {len(drips)} that do not end their headers; query had {connections[0]}, then {connections[1]}"

        self.beside(attack, "silence")


if __name__ == "__main__":
    unittest.main(verbosity=2)
