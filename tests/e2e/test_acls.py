"""A broker that grants nothing that is not said: everything works with what `bellwether-admin acls` creates, and no user may do more."""

import pathlib
import subprocess
import unittest

from certificates import Authority
from kafka import Kafka, KafkaStack, require_kafka
from stack import PATIENCE, wait_until

USERS = ("ingestion", "scoring", "query", "nobody")
INDICATORS, SCORES, AUDIT = "bellwether.indicators.v1.e1", "bellwether.scores.v1.e1.r", "bellwether.audit.v1.e1"


def setUpModule():
    require_kafka()


class GuardedKafka(Kafka):
    """Certificates name who comes. The brokers and the operator may do everything, others what is granted. (SCRAM would be as good; but Debian's
    librdkafka 2.0.2 says the client's nonce twice, which Kafka refuses since 3.8.1: the library mends it in 2.6.1.)"""

    def _configure(self, i, controller, cluster_id):
        super()._configure(i, controller, cluster_id)
        folder = self.folder / str(i)
        self.authority = Authority(folder, "authority")
        certificate, key = self.authority.sign("broker")
        keystore = folder / "broker.pem"
        keystore.write_text(key.read_text() + certificate.read_text())
        properties = folder / "server.properties"
        listeners = f"SSL://127.0.0.1:{self.ports[i]}"
        kept = [line for line in properties.read_text().splitlines() if not line.startswith(("listeners=", "advertised.listeners="))]
        properties.write_text("\n".join(kept) + f"""
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map=SSL:SSL,CONTROLLER:PLAINTEXT
security.inter.broker.protocol=SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={self.authority.certificate}
ssl.client.auth=required
ssl.principal.mapping.rules=RULE:^CN=(.*)$/$1/
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:broker;User:operator;User:ANONYMOUS
""")


class GuardedStack(KafkaStack):
    def __init__(self):
        self.cluster = GuardedKafka()
        self.cluster.start_all()
        self.kafka = self.cluster.bootstrap
        self.files = {user: self.settings(user) for user in ("operator", *(f"bellwether-{user}" for user in USERS))}
        self.operator = ["--kafka-property-file", str(self.files["operator"])]
        self.admin("topics", *self.operator)

    def settings(self, user):
        certificate, key = self.cluster.authority.sign(user)
        file = pathlib.Path(self.cluster.folder) / f"{user}.properties"
        file.write_text(f"security.protocol=ssl\nssl.ca.location={self.cluster.authority.certificate}\nssl.certificate.location={certificate}\nssl.key.location={key}\n")
        return file

    def start_service(self, name, *arguments, **keywords):
        return super().start_service(name, "--kafka-property-file", str(self.files[f"bellwether-{name}"]), *arguments, **keywords)

    def produces(self, user, topic):
        """Whether the user's record is taken."""
        settings = self.files[f"bellwether-{user}"].read_text().splitlines()
        done = subprocess.run(["kcat", "-P", "-b", self.kafka, "-t", topic, "-p", "0", *(w for s in settings for w in ("-X", s)), "-X", "message.timeout.ms=8000"],
                              input="x", capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.returncode == 0 and "failed" not in done.stderr


class AclsTest(unittest.TestCase):
    def test_each_user_may_what_its_service_needs_and_no_more(self):
        stack = GuardedStack.started(self.addCleanup)
        printed = stack.admin("acls", *stack.operator).stdout
        self.assertIn(f"User:bellwether-query may READ topic {SCORES}", printed)
        self.assertNotRegex(printed, r"bellwether-query may WRITE|CREATE|DELETE|ALTER")
        # Nothing is granted yet: a service says so, and ends, to be started again.
        early = stack.start_service("query")
        self.assertEqual(early.popen.wait(PATIENCE), 1)
        self.assertIn("there is none that this user may see", early.text())
        created = stack.admin("acls", "--create", *stack.operator).stdout
        self.assertIn("created", created)
        access = pathlib.Path(stack.cluster.folder) / "access.yaml"
        access.write_text("roles: [{name: all, actions: [read]}]\ngrants: [{principals: [anonymous], role: all}]\n")
        stack.start_services()
        stack.load_example()
        self.assertIn("T21a", stack.cli("report", "--period", "2022-02", "--format", "csv").stdout)
        # With access.yaml, ingestion writes the audit, too.
        audited = stack.start_service("ingestion", "--access", str(access))
        audited.await_ready()
        refused = stack.cli("comment", "T11", "2022-02", "words", environment={"BELLWETHER_INGESTION": stack.address(audited)}, check=False)
        self.assertIn("strangers may not comment", refused.stderr)
        wait_until(lambda: "refused anonymous RecordComment" in stack.admin("audit", *stack.operator).stdout, "the audit has the refusal")
        scores = next(line.split()[-1] for line in printed.splitlines() if SCORES in line)
        self.assertTrue(stack.produces("scoring", f"{INDICATORS}.dlt"), "what may be written is")
        for user, topic in (("scoring", INDICATORS), ("scoring", AUDIT), ("query", INDICATORS), ("query", scores), ("query", f"{INDICATORS}.dlt"), ("query", AUDIT),
                            ("ingestion", scores), ("nobody", INDICATORS)):
            with self.subTest(user=user, topic=topic):
                self.assertFalse(stack.produces(user, topic))


if __name__ == "__main__":
    unittest.main(verbosity=2)
