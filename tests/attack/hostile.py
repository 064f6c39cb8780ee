"""Random hostile calls as raw HTTP/2, all of one seed: headers, bodies, frames, and connections that are left in the middle."""

import random
import struct
import zlib

from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, PRIORITY, RST_STREAM, Connection, block, frame, message,
                   request, settings, window_update)
from stack import COUNCIL

HEADER_NAMES = (
    "x-request-id", "traceparent", "tracestate", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "user-agent", "content-type", "te",
    "grpc-trace-bin", "grpc-status", "grpc-message", "host", "authorization", "content-length", "x-a-bin", "x-b", ":path", ":method", ":authority",
    "Grpc-Timeout", "", "x-é")
HEADER_VALUES = (
    b"", b"gzip", b"deflate", b"1n", b"1S", b"99999999H", b"100000000S", b"-1S", b"trailers", b"application/grpc", b"application/grpc+json",
    b"text/plain", b"\xff\xfe", "é".encode(), b"a\0b", b"\t", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", b"00-" + b"0" * 32,
    b"18446744073709551616", b"%", b"=" * 3)
TEXTS = (
    "", COUNCIL, "E06000001", "W1", "BIG", "W9", "2022-02", "2022-13", "2021-22", "2022-Q1", "é", "\0", "\u202e", "-", "1e309", "=cmd", "NaN", "9" * 40,
    "x" * 129, "x" * 5000, "😀" * 300, "[redacted]", "ordinary")
NUMBERS = (0, 1, -1, 2, 7, 12, 500, 501, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1)


class Hostile:
    """An endless supply of hostile calls to one server's RPCs, from one seed. `connect` makes a connection, as Connection does."""

    def __init__(self, seed, port, rpcs, connect=Connection):
        self.seed, self.count, self.port, self.rpcs, self.connect = seed, 0, port, rpcs, connect

    def headers(self, rpc):
        """A call's headers with some of them wrong, missing, twice, or strange."""
        fields = request(rpc.path, ("grpc-timeout", self.dice.choice(("50m", "1S", "3S"))))
        for _ in range(self.dice.choice((0, 0, 1, 1, 2, 5, 30))):
            name = self.dice.choice(HEADER_NAMES) if self.dice.random() < 0.9 else self.noise(20)
            value = self.dice.choice(HEADER_VALUES) if self.dice.random() < 0.6 else self.noise(self.dice.choice((3, 60, 2000)))
            fields.insert(self.dice.choice((len(fields), self.dice.randrange(len(fields) + 1))), (name, value))
        if self.dice.random() < 0.1:
            del fields[self.dice.randrange(len(fields))]
        return fields

    def noise(self, most):
        return self.dice.randbytes(self.dice.randrange(most + 1))

    def fill(self, into, depth=0):
        """A message with random fields, by its descriptor."""
        for field in into.DESCRIPTOR.fields:
            if self.dice.random() < 0.3:
                continue
            if field.message_type is None:
                values = [self.scalar(field) for _ in range(self.dice.choice((1, 1, 3)))]
                if field.label == field.LABEL_REPEATED:
                    getattr(into, field.name).extend(values)
                else:
                    setattr(into, field.name, values[0])
            elif depth < 4 and not field.message_type.GetOptions().map_entry:
                if field.label == field.LABEL_REPEATED:
                    for _ in range(self.dice.choice((0, 1, 2, 6))):
                        self.fill(getattr(into, field.name).add(), depth + 1)
                else:
                    getattr(into, field.name).SetInParent()
                    self.fill(getattr(into, field.name), depth + 1)
        return into

    def scalar(self, field):
        if field.type == field.TYPE_STRING:
            return self.dice.choice(TEXTS)
        if field.type == field.TYPE_BYTES:
            return self.noise(40)
        if field.type == field.TYPE_ENUM:
            return self.dice.choice([v.number for v in field.enum_type.values] + [99])
        if field.type == field.TYPE_BOOL:
            return self.dice.random() < 0.5
        if field.type in (field.TYPE_DOUBLE, field.TYPE_FLOAT):
            return self.dice.choice((0.0, -1.5, float("inf"), float("nan")))
        wide = field.type in (field.TYPE_INT64, field.TYPE_UINT64, field.TYPE_SINT64, field.TYPE_FIXED64, field.TYPE_SFIXED64)
        unsigned = field.type in (field.TYPE_UINT32, field.TYPE_UINT64, field.TYPE_FIXED32, field.TYPE_FIXED64)
        bits = 64 if wide else 32
        low, high = (0, 2**bits - 1) if unsigned else (-(2**(bits - 1)), 2**(bits - 1) - 1)
        return max(low, min(high, self.dice.choice(NUMBERS)))

    def body(self, rpc):
        """A message as it should be, bent, packed, or noise."""
        payload = bytearray(self.fill(rpc.asks()).SerializeToString() if self.dice.random() < 0.7 else self.noise(self.dice.choice((10, 300, 30000))))
        for _ in range(self.dice.choice((0, 0, 1, 3, 20)) if payload else 0):
            payload[self.dice.randrange(len(payload))] = self.dice.randrange(256)
        if self.dice.random() < 0.1:
            del payload[self.dice.randrange(len(payload) + 1):]
        payload, how = bytes(payload), self.dice.random()
        if how < 0.1:
            return message(zlib.compress(payload), compressed=1)
        if how < 0.15:
            return struct.pack(">BI", self.dice.randrange(256), self.dice.choice(NUMBERS) & 0xFFFFFFFF) + payload
        if how < 0.2:
            return message(payload)[:self.dice.randrange(len(payload) + 5)]
        return message(payload)

    def stray(self, stream):
        """A frame that does not belong there."""
        wrong_setting = {self.dice.randrange(1, 8): self.dice.choice((0, 1, 16384, 65535, 2**31 - 1, 2**32 - 1))}
        return self.dice.choice((
            frame(RST_STREAM, 0, stream, struct.pack(">I", self.dice.randrange(20))), window_update(stream, self.dice.choice((0, 1, 2**31 - 1))),
            frame(PING, 0, 0, bytes(8)), settings(wrong_setting), frame(PRIORITY, 0, stream, bytes(5)),
            frame(self.dice.randrange(256), self.dice.randrange(256), self.dice.choice((0, stream, stream + 1)), self.noise(50))))

    def one(self):
        """One connection with a few hostile calls; ends it in one way or another. May raise what a connection raises."""
        # Where the peer ends a connection early must not change what the next ones send.
        self.count += 1
        self.dice = random.Random(f"{self.seed}-{self.count}")
        if self.dice.random() < 0.05:
            with self.connect(self.port, preface=self.noise(100) if self.dice.random() < 0.5 else PREFACE[:self.dice.randrange(24)]) as connection:
                connection.wait(0.01)
            return
        with self.connect(self.port) as connection:
            for stream in range(1, 2 * self.dice.choice((1, 2, 8)), 2):
                self.call(connection, stream)
            connection.wait(self.dice.choice((0, 0.01, 0.2)))
            if self.dice.random() < 0.3:
                connection.abort()

    def call(self, connection, stream):
        rpc = self.dice.choice(self.rpcs)
        fields = block(self.headers(rpc))
        if self.dice.random() < 0.02:
            fields = bytearray(fields)
            fields[self.dice.randrange(len(fields))] ^= 1 << self.dice.randrange(8)
            fields = bytes(fields)
        cut = self.dice.randrange(len(fields)) if self.dice.random() < 0.1 else len(fields)
        out = frame(HEADERS, END_HEADERS if cut == len(fields) else 0, stream, fields[:cut])
        if cut < len(fields):
            out += frame(CONTINUATION, END_HEADERS, stream, fields[cut:])
        messages = self.dice.choice((0, 1, 4, 12) if rpc.client_streams else (0, 1, 1, 1, 3))
        bodies = b"".join(self.body(rpc) for _ in range(messages))
        at = 0
        while at < len(bodies):
            size = self.dice.choice((1, 100, 16384, 16384)) if len(bodies) < 2000 else 16384
            out += frame(DATA, 0, stream, bodies[at:at + size])
            at += size
        if self.dice.random() < 0.1:
            out += self.stray(stream)
        if self.dice.random() < 0.8:
            out += frame(DATA, END_STREAM, stream)
        connection.send(out, 5)
