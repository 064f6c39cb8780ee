"""TLS from files: who gets in, what is refused with which words, and certificates exchanged under load."""

import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

import grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from certificates import Authority
from stack import BIN, COUNCIL, PATIENCE, SCHEMES, Stack, indicator, wait_until

REQUEST = query_pb.ListIndicatorsRequest(council=COUNCIL)


def metric(service, name):
    """The value of a metric without labels."""
    for line in service.get("/metrics")[1].splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return None


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority = Authority(cls.folder)
        cls.stranger = Authority(cls.folder, "stranger")
        cls.client = cls.authority.sign("feed")
        cls.stack = Stack.started(cls.addClassCleanup)
        catalogue = cls.folder / "catalogue.yaml"
        catalogue.write_text(f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators: [{indicator('T1')}]\n")
        cls.stack.cli("catalogue", "apply", str(catalogue))

    def start(self, name="query", mutual=True):
        """A service with TLS; the files that it serves from, which the test may exchange."""
        served = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        self.install(served, *self.authority.sign(served.name))
        flags = ["--tls-certificate", served / "tls.pem", "--tls-key", served / "tls.key"]
        if mutual:
            flags += ["--tls-client-ca", self.authority.certificate]
        service = self.stack.start_service(name, *map(str, flags))
        service.await_ready()
        return service, served

    @staticmethod
    def install(served, certificate, key):
        """Exchanges certificate and key as tools do: each by a rename, one after the other."""
        for source, name in ((certificate, "tls.pem"), (key, "tls.key")):
            shutil.copy(source, served / f"{name}.new")
            os.replace(served / f"{name}.new", served / name)

    def channel(self, service, authority=None, client=None):
        # Subchannels are shared by channels of one process: a test's look at the door must be a new one.
        certificate, key = (path.read_bytes() for path in client) if client else (None, None)
        credentials = grpc.ssl_channel_credentials((authority or self.authority).certificate.read_bytes(), key, certificate)
        return grpc.secure_channel(self.stack.address(service), credentials, options=[("grpc.use_local_subchannel_pool", 1)])

    def ask(self, service, authority=None, client=None):
        with self.channel(service, authority, client) as channel:
            return query_grpc.QueryServiceStub(channel).ListIndicators(REQUEST, timeout=10)

    def shown(self, service):
        """The certificate that the server shows."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.load_cert_chain(*self.client)
        with socket.create_connection(("127.0.0.1", service.ports["listen"]), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.getpeercert()["serialNumber"]

    def assert_refused(self, call, *arguments, **keywords):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **keywords)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE, caught.exception.details())

    def test_server_tls(self):
        service, _ = self.start(mutual=False)
        self.ask(service)
        self.assert_refused(self.ask, service, authority=self.stranger)
        with grpc.insecure_channel(self.stack.address(service)) as plain:
            self.assert_refused(query_grpc.QueryServiceStub(plain).ListIndicators, REQUEST, timeout=10)

    def test_mutual_tls_lets_in_whom_the_authority_signed(self):
        service, _ = self.start()
        self.ask(service, client=self.client)
        self.assert_refused(self.ask, service)
        self.assert_refused(self.ask, service, client=self.stranger.sign("stranger"))
        self.assert_refused(self.ask, service, client=self.authority.sign("late", days=-1))

    def test_certificates_are_exchanged_under_load_and_no_call_fails(self):
        service, served = self.start()
        stop, failures, calls = threading.Event(), [], [0, 0]

        def call_on(place, fresh):
            with self.channel(service, client=self.client) as channel:
                kept = query_grpc.QueryServiceStub(channel)
                while not stop.is_set():
                    try:
                        if fresh:
                            self.ask(service, client=self.client)
                        else:
                            kept.ListIndicators(REQUEST, timeout=10)
                        calls[place] += 1
                    except grpc.RpcError as error:
                        failures.append(f"{error.code()}: {error.details()}")

        threads = [threading.Thread(target=call_on, args=(place, fresh)) for place, fresh in ((0, False), (1, True))]
        for thread in threads:
            thread.start()
        try:
            for i in range(3):
                before, earlier = self.shown(service), list(calls)
                self.install(served, *self.authority.sign(f"exchange-{i}"))
                wait_until(lambda before=before: self.shown(service) != before, "the new certificate is shown", 20)
                wait_until(lambda earlier=earlier: all(now > then for now, then in zip(calls, earlier)), "calls go on", 20)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertIn("the certificate was replaced", service.text())

    def test_a_pair_that_does_not_fit_is_not_taken(self):
        service, served = self.start()
        before = self.shown(service)
        expiry = metric(service, "bellwether_tls_certificate_expiry_timestamp_seconds")
        self.assertEqual(metric(service, "bellwether_tls_certificate_usable"), 1)
        certificate, _ = self.authority.sign("half")
        shutil.copy(certificate, served / "tls.pem")
        wait_until(lambda: metric(service, "bellwether_tls_certificate_usable") == 0, "the metric tells", 20)
        self.assertIn("is not the private key of the certificate", service.text())
        self.ask(service, client=self.client)
        self.assertEqual(self.shown(service), before)
        self.assertEqual(metric(service, "bellwether_tls_certificate_expiry_timestamp_seconds"), expiry)
        self.install(served, *self.authority.sign("whole"))
        wait_until(lambda: metric(service, "bellwether_tls_certificate_usable") == 1, "the new pair is taken", 20)
        wait_until(lambda: self.shown(service) != before, "the new pair is shown", 20)

    def test_the_command_line(self):
        ingestion, _ = self.start("ingestion")
        query, _ = self.start("query")
        environment = {"BELLWETHER_INGESTION": self.stack.address(ingestion), "BELLWETHER_QUERY": self.stack.address(query),
                       "BELLWETHER_TIMEOUT": "20"}
        tls = {"BELLWETHER_TLS_CA": str(self.authority.certificate), "BELLWETHER_TLS_CERTIFICATE": str(self.client[0]),
               "BELLWETHER_TLS_KEY": str(self.client[1])}
        self.stack.cli("catalogue", "show", environment={**environment, **tls})
        flags = ("--tls-ca", tls["BELLWETHER_TLS_CA"], "--tls-certificate", tls["BELLWETHER_TLS_CERTIFICATE"], "--tls-key",
                 tls["BELLWETHER_TLS_KEY"])
        self.stack.cli(*flags, "catalogue", "show", environment=environment)
        for name, wrong in (("plaintext", {}), ("no certificate", {"BELLWETHER_TLS_CA": tls["BELLWETHER_TLS_CA"]}),
                            ("another authority", {**tls, "BELLWETHER_TLS_CA": str(self.stranger.certificate)})):
            with self.subTest(name):
                result = self.stack.cli("catalogue", "show", environment={**environment, **wrong, "BELLWETHER_TIMEOUT": "3"}, check=False)
                self.assertEqual(result.returncode, 3, result.stderr)
        for name, arguments, words in (
                ("off loopback", ("--query", "bellwether.example:7402"), "is on another machine: give --tls-ca"),
                ("no such file", ("--tls-ca", "/nowhere.pem"), "/nowhere.pem: ")):
            with self.subTest(name):
                result = self.stack.cli(*arguments, "catalogue", "show", environment=environment, check=False)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(words, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_a_service_does_not_start_with_less_than_it_should(self):
        good, late = self.authority.sign("good"), self.authority.sign("expired", days=-1)
        other = self.authority.sign("other")
        off_loopback = ("--listen", "0.0.0.0:0", "--everyone-may")
        pair = ("--tls-certificate", str(good[0]), "--tls-key", str(good[1]))
        cases = (
            ("plaintext off loopback", off_loopback, "can be reached from other machines: give --tls-certificate"),
            ("expired", ("--tls-certificate", str(late[0]), "--tls-key", str(late[1])), "expired at"),
            ("another's key", ("--tls-certificate", str(good[0]), "--tls-key", str(other[1])), "is not the private key"),
            ("no key", ("--tls-certificate", str(good[0])), "give both"),
            ("only an authority", ("--tls-client-ca", str(self.authority.certificate)), "needs --tls-certificate"),
            ("both ways", (*off_loopback, *pair, "--insecure-plaintext"), "--insecure-plaintext: not together with"),
        )
        for name in ("ingestion", "query"):
            for what, flags, words in cases:
                with self.subTest(name, what=what):
                    result = subprocess.run([BIN / f"bellwether-{name}", "--kafka", self.stack.kafka, "--admin", "127.0.0.1:0", *flags],
                                            capture_output=True, text=True, timeout=PATIENCE, check=False)
                    self.assertEqual(result.returncode, 2, result.stderr)
                    self.assertIn(words, result.stderr)
                    self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            for flags in ((*off_loopback, *pair), (*off_loopback, "--insecure-plaintext")):
                result = subprocess.run([BIN / f"bellwether-{name}", "--check-config", *flags], capture_output=True, text=True,
                                        timeout=PATIENCE, check=False)
                self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
