"""The admin port: what it takes in is small, and whoever is slow holds up nobody."""

import http.client
import threading
import time

from attacked import AttackTest, main, refused_or_not
from http2 import connect

LIVEZ_WITHIN = 5  # Seconds; a liveness probe that waits longer restarts the service.


def push(service, head, size):
    """Sends a head and a body of so many bytes; what was taken, and the first line of the answer."""
    taken, piece = 0, b"x" * (1 << 20)
    with connect(service.ports["admin"], 10) as connection:
        with refused_or_not():
            connection.sendall(head)
            while taken < size:
                taken += connection.send(piece)
        with refused_or_not():
            return taken, connection.recv(200).split(b"\r\n")[0]
    return taken, b""


class AdminPortTest(AttackTest):
    def livez(self, service):
        """Seconds until /livez answers."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", service.ports["admin"], timeout=LIVEZ_WITHIN)
        connection.request("GET", "/livez")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        return time.monotonic() - began

    def test_bodies_that_are_too_large(self):
        with self.attacked():
            for service in self.services():
                for line in (b"PUT /log-level", b"POST /livez", b"POST /nowhere", b"PUT /readyz", b"PATCH /metrics", b"DELETE /log-level", b"GET /livez"):
                    push(service, line + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 262144000\r\n\r\n", 250 << 20)
                for chunk in (b"fa00000\r\n", b"-2\r\n", b"ffffffffffffffff\r\n", b"zz\r\n"):
                    push(service, b"PUT /log-level HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk, 250 << 20)

    def test_heads_that_are_too_large(self):
        with self.attacked():
            for service in self.services():
                for head in (b"GET /" + b"a" * (8 << 20), b"GET /livez HTTP/1.1\r\n" + b"X-A: b\r\n" * (1 << 20),
                             b"GET /livez HTTP/1.1\r\nX-A: " + b"b" * (8 << 20), b"\xff\x00" * (1 << 20)):
                    push(service, head, 50 << 20)

    def test_connections_that_drip(self):
        stop = threading.Event()

        def drip(service, head):
            with refused_or_not(), connect(service.ports["admin"], 10) as connection:
                connection.sendall(head)
                while not stop.wait(0.5):
                    connection.sendall(b"a")
        heads = (b"GET /livez HTTP/1.1\r\nX-A: ", b"PUT /log-level HTTP/1.1\r\nContent-Length: 4000\r\n\r\n", b"G", b"")
        threads = [threading.Thread(target=drip, args=(service, head)) for service in self.services() for head in heads * 5]
        with self.attacked():
            for thread in threads:
                thread.start()
            try:
                until = time.monotonic() + 5
                while time.monotonic() < until:
                    for service in self.services():
                        self.assertLess(self.livez(service), LIVEZ_WITHIN)
                    time.sleep(0.2)  # As a probe does.
            finally:
                stop.set()
                for thread in threads:
                    thread.join()

    def test_connections_that_stay(self):
        """Hundreds that are kept alive, silent or with answers that nobody reads: /livez answers."""
        with self.attacked():
            for service in self.services():
                held = []
                for i in range(300):
                    with refused_or_not():
                        connection = connect(service.ports["admin"], 2)
                        held.append(connection)
                        if i % 3:
                            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * (i % 3 * 20))
                self.assertLess(self.livez(service), LIVEZ_WITHIN)
                for connection in held:
                    connection.close()


if __name__ == "__main__":
    main()
