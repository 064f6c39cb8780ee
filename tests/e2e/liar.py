"""Stands between clients and a broker, and lies to a producer when told to: the one way to a producer's fatal error with real
processes on both sides, since a sound broker gives none."""

import contextlib
import socket
import struct
import threading

PRODUCE = 0  # The request's key in Kafka's protocol.
OUT_OF_ORDER_SEQUENCE_NUMBER = 45  # Of the oldest request under way, librdkafka takes it as fatal.


class Liar:
    """Listens on a port of its own; what comes there goes to the broker, and the answers back."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.broker = None  # The broker's own port, once it is known.
        self.told = 0  # Lies so far.
        self._lock = threading.Lock()
        self._topic = None
        threading.Thread(target=self._accept, daemon=True).start()

    def lie_once(self, topic):
        """The next batch for the topic is stored, and answered as if its sequence number were wrong."""
        with self._lock:
            self._topic = topic.encode()

    def close(self):
        self.server.close()

    def _accept(self):
        with contextlib.suppress(OSError):  # Closed.
            while True:
                client = self.server.accept()[0]
                try:
                    broker = socket.create_connection(("127.0.0.1", self.broker))
                except OSError:
                    client.close()
                    continue
                produces = set()  # Correlation ids.
                for source, sink, change in ((client, broker, self._note), (broker, client, self._answer)):
                    threading.Thread(target=self._pump, args=(source, sink, change, produces), daemon=True).start()

    @staticmethod
    def _pump(source, sink, change, produces):
        with contextlib.suppress(OSError, EOFError), source, sink, source.makefile("rb") as file:
            while head := file.read(4):
                message = bytearray(file.read(struct.unpack(">i", head)[0]))
                change(message, produces)
                sink.sendall(head + message)
            sink.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _note(request, produces):
        key, _, correlation = struct.unpack_from(">hhi", request)
        if key == PRODUCE:
            produces.add(correlation)

    def _answer(self, response, produces):
        """Version 3 to 8: correlation id, topics of name and partitions; of these number and error code come first."""
        (correlation,) = struct.unpack_from(">i", response)
        if correlation not in produces:
            return
        produces.remove(correlation)
        (length,) = struct.unpack_from(">h", response, 8)
        with self._lock:
            if response[10:10 + length] != self._topic:
                return
            self._topic = None
            self.told += 1
        struct.pack_into(">h", response, 10 + length + 4 + 4, OUT_OF_ORDER_SEQUENCE_NUMBER)
