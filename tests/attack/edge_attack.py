"""Attacks with the proxy that is shipped before the services: ordinary calls go through it, and attackers by choice."""

import ssl
import tempfile

from attacked import AttackTest
from edge import Edge, program
from http2 import Connection


class EdgeAttackTest(AttackTest):
    @classmethod
    def setUpClass(cls):
        program()
        super().setUpClass()

    @classmethod
    def ordinary_ports(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.edge = Edge(folder.name, cls.stack.ingestion.ports["listen"], cls.stack.query.ports["listen"])
        cls.addClassCleanup(cls.edge.close)
        return cls.edge.ports["ingestion"], cls.edge.ports["query"], (cls.edge.authority.certificate, *cls.edge.client)

    def attacker(self, service, **how):
        context = ssl.create_default_context(cafile=self.edge.authority.certificate)
        context.load_cert_chain(*self.edge.client)
        context.set_alpn_protocols(["h2"])
        return Connection(self.edge.ports[service], tls=context, **how)
