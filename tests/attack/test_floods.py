"""Floods of frames that cost the sender next to nothing.

What gRPC 1.51 cannot be made to refuse (`may_die`) is stopped by the proxy that is shipped: test_edge.py makes the same attacks
through it, where ordinary calls must not suffer.
"""

import struct

from attacked import INGESTION, QUERY, AttackTest, main, refused_or_not
from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, PING, PRIORITY, RST_STREAM, SETTINGS, Connection, block,
                   field, frame, message, request, settings, window_update)

REPORT = QUERY + "GetReport"


def rapid_resets(connection, calls, path=REPORT, batch=100):
    """Calls that are taken back in the same breath."""
    headers, cancel = block(request(path)), struct.pack(">I", 8)
    for _ in range(0, calls, batch):
        numbers = range(connection.last + 2, connection.last + 2 * batch + 2, 2)
        connection.last += 2 * batch
        connection.send(b"".join(frame(HEADERS, END_HEADERS, n, headers) + frame(DATA, END_STREAM, n, message(b"")) + frame(RST_STREAM, 0, n, cancel)
                                 for n in numbers), 10)


def endless_headers(connection, size, piece):
    """One header list of so many bytes in CONTINUATION frames."""
    connection.send(frame(HEADERS, 0, 1, block(request(REPORT))))
    filler = frame(CONTINUATION, 0, 1, piece) * max(1, (1 << 16) // (len(piece) + 9))
    for _ in range(size // len(filler)):
        connection.send(filler, 10)
    connection.send(frame(CONTINUATION, END_HEADERS, 1))
    connection.await_end(1, 2)


class FloodsTest(AttackTest):
    def flood(self, bytes_at_once, times, deaf=False):
        """To both services at once would measure this machine: one after the other."""
        for service in (self.stack.query, self.stack.ingestion):
            with refused_or_not(), Connection(service.ports["listen"], deaf=deaf) as connection:
                for _ in range(times):
                    connection.send(bytes_at_once, 5)

    def test_settings(self):
        with self.attacked():
            self.flood(settings({INITIAL_WINDOW_SIZE: 70000}) * 1000, 50)

    def test_settings_that_swing_the_windows(self):
        with self.attacked():
            self.flood((settings({INITIAL_WINDOW_SIZE: 0}) + settings({INITIAL_WINDOW_SIZE: (1 << 31) - 1})) * 500, 50)

    def test_settings_that_are_wrong(self):
        with self.attacked():
            for wrong in (frame(SETTINGS, 0, 1, bytes(6)), frame(SETTINGS, 0, 0, bytes(5)), frame(SETTINGS, 1, 0, bytes(6)), settings({4: 1 << 31}),
                          settings({5: 0}), settings({1: (1 << 32) - 1}), settings({6: 0}), settings({key: 0xFFFFFFFF for key in range(1, 200)}), settings({key: 0 for key in range(1, 200)})):
                self.flood(wrong, 3)

    def test_pings(self):
        with self.attacked():
            self.flood(frame(PING, 0, 0, bytes(8)) * 1000, 50)

    def test_pings_whose_answers_nobody_reads(self):
        with self.attacked():
            self.flood(frame(PING, 0, 0, bytes(8)) * 1000, 300, deaf=True)

    def test_settings_whose_answers_nobody_reads(self):
        with self.attacked():
            self.flood(settings() * 1000, 300, deaf=True)

    def test_window_updates(self):
        with self.attacked():
            self.flood(window_update(0, 1) * 1000, 100)
            self.flood(window_update(0, (1 << 31) - 1) * 2, 1)
            self.flood(window_update(0, 0), 10)

    def test_priorities(self):
        with self.attacked():
            self.flood(b"".join(frame(PRIORITY, 0, n, struct.pack(">IB", 0, 9)) for n in range(1, 2000, 2)), 50)

    def test_empty_data(self):
        with self.attacked():
            for service in (self.stack.query, self.stack.ingestion):
                with refused_or_not(), Connection(service.ports["listen"]) as connection:
                    connection.open(request(REPORT))
                    for _ in range(50):
                        connection.send(frame(DATA, 0, 1) * 1000, 5)

    def test_frames_of_every_kind_where_they_may_not_be(self):
        with self.attacked():
            for kind in range(16):
                for stream in (0, 1, 2, 0x7FFFFFFF):
                    for payload in (b"", bytes(4), bytes(9), b"\xff" * 100):
                        for flags in (0, 0xFF):
                            with refused_or_not(), Connection(self.stack.query.ports["listen"]) as connection:
                                connection.open(request(REPORT))
                                connection.send(frame(kind, flags, stream, payload))
                                connection.wait(0.02)

    def test_a_frame_that_is_too_large(self):
        with self.attacked():
            for kind in (DATA, HEADERS, SETTINGS, PING, 0x55):
                self.flood(b"\xff\xff\xff" + bytes([kind, 0]) + struct.pack(">I", 1) + bytes(1 << 20), 17)


class UnrefusedTest(AttackTest):
    """In a class of its own, with services of its own: what it leaves in them is not the others' matter."""

    def test_rapid_reset(self):
        with self.attacked(may_die=True):
            for service in (self.stack.query, self.stack.ingestion):
                with refused_or_not(), Connection(service.ports["listen"]) as connection:
                    rapid_resets(connection, 50_000, REPORT if service is self.stack.query else INGESTION + "RecordReadings")

    def test_header_lists_without_end(self):
        many = field("x", "")
        pieces = {"empty": b"", "small": many * 20, "large": field("x-" + "y" * 4000, "z" * 12000), "a byte": many[:1]}
        for what, piece in pieces.items():
            size = (32 << 20) if what in ("small", "large") else (4 << 20)
            with self.attacked(what, may_die=True):
                for service in (self.stack.query, self.stack.ingestion):
                    with refused_or_not(), Connection(service.ports["listen"]) as connection:
                        endless_headers(connection, size, piece)


if __name__ == "__main__":
    main()
