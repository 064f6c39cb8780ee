"""HTTP/2 as raw frames, with everything in them that a polite client refuses to send.

A Connection reads while it writes, unless it is told to be deaf; it never blocks for longer than it is told to.
"""

import select
import socket
import ssl
import struct
import time

import hpack
from frames import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, PING, PREFACE,
                    PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, WIDEST, WINDOW_UPDATE, as_bytes, block, field, frame, message, request, settings, window_update)

_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


# Attackers call from an address of their own, so that what is counted by address is not taken from ordinary callers.
ATTACKER, CALLER = "127.0.0.2", "127.0.0.1"


def connect(port, seconds=10, source=ATTACKER):
    """A bare connection."""
    return socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(source, 0))


class Closed(Exception):
    """The peer ended the connection."""


# A preface that lets the peer send whatever it has.
POLITE = PREFACE + settings({INITIAL_WINDOW_SIZE: WIDEST}) + window_update(0, WIDEST - 65535)


class Answer:
    """What a stream got back."""

    def __init__(self):
        self.headers, self.data, self.reset, self.ended = {}, bytearray(), None, False

    @property
    def status(self):
        """gRPC's status; None without one."""
        text = self.headers.get(b"grpc-status")
        return None if text is None else int(text)

    @property
    def words(self):
        return self.headers.get(b"grpc-message", b"").decode(errors="replace")

    def messages(self):
        """The payloads of the messages that came whole."""
        found, at = [], 0
        while at + 5 <= len(self.data):
            size = struct.unpack(">I", self.data[at + 1:at + 5])[0]
            if at + 5 + size > len(self.data):
                break
            found.append(bytes(self.data[at + 5:at + 5 + size]))
            at += 5 + size
        return found

    def __repr__(self):
        return f"Answer(status={self.status}, words={self.words!r}, reset={self.reset}, ended={self.ended}, headers={self.headers})"


class Connection:
    """One connection. As a context manager it closes itself; `abort` in place of that sends a TCP reset."""

    def __init__(self, port, *, preface=POLITE, deaf=False, tls=None, seconds=10, source=ATTACKER):
        self.socket = connect(port, seconds, source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.setblocking(False)
        self.deaf = deaf
        self.streams, self.last = {}, -1
        self.goaway, self._replies = None, bytearray()
        self._in, self._decoder, self._fragments = bytearray(), hpack.Decoder(), bytearray()
        self._decoder.max_header_list_size = 1 << 20
        self._window, self._initial, self._windows = 65535, 65535, {}
        try:
            self.send(preface)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def abort(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data, seconds=30):
        """Sends all; Closed when the peer has ended, TimeoutError when it takes nothing for so long."""
        self._write(data, seconds)
        self._reply(seconds)

    def _reply(self, seconds=30):
        # What answers the peer's own frames goes out between ours, never inside of one.
        while self._replies:
            replies, self._replies = bytes(self._replies), bytearray()
            self._write(replies, seconds)

    def _write(self, data, seconds):
        rest, until = memoryview(data), time.monotonic() + seconds
        while rest:
            readable, writable = self._poll(not self.deaf, True, until - time.monotonic())
            if readable:
                self._receive()
            if writable:
                try:
                    n = self.socket.send(rest[:1 << 18])
                except _NOT_NOW:
                    continue
                except OSError as error:
                    raise Closed(str(error)) from None
                rest, until = rest[n:], time.monotonic() + seconds
            elif not readable and time.monotonic() > until:
                raise TimeoutError(f"the peer takes nothing for {seconds} s")

    def open(self, fields, end=False, more=b""):
        """A new stream with these headers; `more` goes out in the same breath. Its number."""
        self.last += 2
        self.streams[self.last] = Answer()
        self.send(frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), self.last, block(fields)) + more)
        return self.last

    def data(self, stream, payload, end=False, seconds=30):
        """Sends a body as the peer's windows allow; False when the stream ended before all of it was taken."""
        rest, until = memoryview(payload), time.monotonic() + seconds
        while True:
            answer = self.streams.get(stream)
            if answer is not None and answer.ended:
                return False
            room = min(self._window, self._windows.setdefault(stream, self._initial), 16384)
            if rest and room <= 0:
                if not self.wait(0.1) and time.monotonic() > until:
                    raise TimeoutError(f"no window for {seconds} s")
                continue
            piece, rest = rest[:room], rest[room:]
            self._window -= len(piece)
            self._windows[stream] -= len(piece)
            last = end and not rest
            self.send(frame(DATA, END_STREAM if last else 0, stream, bytes(piece)), seconds)
            if not rest:
                return True

    def data_now(self, stream, payload):
        """Sends what the peer's windows allow at this moment; how many bytes that were."""
        answer = self.streams.get(stream)
        if answer is not None and answer.ended:
            return 0
        size = max(0, min(len(payload), self._window, self._windows.setdefault(stream, self._initial)))
        self._window -= size
        self._windows[stream] -= size
        pieces = (bytes(payload[at:min(at + 16384, size)]) for at in range(0, size, 16384))
        self.send(b"".join(frame(DATA, 0, stream, piece) for piece in pieces), 10)
        return size

    def call(self, fields, body=b"", seconds=30):
        """A whole call; what it got within that time (`ended` says whether that is all)."""
        stream = self.open(fields)
        self.data(stream, body, end=True, seconds=seconds)
        return self.await_end(stream, seconds)

    def await_end(self, stream, seconds=30):
        answer = self.streams.setdefault(stream, Answer())
        self.until(lambda: answer.ended, seconds)
        return answer

    def until(self, condition, seconds=30):
        """Reads until then; whether it came. Closed is raised when the peer ends before."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                return False
            self.wait(min(1.0, max(0.0, until - time.monotonic())))
        return True

    def wait(self, seconds):
        """Reads what comes within that time, once; whether anything came."""
        pending = getattr(self.socket, "pending", lambda: 0)()
        readable = pending or self._poll(True, False, seconds)[0]
        if readable:
            self._receive()
            self._reply()
        return bool(readable)

    def _poll(self, read, write, seconds):
        """Waits until there is something to read, or room to write; which of both."""
        poll = select.poll()
        poll.register(self.socket, (select.POLLIN if read else 0) | (select.POLLOUT if write else 0))
        found = dict(poll.poll(max(0, int(seconds * 1000)))).get(self.socket.fileno(), 0)
        over = found & (select.POLLERR | select.POLLHUP)
        return bool(read and (found & select.POLLIN or over)), bool(write and (found & select.POLLOUT or over))

    def _receive(self):
        try:
            got = self.socket.recv(1 << 18)
        except _NOT_NOW:
            return
        except OSError as error:
            raise Closed(str(error)) from None
        if not got:
            raise Closed(f"the peer ended the connection, {self.goaway or 'without GOAWAY'}")
        self._in += got
        at = 0
        while at + 9 <= len(self._in):
            size = int.from_bytes(self._in[at:at + 3], "big")
            if at + 9 + size > len(self._in):
                break
            kind, flags = self._in[at + 3], self._in[at + 4]
            stream = int.from_bytes(self._in[at + 5:at + 9], "big") & WIDEST
            self._take(kind, flags, stream, bytes(self._in[at + 9:at + 9 + size]))
            at += 9 + size
        del self._in[:at]

    def _take(self, kind, flags, stream, payload):
        answer = self.streams.setdefault(stream, Answer()) if stream else None
        if kind == DATA:
            answer.data += payload
        elif kind in (HEADERS, CONTINUATION):
            self._fragments += payload
            if flags & END_HEADERS:
                answer.headers.update({as_bytes(name): as_bytes(value) for name, value in self._decoder.decode(bytes(self._fragments), raw=True)})
                self._fragments.clear()
        elif kind == RST_STREAM:
            answer.reset, answer.ended = int.from_bytes(payload[:4], "big"), True
        elif kind == SETTINGS and not flags & ACK:
            for at in range(0, len(payload), 6):
                key, value = struct.unpack(">HI", payload[at:at + 6])
                if key == INITIAL_WINDOW_SIZE:
                    for other in self._windows:
                        self._windows[other] += value - self._initial
                    self._initial = value
            self._replies += frame(SETTINGS, ACK, 0)
        elif kind == PING and not flags & ACK:
            self._replies += frame(PING, ACK, 0, payload)
        elif kind == GOAWAY:
            self.goaway = (int.from_bytes(payload[4:8], "big"), payload[8:].decode(errors="replace"))
        elif kind == WINDOW_UPDATE:
            by = int.from_bytes(payload, "big")
            if stream:
                self._windows[stream] = self._windows.get(stream, self._initial) + by
            else:
                self._window += by
        if answer is not None and kind in (DATA, HEADERS) and flags & END_STREAM:
            answer.ended = True
