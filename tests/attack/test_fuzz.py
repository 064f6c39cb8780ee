"""Random headers and bodies as raw HTTP/2 to every RPC of every service.

BELLWETHER_SEED repeats what is sent; BELLWETHER_ATTACK_CALLS says how many connections each service gets (default 1,500).
"""

import os

from attacked import SEED, AttackTest, main, refused_or_not
from hostile import Hostile
from rpcs import rpcs_of

CONNECTIONS = int(os.environ.get("BELLWETHER_ATTACK_CALLS") or 1500)
# What has to be among the RPCs, or else reflection told less than there is.
KNOWN = {"/bellwether.v1.IngestionService/StreamReadings", "/bellwether.v1.QueryService/LookUpReadings", "/grpc.health.v1.Health/Watch"}


class FuzzTest(AttackTest):
    def test_every_rpc(self):
        seen = set()
        for service in (self.stack.ingestion, self.stack.query):
            rpcs = rpcs_of(service.ports["listen"])
            seen |= {rpc.path for rpc in rpcs}
            hostile = Hostile(f"{SEED}-{service.name}", service.ports["listen"], rpcs)
            with self.attacked(service.name):
                for i in range(CONNECTIONS):
                    with refused_or_not():
                        hostile.one()
                    self.assertIsNone(service.popen.poll(), f"{service.name} ended after connection {i} of seed {SEED}:\n{service.text()[-2000:]}")
        self.assertLessEqual(KNOWN, seen)


if __name__ == "__main__":
    main()
