"""Debian's nginx with the settings that are shipped, as an unprivileged process on loopback."""

import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

from certificates import Authority
from stack import LOGS, PATIENCE, SOURCE, wait_until

NGINX = SOURCE / "build" / "tools" / "nginx" / "usr" / "sbin" / "nginx"
SETTINGS = SOURCE / "deploy" / "edge" / "nginx.conf"
IN_CONTAINER = SOURCE / "deploy" / "edge" / "container.sed"


def program():
    """Where nginx is. Skips the test where it cannot be had; with BELLWETHER_REQUIRE_EDGE=1 that is a failure."""
    if NGINX.exists():
        return NGINX
    lacks = "nginx is missing: ./dev test fetches it out of Debian's package"
    if os.environ.get("BELLWETHER_REQUIRE_EDGE") == "1":
        raise AssertionError(f"{lacks}, but BELLWETHER_REQUIRE_EDGE=1")
    raise unittest.SkipTest(lacks)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Edge:
    """nginx before `ingestion` and `query` (ports). `ports` has its own two. `proxy`: its certificate and key, where the services ask who calls.
    `container`: with the settings of docker-compose.edge.yml, for which the services' certificate has the names `ingestion` and `query`.
    `changes`: settings in the place of those shipped."""

    def __init__(self, folder, ingestion, query, authority=None, proxy=None, container=False, **changes):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nginx-", dir=folder))
        self.authority = authority or Authority(self.folder)
        certificate, key = self.authority.sign("edge")
        self.client = self.authority.sign("caller")
        self.ports = {"ingestion": free_port(), "query": free_port()}
        self.log = LOGS / f"nginx-{os.getpid()}-{self.ports['query']}.log"
        LOGS.mkdir(exist_ok=True)
        text = SETTINGS.read_text()
        listening = [("listen 7441 ", f"listen 127.0.0.1:{self.ports['ingestion']} "), ("listen 7442 ", f"listen 127.0.0.1:{self.ports['query']} ")]
        if container:
            text = subprocess.run(["sed", "-E", "-f", IN_CONTAINER, SETTINGS], check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
            replaced = [("/tmp/nginx.pid", self.folder / "pid"), ("error_log stderr warn", f"error_log {self.log} warn"),
                        ("/run/secrets/tls/tls.crt", certificate), ("/run/secrets/tls/tls.key", key), ("ssl_client_certificate /run/secrets/tls/ca.crt", f"ssl_client_certificate {self.authority.certificate}"),
                        ("grpc_ssl_trusted_certificate /run/secrets/tls/ca.crt", f"grpc_ssl_trusted_certificate {self.authority.certificate}"),
                        ("/run/secrets/tls/proxy.crt", proxy[0]), ("/run/secrets/tls/proxy.key", proxy[1]),
                        ("server ingestion:7401;", f"server 127.0.0.1:{ingestion};"), ("server query:7402;", f"server 127.0.0.1:{query};"),
                        *((f" /tmp/{kind};", f" {self.folder / kind};") for kind in ("body", "proxy", "fastcgi", "uwsgi", "scgi"))]
        else:
            replaced = [("/run/nginx.pid", self.folder / "pid"), ("error_log /var/log/nginx/error.log warn", f"error_log {self.log} warn"),
                        ("/etc/nginx/tls/tls.crt", certificate), ("/etc/nginx/tls/tls.key", key), ("/etc/nginx/tls/ca.crt", self.authority.certificate),
                        ("server 127.0.0.1:7401;", f"server 127.0.0.1:{ingestion};"), ("server 127.0.0.1:7402;", f"server 127.0.0.1:{query};")]
        for there, here in (*replaced, *listening):
            assert text.count(there) == 1, f"the settings have {there!r} {text.count(there)} times"
            text = text.replace(there, str(here))
        if container:
            others = text
            for ours in (self.folder, self.authority.folder, self.log):
                others = others.replace(str(ours), "")
            assert not re.search(r"(?m)^[^#]*(/etc/|/var/|/run/|/tmp/|grpc://|127\.0\.0\.1:74)", others), text
        if proxy and not container:
            for there, here in (("#grpc_ssl", "grpc_ssl"), ("grpc_pass grpc://", "grpc_pass grpcs://"), ("/etc/nginx/tls/proxy.crt", proxy[0]),
                                ("/etc/nginx/tls/proxy.key", proxy[1]), ("/etc/nginx/tls/services-ca.crt", self.authority.certificate)):
                assert there in text, there
                text = text.replace(there, str(here))
        for name, value in changes.items():
            text, found = re.subn(rf"(?m)^(    {name}) .*;", rf"\1 {value};", text)
            assert found == 1, f"{SETTINGS} has the setting {name} {found} times"
        # What is built in, or for a daemon: temporary folders, and to stay in the foreground.
        if not container:
            folders = " ".join(f"{kind}_temp_path {self.folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
            text = text.replace("http {", f"http {{ {folders}", 1)
        settings = self.folder / "nginx.conf"
        settings.write_text(f"daemon off;\nmaster_process on;\n{text}")
        self.popen = subprocess.Popen([program(), "-c", settings, "-e", self.log], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for port in self.ports.values():
                wait_until(lambda port=port: self._accepts(port), "nginx listens", PATIENCE)
        except BaseException:
            self.close()
            raise

    def _accepts(self, port):
        assert self.popen.poll() is None, f"nginx ended:\n{self.text()}"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    def text(self):
        return self.log.read_text() if self.log.exists() else ""

    def close(self):
        if self.popen.poll() is None:
            self.popen.terminate()
        self.popen.wait(PATIENCE)
