"""Raw HTTP/2, for what no polite client sends."""

import contextlib
import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def _text(value):
    """A string of HPACK, as it is."""
    left = len(value)
    if left < 127:
        return bytes((left,)) + value
    length, left = b"\x7f", left - 127
    while left >= 128:
        length, left = length + bytes((left % 128 + 128,)), left // 128
    return length + bytes((left,)) + value


def field(name, value):
    """A header field of HPACK that goes into no table."""
    return b"\x00" + _text(name) + _text(value)


def call(path, *fields):
    """The header list of a call of gRPC."""
    return b"".join(field(*f) for f in ((b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"test"),
                                        (b"content-type", b"application/grpc"), (b"te", b"trailers"), *fields))


def connect(port, timeout=10, source="127.0.0.1"):
    caller = socket.create_connection(("127.0.0.1", port), timeout, (source, 0))
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return caller


def answers(port, timeout=5):
    """Whether a server of HTTP/2 answers there."""
    with contextlib.suppress(OSError), connect(port, timeout) as caller:
        caller.sendall(PREFACE + frame(SETTINGS))
        heard = caller.recv(9)
        return len(heard) == 9 and heard[3] == SETTINGS
    return False


def is_closed(caller):
    """Whether the other end has closed; what it said is thrown away."""
    caller.setblocking(False)
    try:
        while caller.recv(1 << 16):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True
