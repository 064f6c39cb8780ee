"""More calls at once than anybody needs, straight at a service, on one connection and on many.

gRPC 1.51 hands a unary call over when its message is whole, so those that are half sent are counted by nobody, and it limits a connection's calls
only once the caller has acknowledged that limit. Messages that never become whole it keeps within bounds; of very many calls it ends a service at
times (`may_die`). test_edge.py makes the same attacks through the proxy that is shipped, where ordinary calls must not suffer.
"""

import time

from attacked import INGESTION, QUERY, AttackTest, main, refused_or_not
from http2 import DATA, END_HEADERS, END_STREAM, HEADERS, Connection, block, frame, message, request

CALLS = 30_000
PATHS = {"query": (QUERY + "GetReport", QUERY + "WatchReport"), "ingestion": (INGESTION + "RecordReadings", INGESTION + "StreamReadings")}


def begin(connection, path, calls, body=None, end=False):
    """Begins so many calls: with headers alone, or with a body, whole or not."""
    headers = block(request(path))
    for first in range(0, calls, 100):
        connection.send(b"".join(frame(HEADERS, END_HEADERS, n, headers) + (b"" if body is None else frame(DATA, END_STREAM if end else 0, n, body))
                                 for n in range(2 * first + 1, 2 * first + 201, 2)), 10)


def large_halves(connection, path, calls, seconds=5):
    """Begins messages of 1 MiB, and sends a quarter of each; less where the windows open no more, or not within that time."""
    until = time.monotonic() + seconds
    rest = {connection.open(request(path)): memoryview(message(bytes(1 << 20)))[:250 << 10] for _ in range(calls)}
    quiet = 0
    while rest and quiet < 3 and time.monotonic() < until:
        sent = 0
        for stream, left in list(rest.items()):
            now = connection.data_now(stream, left)
            sent, rest[stream] = sent + now, left[now:]
            if not rest[stream]:
                del rest[stream]
        quiet = 0 if sent else quiet + 1
        if not sent:
            connection.wait(0.1)


class CallsUnderWayTest(AttackTest):
    def each(self, attack, what="", connections=1, deaf=False, **how):
        """On a unary call of each service: streams are counted from their headers on."""
        for name in ("ingestion", "query"):
            path, port = PATHS[name][0], getattr(self.stack, name).ports["listen"]
            with self.attacked(f"{path} {what}".strip(), **how):
                held = []
                for _ in range(connections):
                    with refused_or_not():
                        held.append(Connection(port, deaf=deaf))
                        attack(held[-1], path)
                for connection in held:
                    connection.abort()

    def test_very_many(self):
        """By who never reads, and so never acknowledges gRPC's limit of calls."""
        for what, body, end in (("half", message(bytes(100))[:50], False), ("whole", message(b""), True)):
            self.restart_what_ended()
            self.each(lambda connection, path, body=body, end=end: begin(connection, path, CALLS, body, end), what, deaf=True, may_die=True)

    def test_large_halves(self):
        """Together 576 MiB."""
        self.each(lambda connection, path: large_halves(connection, path, 200), connections=12, suffers=True)


if __name__ == "__main__":
    main()
