"""Metadata that may not be: no byte of a header brings a service down, and none comes back unchecked."""

from attacked import INGESTION, QUERY, AttackTest, main, refused_or_not
from http2 import CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, Answer, Connection, block, frame, message, request

# Whatever HTTP/2 lets through and gRPC's own clients refuse.
BYTES = {"é": "café".encode(), "ff": b"\xff", "tab": b"a\tb", "del": b"a\x7f", "nul": b"a\0b", "newline": b"a\nb", "cr": b"a\rb", "empty": b"",
         "space": b" a ", "long": b"x" * 6000, "utf16": "ref".encode("utf-16"), "percent": b"%00%ff%", "comma": b"a,b", "quote": b'a"b\\'}
# Every header that gRPC or a service reads.
READ = ("x-request-id", "traceparent", "tracestate", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-internal-encoding-request",
        "user-agent", "content-type", "te", "grpc-previous-rpc-attempts", "grpc-trace-bin", "grpc-tags-bin", "grpc-status", "grpc-message",
        "grpc-status-details-bin", "host", "authorization", "accept-encoding", "content-length", "lb-token", "lb-cost-bin", ":method", ":scheme",
        ":path", ":authority", ":status", "x-unknown", "x-unknown-bin")


class HeadersTest(AttackTest):
    def calls(self):
        """A unary call and a stream of each service: what they are asked does not matter."""
        return [(self.stack.ingestion, INGESTION + "RecordReadings"), (self.stack.ingestion, INGESTION + "StreamReadings"),
                (self.stack.query, QUERY + "GetReport"), (self.stack.query, QUERY + "WatchReport")]

    def send(self, service, path, name, value):
        fields = request(path)
        if name in dict(fields):
            fields = [(n, value if n == name else v) for n, v in fields]
        elif name.startswith(":"):
            fields.insert(0, (name, value))
        else:
            fields.append((name, value))
        answer = None
        with refused_or_not(), Connection(service.ports["listen"]) as connection:
            answer = connection.call(fields, message(b""), seconds=2 if "Watch" in path else 10)
        return answer

    def test_request_id(self):
        with self.attacked():
            for service, path in self.calls():
                for what, value in BYTES.items():
                    answer = self.send(service, path, "x-request-id", value)
                    self.assertIsNone(service.popen.poll(), f"{service.name} ended: {what}")
                    if answer is not None and answer.ended:
                        self.assert_printable(answer.headers.get(b"x-request-id"))

    def assert_printable(self, value):
        """An id that comes back is one that a log and a proxy can hold: of the caller, or of the service's own making."""
        if value is not None:
            self.assertTrue(value, "an empty request id")
            self.assertTrue(all(0x21 <= c <= 0x7e for c in value) and len(value) <= 128, value)

    def test_a_good_request_id_comes_back(self):
        for service, path in self.calls()[::2]:
            self.assertEqual(self.send(service, path, "x-request-id", b"feed-7/2022:a").headers[b"x-request-id"], b"feed-7/2022:a")

    def test_every_header(self):
        with self.attacked():
            for service, path in self.calls()[::2]:
                for name in READ:
                    for value in BYTES.values():
                        self.send(service, path, name, value)
                self.assertIsNone(service.popen.poll(), f"{service.name} ended")

    def test_every_header_twice_and_many(self):
        with self.attacked():
            for service, path in self.calls()[::2]:
                for name in READ:
                    for value in (b"1", b"\xff", b"x" * 200):
                        with refused_or_not(), Connection(service.ports["listen"]) as connection:
                            connection.call(request(path) + [(name, value)] * 3, message(b""), seconds=10)

    def test_names_that_are_none(self):
        with self.attacked():
            for service, path in self.calls()[::2]:
                for name in (b"", b"X-Request-Id", b"x request id", b"x\0", b"\xff", b":", b"::path", b"x-" + b"y" * 5000, "x-é".encode(), b"grpc-",
                             b"-bin"):
                    with refused_or_not(), Connection(service.ports["listen"]) as connection:
                        connection.call(request(path) + [(name, b"a")], message(b""), seconds=10)

    def test_lists_at_the_limit_of_their_size(self):
        """Headers that are wrong, in lists around the 8 and 16 KiB that gRPC takes (CVE-2023-1428)."""
        wrong = (dict(te="x"), dict(p_scheme="x"), dict(p_method="X"), dict(content_type="x"), {})
        more = (("grpclb_client_stats", "x"), ("lb-cost-bin", "x"), ("grpc-timeout", "x"), (":status", "x"))
        fillers = ([(f"a{i}", "x" * 60) for i in range(300)], [(f"a{i}", "x" * 4000) for i in range(9)], [("a", "")] * 600)
        with self.attacked():
            for service, path in self.calls()[::2]:
                for fields in [request(path, **own) for own in wrong] + [request(path, field) for field in more]:
                    for filler in fillers:
                        for share in (4, 6, 7, 8, 9, 10):
                            with refused_or_not(), Connection(service.ports["listen"]) as connection:
                                self.send_in_pieces(connection, fields + filler[:len(filler) * share // 10])
                self.assertIsNone(service.popen.poll(), f"{service.name} ended")

    def send_in_pieces(self, connection, fields):
        whole = block(fields)
        pieces = [whole[at:at + 16000] for at in range(0, len(whole), 16000)]
        connection.streams[1] = Answer()
        connection.send(frame(HEADERS, 0, 1, pieces[0]) + b"".join(frame(CONTINUATION, 0, 1, piece) for piece in pieces[1:])
                        + frame(CONTINUATION, END_HEADERS, 1) + frame(DATA, END_STREAM, 1, message(b"")))
        connection.await_end(1, 10)

    def test_header_blocks_that_are_none(self):
        good = block(request(QUERY + "GetReport"))
        blocks = [b"\xff" * 200, b"\x80", b"\xbe", b"\x7f\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x3f\xff\xff\xff\xff\x7f",
                  good + b"\x00\x7f\xff\xff\xff\xff\x07", good[:-3], b"\x00\x81\xff", b"\x3f\xe1\xff\x03" * 50, b""]
        with self.attacked():
            for service, _ in self.calls()[::2]:
                for bad in blocks:
                    for flags in (4, 4 | END_STREAM, 4 | 8, 4 | 0x20):
                        with refused_or_not(), Connection(service.ports["listen"]) as connection:
                            connection.send(frame(HEADERS, flags, 1, bad))
                            connection.send(frame(CONTINUATION, 4, 1, bad))
                            connection.wait(0.05)


if __name__ == "__main__":
    main()
