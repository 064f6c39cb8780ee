"""Bodies that unfold to more than they are, or whose envelope lies of what is in it."""

import functools
import gzip
import struct
import zlib

from attacked import INGESTION, QUERY, AttackTest, main, refused_or_not
from http2 import Connection, message, request
from rpcs import rpcs_of

OK, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 8, 12, 13


@functools.cache
def bomb(megabytes, how):
    """A message of so many MiB of zero bytes, packed into a thousandth: the same piece again and again."""
    zeros, packer = bytes(1 << 20), zlib.compressobj(9, zlib.DEFLATED, -15)
    body = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)) * megabytes + b"\x03\x00"
    check = 0 if how == "gzip" else 1
    for _ in range(megabytes):
        check = (zlib.crc32 if how == "gzip" else zlib.adler32)(zeros, check)
    if how == "gzip":
        return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + body + struct.pack("<II", check, megabytes << 20)
    return b"\x78\xda" + body + struct.pack(">I", check)


class PackedTest(AttackTest):
    def test_bombs(self):
        for how in ("gzip", "deflate"):
            for service, paths in ((self.stack.ingestion, (INGESTION + "RecordReadings", INGESTION + "StreamReadings")),
                                   (self.stack.query, (QUERY + "GetReport", QUERY + "WatchReport"))):
                with self.attacked(f"{how} {service.name}"), Connection(service.ports["listen"]) as connection:
                    streams = [connection.open(request(path, ("grpc-encoding", how))) for path in paths * 4]
                    for stream in streams:
                        with refused_or_not():
                            connection.data(stream, message(bomb(600, how), compressed=1), end=True, seconds=5)
                    for stream in streams:
                        answer = connection.await_end(stream)
                        self.assertTrue(answer.ended)
                        self.assertIn(answer.status, (RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL), answer)

    def test_the_bomb_is_one(self):
        """What is refused would unfold."""
        self.assertEqual(gzip.decompress(bomb(3, "gzip")), bytes(3 << 20))
        self.assertEqual(zlib.decompress(bomb(3, "deflate")), bytes(3 << 20))
        self.assertLess(len(bomb(600, "gzip")), 1 << 20)

    def test_a_small_packed_message_is_answered(self):
        """Packed and within the limits: taken, or refused in words. Never a call that hangs."""
        for how, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
            fields, body = self.plain_call(self.stack.query)
            with Connection(self.stack.query.ports["listen"]) as connection:
                answer = connection.call(fields + [("grpc-encoding", how)], message(pack(body[5:]), compressed=1))
            self.assertIn(answer.status, (OK, UNIMPLEMENTED), answer)
            self.assertTrue(answer.status == OK or answer.words)

    def test_envelopes_that_lie(self):
        """Lengths, flags and encodings that do not fit what follows, to every RPC: each call ends within its own time."""
        good = self.plain_call(self.stack.query)[1]
        bodies = (b"", b"\x00", b"\x00\x00\x00", b"\x00\xff\xff\xff\xff" + b"x" * 50, b"\x00\x7f\xff\xff\xff", b"\x02\x00\x00\x00\x00", b"\xff" + good[1:],
                  good + b"\x00", good * 3, b"\x01\x00\x00\x00\x00", b"\x01" + good[1:], bytes(5) * 2000)
        encodings = ("gzip", "deflate", "identity", "snappy", "", "\xff")
        with self.attacked():
            for service in (self.stack.ingestion, self.stack.query):
                for rpc in rpcs_of(service.ports["listen"]):
                    calls = [(body, ()) for body in bodies] + [(body, (("grpc-encoding", encoding),)) for body in bodies[-4:] for encoding in encodings]
                    with Connection(service.ports["listen"]) as connection:
                        streams = [connection.open(request(rpc.path, *more, ("grpc-timeout", "300m"))) for _, more in calls]
                        for stream, (body, _) in zip(streams, calls, strict=True):
                            connection.data(stream, body, end=True)
                        for stream in streams:
                            self.assertTrue(connection.await_end(stream, 20).ended, f"{rpc.path} {calls[stream // 2]}")


if __name__ == "__main__":
    main()
