"""Hostile and ordinary calls of every kind, at random, at once: nothing dies, nothing grows, no ordinary call fails.

Random calls go straight at the services, and so do bombs and half connections; floods of calls go through the proxy that is shipped, which
is there for them, and so do the ordinary ones. BELLWETHER_SOAK_SECONDS says for how long (60 by default), BELLWETHER_SEED what is done.
"""

import os
import pathlib
import random
import re
import threading
import time

from attacked import INGESTION, SEED, main, refused_or_not
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from edge_attack import EdgeAttackTest
from hostile import Hostile
from http2 import PING, PREFACE, Connection, frame, message, request, settings
from rpcs import rpcs_of
from stack import COUNCIL, PATIENCE, reading
from test_admin_port import push
from test_calls_under_way import PATHS, begin, large_halves
from test_connections import opened
from test_floods import endless_headers, rapid_resets
from test_packed import bomb

SOAK_SECONDS = int(os.environ.get("BELLWETHER_SOAK_SECONDS") or 60)
ATTACKERS = 3
ATTACKED = ("ingestion", "query")
ADMIN_HEADS = (b"PUT /log-level HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", b"GET /" + bytes(100),
               b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n")
# What a service may hold more at the end than after the first quarter, in MiB: what attackers leave behind would add up.
GROWTH = 64


def resident(service):
    """Resident memory, in MiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{service.popen.pid}/status").read_text())[1]) >> 10


class SoakTest(EdgeAttackTest):
    attempts = 1  # It is long enough for a hundredth to say something.

    def attacks(self, dice, name):
        """What an attacker may do next to that service: each ends by itself within seconds."""
        port, path = getattr(self.stack, name).ports["listen"], dice.choice(PATHS[name])
        any_service = dice.choice(self.services())

        def calls():
            with self.attacker(name) as connection:
                body = dice.choice((None, message(bytes(90))[:40], message(b"")))
                begin(connection, path, dice.choice((100, 1000, 5000)), body, end=dice.random() < 0.5)
                connection.wait(dice.random())

        def large():
            with self.attacker(name) as connection:
                large_halves(connection, path, 100, 1)

        def resets():
            for _ in range(dice.choice((1, 10, 50))):
                with refused_or_not(), self.attacker(name) as connection:
                    rapid_resets(connection, 500, path)

        def headers():
            with self.attacker(name) as connection:
                endless_headers(connection, 4 << 20, b"\x10\x01x\x00" * dice.choice((1, 100, 1000)))

        def packed():
            with Connection(port) as connection:
                connection.call(request(path, ("grpc-encoding", "gzip")), message(self.bomb, compressed=1), seconds=2)

        def pings():
            with Connection(port, deaf=dice.random() < 0.5) as connection:
                for _ in range(10):
                    connection.send(dice.choice((frame(PING, 0, 0, bytes(8)), settings())) * 1000, 2)

        def halves():
            held = opened(port, each=dice.choice((1, 5)))
            time.sleep(dice.random())  # While they lie there.
            for connection in held:
                connection.close()

        def admin():
            push(any_service, dice.choice(ADMIN_HEADS), 10 << 20)

        def unread():
            with Connection(port, preface=PREFACE + settings({4: 0}), deaf=True) as connection:
                begin(connection, path, 200, message(b""), end=True)
                time.sleep(dice.random())  # While they lie there.

        def bad_stream():
            good = ingestion_pb.StreamReadingsRequest(readings=[reading("W1", "2022-02", 1)])
            frames = [good.SerializeToString(), b"\xff\xff", b"\x0a\x03abc"]
            with Connection(self.stack.ingestion.ports["listen"]) as connection:
                connection.call(request(INGESTION + "StreamReadings"), b"".join(message(dice.choice(frames)) for _ in range(20)), seconds=5)

        def polite():
            self.record(reading("W1", "2022-04", dice.randrange(99)))
            self.query.GetReport(query_pb.GetReportRequest(council=COUNCIL), timeout=PATIENCE)
        return (calls, large, resets, headers, packed, pings, halves, admin, unread, bad_stream, polite)

    def attack(self, number, until, hostile, counts, failures):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)  # As `politely` does.
        dice = random.Random(f"{SEED}-{number}")
        try:
            while time.monotonic() < until:
                with refused_or_not():
                    if dice.random() < 0.7:
                        counts["random calls"] = counts.get("random calls", 0) + 1
                        dice.choice(hostile).one()
                    else:
                        attack = dice.choice(self.attacks(dice, dice.choice(ATTACKED)))
                        counts[attack.__name__] = counts.get(attack.__name__, 0) + 1
                        attack()
        except Exception as failure:  # Told by the test, which joins the thread.
            failures.append(failure)

    def test_soak(self):
        print(f"BELLWETHER_SEED={SEED} BELLWETHER_SOAK_SECONDS={SOAK_SECONDS}", flush=True)
        self.bomb = bomb(200, "gzip")
        counts, failures = [{} for _ in range(ATTACKERS)], []
        listening = [(service, rpcs_of(service.ports["listen"])) for service in (self.stack.ingestion, self.stack.query)]
        for name in ATTACKED:  # What the allocators keep of each is not taken for growth.
            for attack in self.attacks(random.Random(f"{SEED}-{name}"), name):
                with refused_or_not():
                    attack()
        with self.attacked():
            until = time.monotonic() + SOAK_SECONDS
            threads = []
            for i in range(ATTACKERS):
                hostile = [Hostile(f"{SEED}-{i}-{service.name}", service.ports["listen"], rpcs) for service, rpcs in listening]
                threads.append(threading.Thread(target=self.attack, args=(i, until, hostile, counts[i], failures)))
            for thread in threads:
                thread.start()
            time.sleep(SOAK_SECONDS / 4)  # What has its size by then keeps it.
            early = {service: resident(service) for service in self.services()}
            for thread in threads:
                thread.join(SOAK_SECONDS + PATIENCE)
                self.assertFalse(thread.is_alive())
        self.assertEqual(failures, [])
        together = {name: sum(count.get(name, 0) for count in counts) for name in sorted({name for count in counts for name in count})}
        print(", ".join(f"{count} {name}" for name, count in together.items()), flush=True)
        for service, before in early.items():
            print(f"{service.name}: {before} MiB after a quarter of the time, {resident(service)} MiB at the end", flush=True)
            self.assertLess(resident(service), before + GROWTH, service.name)


if __name__ == "__main__":
    main()
