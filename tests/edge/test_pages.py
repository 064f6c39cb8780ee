"""deploy/edge/pages.conf: nginx before the pages, with a sign-in that answers as oauth2-proxy does (--set-xauthrequest)."""

import contextlib
import http.client
import http.cookies
import http.server
import json
import pathlib
import ssl
import subprocess
import tempfile
import threading
import unittest

from certificates import Authority
from edge import free_port, program
from stack import COUNCIL, LOGS, PATIENCE, SOURCE, Stack, wait_until

SETTINGS = SOURCE / "deploy" / "edge" / "pages.conf"
REPORT = f"/{COUNCIL}/reports/2022-02"
SECRET = "s" * 40
# Session, to address and groups.
SESSIONS = {"of-ada": ("ada@example.gov.uk", ""), "of-cy": ("cy@example.gov.uk", "staff,members"), "of-dan": ("dan@example.gov.uk", "")}


class SignIn(http.server.BaseHTTPRequestHandler):
    """What of oauth2-proxy nginx asks."""

    ended = set()

    def do_GET(self):  # noqa: N802
        session = http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("__Host-session")
        known = SESSIONS.get(session.value) if session and session.value not in self.ended else None
        if self.path != "/oauth2/auth":
            self.send_response(200)
        elif known:
            self.send_response(202)
            self.send_header("X-Auth-Request-Email", known[0])
            self.send_header("X-Auth-Request-Groups", known[1])
        else:
            self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class PagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        nginx = program()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.authority = Authority(cls.folder)
        cls.stack = Stack.started(cls.addClassCleanup)
        cls.stack.load_example()
        access = cls.folder / "access.yaml"
        access.write_text(f"""principals:
  - {{name: pages, certificate: pages}}
  - {{name: ada, reader: ada@example.gov.uk}}
roles: [{{name: pages, actions: [read-for]}}, {{name: reader, actions: [read]}}]
grants:
  - {{principals: [pages], role: pages}}
  - {{principals: [ada], role: reader, councils: [{COUNCIL}], refs: [T11]}}
  - {{groups: [members], role: reader, councils: [{COUNCIL}]}}
""")
        certificate, key = cls.authority.sign("edge")
        tls = ["--tls-certificate", str(certificate), "--tls-key", str(key), "--tls-client-ca", str(cls.authority.certificate)]
        query = cls.stack.start_service("query", *tls, "--access", str(access))
        query.await_ready()
        secret = cls.folder / "secret"
        secret.write_text(SECRET)
        pages = cls.authority.sign("pages", names=None)
        cls.web = cls.stack.start("bellwether-web", [
            "--query", cls.stack.address(query), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--tls-ca", str(cls.authority.certificate), "--tls-certificate", str(pages[0]),
            "--tls-key", str(pages[1]), "--reader-header", "X-Forwarded-User", "--reader-groups-header", "X-Forwarded-Groups", "--reader-secret-file", str(secret), "--live-time", "2"],
            r"listening on port (?P<listen>\d+), admin on port (?P<admin>\d+)")
        cls.web.await_ready()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SignIn)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.port = free_port()
        own = cls.folder / "secret.conf"
        own.write_text(f'proxy_set_header Bellwether-Proxy-Secret "{SECRET}";\n')
        text = SETTINGS.read_text()
        for there, here in (("listen 443 ", f"listen 127.0.0.1:{cls.port} "), ("/etc/nginx/tls/tls.crt", certificate), ("/etc/nginx/tls/tls.key", key),
                            ("server 127.0.0.1:7480;", f"server 127.0.0.1:{cls.web.ports['listen']};"), ("server 127.0.0.1:4180;", f"server 127.0.0.1:{server.server_port};"),
                            ("/etc/nginx/bellwether-proxy-secret.conf", own)):
            assert text.count(there) == 1, f"{SETTINGS} has {there!r} {text.count(there)} times"
            text = text.replace(there, str(here))
        folders = " ".join(f"{kind}_temp_path {cls.folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
        settings, log = cls.folder / "nginx.conf", LOGS / f"nginx-pages-{cls.port}.log"
        settings.write_text(f"daemon off;\npid {cls.folder / 'pid'};\nerror_log {log} warn;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}\n{text}}}\n")
        cls.nginx = subprocess.Popen([nginx, "-c", settings, "-e", log], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.nginx.wait, PATIENCE)
        cls.addClassCleanup(cls.nginx.terminate)
        wait_until(lambda: cls.nginx.poll() is not None or cls.answers(), "nginx answers")
        assert cls.nginx.poll() is None, log.read_text()

    @classmethod
    def connection(cls):
        context = ssl.create_default_context(cafile=str(cls.authority.certificate))
        return http.client.HTTPSConnection("127.0.0.1", cls.port, context=context, timeout=PATIENCE)

    @classmethod
    def answers(cls):
        try:
            with contextlib.closing(cls.connection()) as connection:
                connection.request("GET", "/oauth2/sign_in")
                return connection.getresponse().status == 200
        except OSError:
            return False

    def get(self, path, session=None, headers=None, method="GET", body=None):
        connection = self.connection()
        self.addCleanup(connection.close)
        connection.request(method, path, body, {**({"Cookie": f"__Host-session={session}"} if session else {}), **(headers or {})})
        answer = connection.getresponse()
        return answer, answer.read().decode("utf-8-sig")

    def rows(self, session, headers=None):
        answer, text = self.get(f"{REPORT}.csv", session, headers)
        return answer.status, len(text.splitlines()) - 1 if answer.status == 200 else 0

    def test_each_sees_its_own_and_whoever_is_not_signed_in_does_so(self):
        self.assertEqual(self.rows("of-ada")[0], 200)
        self.assertGreater(self.rows("of-cy")[1], 10 * self.rows("of-ada")[1])
        self.assertEqual(self.rows("of-dan")[0], 403)
        for session in (None, "of-nobody", "", "of-ada%00"):
            answer, _ = self.get(f"{REPORT}?status=red", session)
            self.assertEqual(answer.status, 302)
            self.assertIn(f"/oauth2/start?rd={REPORT}", answer.headers["Location"])

    def test_what_a_browser_says_of_itself_does_not_pass(self):
        for headers in ({"X-Forwarded-User": "cy@example.gov.uk", "X-Forwarded-Groups": "members"}, {"x-forwarded-groups": "members"}, {"X_Forwarded_Groups": "members"},
                        {"X-Auth-Request-Email": "cy@example.gov.uk", "X-Auth-Request-Groups": "members"}, {"Bellwether-Proxy-Secret": "x" * 40}):
            self.assertEqual(self.rows("of-ada", headers), self.rows("of-ada"), headers)
            self.assertEqual(self.rows("of-dan", headers)[0], 403, headers)
        answer, text = self.get("/bellwether.v1.QueryService/WhoAmI", "of-ada", {"Content-Type": "application/json", "X-Forwarded-User": "x"}, "POST", "{}")
        self.assertEqual((answer.status, json.loads(text)["principal"]), (200, "ada"))

    def test_a_page_that_is_kept_is_its_readers(self):
        tag = self.get(REPORT, "of-ada")[0].headers["ETag"]
        self.assertEqual(self.get(REPORT, "of-ada", {"If-None-Match": tag})[0].status, 304)
        self.assertEqual(self.get(REPORT, "of-cy", {"If-None-Match": tag})[0].status, 200)

    def test_an_open_page_ends_with_the_sign_in(self):
        def follow():
            connection = self.connection()
            self.addCleanup(connection.close)
            connection.request("GET", f"{REPORT}/changes", headers={"Cookie": "__Host-session=of-cy"})
            return connection.getresponse()

        self.addCleanup(SignIn.ended.clear)
        first = follow()
        self.assertEqual(first.status, 200)
        SignIn.ended.add("of-cy")
        self.assertIn(b"event: at\n", first.read(), "what was told, until it ended by itself")
        self.assertEqual(follow().status, 302, "the page that asks anew has to sign in")


if __name__ == "__main__":
    unittest.main(verbosity=2)
