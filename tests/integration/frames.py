"""Raw HTTP/2, for what no polite client sends."""

import contextlib
import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 0x1
END_HEADERS = 0x4
# Settings.
MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 3, 4
WIDEST = (1 << 31) - 1


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def settings(values=None):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", key, value) for key, value in (values or {}).items()))


def window_update(stream, by):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", by))


def _length(size):
    """HPACK's integer of seven bits."""
    if size < 127:
        return bytes([size])
    out, size = bytearray([127]), size - 127
    while size >= 128:
        out.append(size % 128 + 128)
        size //= 128
    return bytes(out + bytes([size]))


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def field(name, value):
    """One header as HPACK's plainest literal: never indexed, no Huffman code, any bytes."""
    name, value = as_bytes(name), as_bytes(value)
    return b"\x10" + _length(len(name)) + name + _length(len(value)) + value


def block(fields):
    return b"".join(field(name, value) for name, value in fields)


def request(path, *more, **replaced):
    """The header list of a call: `more` are fields behind it, `replaced` has others for its own (None: none); _ stands for -."""
    own = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost", "te": "trailers",
           "content-type": "application/grpc"}
    own.update({name.replace("_", "-") if not name.startswith("p_") else ":" + name[2:]: value for name, value in replaced.items()})
    return [(name, value) for name, value in own.items() if value is not None] + list(more)


def message(payload, compressed=0):
    """A gRPC message before its HTTP/2 frames."""
    return struct.pack(">BI", compressed, len(payload)) + payload


def call(path):
    """The header block of a call, as one."""
    return block(request(path))


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
