"""A broker that wants TLS and passwords: every program gets in with what --kafka-property gives it, and says why it does not."""

import pathlib
import unittest

from certificates import Authority
from kafka import Kafka, KafkaStack, free_ports, require_kafka
from stack import wait_until

PASSWORD = "s3cret-of-the-test"
WRONG = "wr0ng-of-the-test"


def setUpModule():
    require_kafka()


class SecureKafka(Kafka):
    """SSL with certificates of both sides; SASL_SSL with a password."""

    def _configure(self, i, controller, cluster_id):
        super()._configure(i, controller, cluster_id)
        folder = self.folder / str(i)
        self.authority = Authority(folder, "authority")
        self.stranger = Authority(folder, "stranger")
        self.client = self.authority.sign("bellwether")
        certificate, key = self.authority.sign("broker")
        keystore = folder / "broker.pem"
        keystore.write_text(key.read_text() + certificate.read_text())
        (self.sasl_port,) = free_ports(1)
        properties = folder / "server.properties"
        listeners = f"SSL://127.0.0.1:{self.ports[i]},SASL_SSL://127.0.0.1:{self.sasl_port}"
        kept = [line for line in properties.read_text().splitlines() if not line.startswith(("listeners=", "advertised.listeners="))]
        properties.write_text("\n".join(kept) + f"""
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map=SSL:SSL,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
security.inter.broker.protocol=SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={self.authority.certificate}
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_bellwether="{PASSWORD}";
""")


class SecureStack(KafkaStack):
    def __init__(self):
        self.cluster = SecureKafka()
        self.cluster.start_all()
        self.kafka = self.cluster.bootstrap
        self.flags = ()
        self.admin("topics", *self.ssl())

    def ssl(self, authority=None):
        certificate, key = self.cluster.client
        settings = ("security.protocol=ssl", f"ssl.ca.location={(authority or self.cluster.authority).certificate}",
                    f"ssl.certificate.location={certificate}", f"ssl.key.location={key}")
        return [word for setting in settings for word in ("--kafka-property", setting)]

    def sasl(self, name, password):
        """A file of settings, as a container's secret would be."""
        file = pathlib.Path(self.cluster.folder) / name
        file.write_text(f"""# How to get in.
security.protocol=sasl_ssl
ssl.ca.location={self.cluster.authority.certificate}
sasl.mechanism=PLAIN
sasl.username=bellwether
sasl.password={password}
""")
        file.chmod(0o600)
        return ["--kafka-property-file", str(file)]

    def start_service(self, name, *arguments, **keywords):
        return super().start_service(name, "--log-level", "debug", *self.flags, *arguments, **keywords)

    def use(self, port, flags):
        self.kafka, self.flags = f"127.0.0.1:{port}", flags


class KafkaSecurityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = SecureStack.started(cls.addClassCleanup)

    def tearDown(self):
        for process in self.stack.processes:
            process.stop()
            self.assertNotIn(PASSWORD, process.text())
            self.assertNotIn(WRONG, process.text())
        self.stack.processes.clear()

    def load_and_read(self):
        self.stack.start_services()
        self.stack.load_example()
        self.assertIn("T21a", self.stack.cli("report", "--period", "2022-02", "--format", "csv").stdout)

    def test_certificates(self):
        self.stack.use(self.stack.cluster.ports[0], self.stack.ssl())
        self.load_and_read()

    def test_a_password_from_a_file(self):
        self.stack.use(self.stack.cluster.sasl_port, self.stack.sasl("right", PASSWORD))
        self.assertIn("set as it must be", self.stack.admin("topics", *self.stack.flags).stdout)
        self.load_and_read()

    def test_who_may_not_in_says_why_and_lives(self):
        cluster = self.stack.cluster
        for what, port, flags, words in (
                ("wrong password", cluster.sasl_port, self.stack.sasl("wrong", WRONG), "authentication"),
                ("unknown authority", cluster.ports[0], self.stack.ssl(cluster.stranger), "certificate verify failed"),
                ("plaintext", cluster.ports[0], [], "does not answer")):
            self.stack.use(port, flags)
            for name in ("ingestion", "scoring", "query"):
                with self.subTest(what, service=name):
                    service = self.stack.start_service(name)
                    wait_until(lambda service=service, words=words: words in service.get("/readyz")[1].lower(), f"{name} says why", 30)
                    self.assertEqual(service.get("/readyz")[0], 503)
                    self.assertEqual(service.get("/livez")[0], 200)
                    self.assertEqual(service.stop(), 0)
            refused = self.stack.admin("topics", "--timeout", "5", *flags, check=False)
            self.assertEqual(refused.returncode, 3, refused.stderr)
            self.assertIn(words, refused.stderr.lower())
            self.assertNotIn(WRONG, refused.stdout + refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
