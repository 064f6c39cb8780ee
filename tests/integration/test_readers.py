"""Whose page it is: readers whom a proxy names see what they were granted and nothing else, whatever others say, keep or share."""

import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

import grpc
from bellwether.v1 import access_pb2 as access_pb
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from bellwether.v1 import record_pb2 as record_pb
from certificates import Authority
from stack import BIN, COUNCIL, PATIENCE, SCHEMES, Stack, indicator, reading, wait_until

OTHER = "E06000062"
# (council, directorate, ref), the word and the figure that no other has.
PLACE, PEOPLE, FOREIGN = (COUNCIL, "Place", "T1"), (COUNCIL, "People", "T2"), (OTHER, "Place", "U1")
EXISTING = {PLACE: ("larkspur", "7130011"), PEOPLE: ("hollyhock", "7130022"), FOREIGN: ("foxglove", "7130033")}
CHARTED_WITH = {PLACE: "charted_with: T2, ", PEOPLE: "charted_with: T1, "}  # For who sees both.
SECRET, NEXT_SECRET = "a" * 32, "b" * 32
ACCESS = f"""contact: performance@example.gov.uk
principals:
  - {{name: pages, certificate: pages}}
  - {{name: ada, reader: ada@example.gov.uk}}
  - {{name: bob, reader: Bob Ó Briain}}
  - {{name: feed, certificate: feed}}
roles:
  - {{name: pages, actions: [read-for]}}
  - {{name: reader, actions: [read]}}
  - {{name: feed, actions: [record, comment, read]}}
grants:
  - {{principals: [pages], role: pages}}
  - {{principals: [ada], role: reader, councils: [{COUNCIL}], directorates: [Place]}}
  - {{principals: [bob], role: feed, councils: [{COUNCIL}], directorates: [People]}}
  - {{groups: [members], role: reader, councils: [{COUNCIL}]}}
  - {{principals: [feed], role: feed, councils: [{COUNCIL}]}}
  - {{principals: [anonymous], role: reader, councils: [{OTHER}]}}
limits: {{calls_per_second: 100000}}
"""
HEADER = ["--reader-header", "X-Forwarded-User", "--reader-groups-header", "X-Forwarded-Groups"]
ADA, BOB = {"X-Forwarded-User": "ada@example.gov.uk"}, {"X-Forwarded-User": "Bob Ó Briain".encode()}
MEMBER = {"X-Forwarded-User": "cy@example.gov.uk", "X-Forwarded-Groups": "staff, members"}
SEES = {"ada": (ADA, {PLACE}), "bob": (BOB, {PEOPLE}), "a member": (MEMBER, {PLACE, PEOPLE}), "nobody": ({}, {FOREIGN}),
        "somebody unknown": ({"X-Forwarded-User": "dan@example.gov.uk"}, set())}


def report(council=COUNCIL):
    return f"/{council}/reports/2022-02"


class ReadersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority = Authority(cls.folder)
        cls.access = cls.folder / "access.yaml"
        cls.access.write_text(ACCESS)
        cls.secrets = cls.folder / "secrets"
        cls.secrets.write_text(f"{SECRET}\n{NEXT_SECRET}\n")
        cls.stack = Stack.started(cls.addClassCleanup)
        cls.define_all()
        certificate, key = cls.authority.sign("server")
        cls.query = cls.stack.start_service("query", "--tls-certificate", str(certificate), "--tls-key", str(key), "--tls-client-ca",
                                            str(cls.authority.certificate), "--access", str(cls.access))
        cls.query.await_ready()
        cls.certificates = {name: cls.authority.sign(name, names=None) for name in ("pages", "feed", "nobody")}
        cls.web = cls.start_web(*HEADER, "--reader-secret-file", str(cls.secrets))
        cls.web.await_ready()

    @classmethod
    def define_all(cls):
        ingestion = cls.stack.ingestion_stub()
        for council in (COUNCIL, OTHER):
            catalogue = cls.folder / f"{council}.yaml"
            lines = ", ".join(indicator(scope[2], f"{CHARTED_WITH.get(scope, '')}directorate: {scope[1]}, notes: [{words[0]}]")
                              for scope, words in EXISTING.items() if scope[0] == council)
            catalogue.write_text(f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators: [{lines}]\n")
            cls.stack.cli("catalogue", "apply", str(catalogue))
        for (council, _, ref), (word, figure) in EXISTING.items():
            for month in ("2022-01", "2022-02"):
                cls.record(reading(ref, month, figure, council=council))
            comment = record_pb.Comment(council=council, ref=ref, period="2022-02", comment_id="c", text=f"of {word}")
            ingestion.RecordComment(ingestion_pb.RecordCommentRequest(comment=comment), timeout=PATIENCE)

    @classmethod
    def record(cls, one):
        result = cls.stack.ingestion_stub().RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[one]), timeout=PATIENCE).results[0]
        assert not result.errors, result
        return result.position

    @classmethod
    def start_web(cls, *flags, principal="pages", query=None):
        certificate, key = cls.certificates[principal]
        return cls.stack.start("bellwether-web", [
            "--query", cls.stack.address(query or cls.query), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--council", f"{COUNCIL}=The council",
            "--tls-ca", str(cls.authority.certificate), "--tls-certificate", str(certificate), "--tls-key", str(key), *flags],
            r"listening on port (?P<listen>\d+), admin on port (?P<admin>\d+)")

    def ask(self, method, path, headers, body=None, web=None, source=None, secret=SECRET):
        connection = http.client.HTTPConnection(self.stack.address(web or self.web), timeout=PATIENCE, source_address=(source, 0) if source else None)
        self.addCleanup(connection.close)
        connection.request(method, path, body, {**headers, **({"Bellwether-Proxy-Secret": secret} if secret else {})})
        answer = connection.getresponse()
        text = answer.read()
        return answer, (gzip.decompress(text) if answer.headers.get("Content-Encoding") == "gzip" else text).decode("utf-8-sig")

    def get(self, path, headers, **how):
        return self.ask("GET", path, headers, **how)

    def call(self, method, request, headers, **how):
        answer, text = self.ask("POST", f"/bellwether.v1.QueryService/{method}", {"Content-Type": "application/json", **headers}, json.dumps(request), **how)
        return answer.status, json.loads(text)

    def who(self, headers, **how):
        return self.call("WhoAmI", {}, headers, **how)[1].get("principal", "")

    def replace(self, text):
        """As a careful operator: renamed into place."""
        new = self.access.with_suffix(".new")
        new.write_text(text)
        new.rename(self.access)

    def test_each_reader_sees_what_it_was_granted_and_nothing_else(self):
        seen = set()
        for who, (headers, sees) in SEES.items():
            for council, ref in ((COUNCIL, "T1"), (COUNCIL, "T2"), (OTHER, "U1")):
                answers = [self.get(path, headers) for path in (
                    "/", f"/{council}", report(council), *(f"{report(council)}{s}" for s in (".csv", ".json", ".html", "/findings", "/keys")),
                    *(f"/{council}/indicators/{ref}{s}" for s in ("", ".csv", ".svg")))]
                for method, request in (("GetReport", {"council": council, "period": "2022-02"}), ("ListIndicators", {"council": council}),
                                        ("GetIndicator", {"council": council, "ref": ref, "includeComments": True}),
                                        ("ExplainScore", {"council": council, "ref": ref, "period": "2022-02"}), ("ListReadings", {"council": council}),
                                        ("ListFindings", {"council": council, "period": "2022-02"}), ("ListDueReadings", {"council": council, "period": "2022-03"})):
                    answers.append((None, json.dumps(self.call(method, request, headers)[1])))
                for answer, text in answers:
                    self.assertTrue(answer is None or answer.status < 500, text)
                    for scope, words in EXISTING.items():
                        held = [word for word in words if word in text.replace(",", "")]
                        if scope in sees:
                            seen.update((who, word) for word in held)
                        else:
                            self.assertEqual(held, [], f"{who}: {text}")
                has = {scope for scope in sees if scope[0] == council}
                self.assertEqual(self.get(report(council), headers)[0].status, 200 if has else 404 if sees else 403, f"{who} {council}")
        # The property sees what there is to see.
        self.assertEqual(seen, {(who, word) for who, (_, sees) in SEES.items() for scope in sees for word in EXISTING[scope]})

    def test_a_chart_shows_another_indicator_to_who_sees_it(self):
        for headers, other, sees_both in ((ADA, PEOPLE, False), (MEMBER, PEOPLE, True)):
            figure = f"{int(EXISTING[other][1]):,}"
            for path in (f"/{COUNCIL}/indicators/T1", f"/{COUNCIL}/indicators/T1.svg", f"/{COUNCIL}/indicators/T1.svg?size=small", f"{report()}.html"):
                self.assertEqual(figure in self.get(path, headers)[1], sees_both, path)
            self.assertEqual('alt="Chart of T1 and T2 over the year"' in self.get(report(), headers)[1], sees_both)

    def test_who_has_no_name_is_told_how_it_is(self):
        answer, text = self.get(report(), SEES["somebody unknown"][0])
        self.assertEqual(answer.status, 403)
        self.assertIn("This page is not for everybody", text)
        status, error = self.call("GetReport", {"council": COUNCIL}, SEES["somebody unknown"][0])
        self.assertEqual((status, error["code"]), (403, "permission_denied"))
        self.assertIn("reader/dan@example.gov.uk may not read: ask performance@example.gov.uk", error["message"])

    def test_a_reader_is_nobody_else(self):
        for name, principal in (("ada@example.gov.uk", "ada"), ("ADA@example.gov.uk", "reader/ADA@example.gov.uk"), ("feed", "reader/feed"), ("pages", "reader/pages"), ("ada", "reader/ada"),
                                ("anonymous", "reader/anonymous"), ("", "anonymous"), ("certificate/feed", "reader/certificate/feed")):
            self.assertEqual(self.who({"X-Forwarded-User": name}), principal)
        self.assertRegex(self.who({"X-Forwarded-User": "аda@example.gov.uk".encode()}), r"^reader/\?+da@example.gov.uk#[0-9a-f]{16}$")
        # Whose own grants say more, may read here and no more.
        self.assertEqual(self.call("WhoAmI", {}, BOB)[1]["rights"], [f"read: councils {COUNCIL}; directorates People"])

    def test_what_strangers_say_is_not_heard(self):
        before = int((re.search(r"^bellwether_web_names_not_believed_total (\d+)", self.web.get("/metrics")[1], re.MULTILINE) or ("", 0))[1])
        for secret in (None, "", "c" * 32, SECRET[:-1], SECRET + "a", SECRET.upper(), f"{SECRET}, {SECRET}"):
            self.assertEqual(self.who(MEMBER, secret=secret), "anonymous", secret)
            self.assertEqual(self.get(report(), MEMBER, secret=secret)[0].status, 404)
        self.assertEqual(self.who(ADA, secret=NEXT_SECRET), "ada", "a secret is exchanged without a failed call")
        self.assertEqual(int(re.search(r"^bellwether_web_names_not_believed_total (\d+)", self.web.get("/metrics")[1], re.MULTILINE)[1]), before + 14)
        self.assertIn("a reader's name was not believed", self.web.text())
        # What is passed on to query is the service's own alone.
        forged = access_pb.Reader(name="ada@example.gov.uk").SerializeToString().hex()
        for header in ("bellwether-reader-bin", "Grpc-Metadata-bellwether-reader-bin", "bellwether-client-certificate", "X_Forwarded_User", "X-Forwarded-User2"):
            self.assertEqual(self.who({header: forged}), "anonymous", header)

    def test_only_the_stated_address_may_name_readers(self):
        web = self.start_web(*HEADER, "--reader-proxy", "127.0.0.2,::1")
        web.await_ready()
        self.assertEqual(self.who(ADA, web=web, source="127.0.0.2", secret=None), "ada")
        for source in ("127.0.0.1", "127.0.0.3"):
            self.assertEqual(self.who(ADA, web=web, source=source, secret=None), "anonymous")
            self.assertEqual(self.who({**ADA, "X-Forwarded-For": "127.0.0.2", "Forwarded": "for=127.0.0.2", "X-Real-Ip": "127.0.0.2"}, web=web, source=source), "anonymous")
        both = self.start_web(*HEADER, "--reader-proxy", "127.0.0.2", "--reader-secret-file", str(self.secrets))
        both.await_ready()
        self.assertEqual([self.who(ADA, web=both, source=source, secret=secret) for source in ("127.0.0.1", "127.0.0.2") for secret in (SECRET, None)],
                         ["anonymous", "anonymous", "ada", "anonymous"])

    def test_a_name_that_cannot_be_taken_is_refused(self):
        for name in (b"x" * 257, b"\xff"):
            self.assertEqual(self.get(report(), {"X-Forwarded-User": name})[0].status, 400)
        self.assertEqual(self.who({"X-Forwarded-User": "x" * 256, "X-Forwarded-Groups": ",".join(f"{n:04}" + "x" * 90 for n in range(50))})[:9], "reader/xx")
        for groups in (b"x" * 257, b"\xff", ",".join(f"g{n}" for n in range(201)), ",".join(f"{n:04}" + "x" * 97 for n in range(50))):
            self.assertEqual(self.get(report(), {**ADA, "X-Forwarded-Groups": groups})[0].status, 400)
            status, error = self.call("WhoAmI", {}, {**ADA, "X-Forwarded-Groups": groups})
            self.assertEqual((status, error["code"]), (400, "invalid_argument"))
        for twice in ("X-Forwarded-User: ada@example.gov.uk\r\nx-forwarded-user: mallory", "X-Forwarded-User: dan\r\nX-Forwarded-Groups: staff\r\nx-forwarded-groups: members"):
            with socket.create_connection(self.stack.address(self.web).split(":"), timeout=PATIENCE) as caller:
                caller.sendall(f"GET {report()} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nBellwether-Proxy-Secret: {SECRET}\r\n{twice}\r\n\r\n".encode())
                self.assertRegex(caller.makefile().read(), r"^HTTP/1.1 400 ", "one of two is perhaps the reader's own")
        # Groups without a name are nobody's.
        self.assertEqual(self.who({"X-Forwarded-Groups": "members"}), "anonymous")

    def test_a_page_of_one_is_never_anothers(self):
        answer, _ = self.get(report(), ADA)
        self.assertEqual(answer.headers["Cache-Control"], "private, no-cache")
        self.assertIn("X-Forwarded-User", answer.headers["Vary"])
        tags = {}
        for who in ("ada", "bob", "a member"):
            headers, _ = SEES[who]
            for path in (report(), f"{report()}.csv"):
                tags[who, path] = self.get(path, headers)[0].headers["ETag"]
                kept, text = self.get(path, {**headers, "If-None-Match": tags[who, path]})
                self.assertEqual((kept.status, text, kept.headers["Cache-Control"]), (304, "", "private, no-cache"))
        for (own, path), tag in tags.items():
            for who, (headers, sees) in SEES.items():
                if who == own:
                    continue
                answer, text = self.get(path, {**headers, "If-None-Match": tag})
                self.assertEqual(answer.status, 200 if any(scope[0] == COUNCIL for scope in sees) else 404 if sees else 403, f"{own}'s tag of {who}")
        # A member who is none any more has another.
        self.assertNotEqual(self.get(report(), {**MEMBER, "If-None-Match": tags["a member", report()], "X-Forwarded-Groups": "staff"})[0].status, 304)

    def test_a_page_is_made_again_when_its_readers_rights_change(self):
        self.addCleanup(self.replace, ACCESS)
        tag = self.get(report(), ADA)[0].headers["ETag"]
        self.replace(ACCESS.replace("directorates: [Place]", "directorates: [Place, People]"))
        changed = wait_until(lambda: (got := self.get(report(), {**ADA, "If-None-Match": tag}))[0].status == 200 and got, "more is seen")
        self.assertIn("T2", changed[1])
        self.replace(ACCESS)
        tag = changed[0].headers["ETag"]
        changed = wait_until(lambda: (got := self.get(report(), {**ADA, "If-None-Match": tag}))[0].status == 200 and got, "less is seen")
        self.assertNotIn("/indicators/T2", changed[1])

    def follow(self, headers, web=None, path=f"{report()}/changes"):
        caller = socket.create_connection(self.stack.address(web or self.web).split(":"), timeout=PATIENCE)
        self.addCleanup(caller.close)
        lines = b"".join(f"{name}: ".encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
                         for name, value in {**headers, "Bellwether-Proxy-Secret": SECRET}.items())
        caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode() + lines + b"\r\n")
        heard = []

        def more(until=None, times=1):
            """All that was heard until that came so many times; None: until it ends."""
            while until is None or "".join(heard).count(until) < times:
                part = caller.recv(65536)
                if not part and until is None:
                    break
                assert part, f"it ended before {until}: {heard}"
                heard.append(part.decode())
            return "".join(heard)

        return caller, more

    def gauge(self, name):
        return int(re.search(rf"^bellwether_web_{name} (\d+)$", self.web.get("/metrics")[1], re.MULTILINE)[1])

    def test_a_live_page_tells_what_its_reader_sees(self):
        followers = {who: [self.follow(SEES[who][0]) for _ in range(2)] for who in ("ada", "bob", "a member")}
        for pages in followers.values():
            for _, more in pages:
                more("event: at\n")
        self.assertEqual((self.gauge("live_pages"), self.gauge("watches")), (6, 3), "those who see the same share one")
        self.record(reading("T2", "2022-02", 8))
        for who in ("bob", "a member"):
            for _, more in followers[who]:
                more("event: row\ndata: T2\n\n")
        self.record(reading("T1", "2022-02", 9))
        for who in ("ada", "a member"):
            for _, more in followers[who]:
                heard = more("event: row\ndata: T1\n\n")
                self.assertEqual("data: T2" in heard, who != "ada", f"{who} {heard}")
        # Who may see nothing of it is told nothing.
        for who in ("nobody", "somebody unknown"):
            heard = self.follow(SEES[who][0])[1]()
            self.assertNotIn("event:", heard, who)
        # Rights that are taken end the page's watch, and the page asks again.
        self.addCleanup(self.replace, ACCESS)
        self.replace(ACCESS.replace("groups: [members]", "groups: [others]"))
        for _, more in followers["a member"]:
            more()
        self.assertNotIn("event:", self.follow(MEMBER)[1]())
        # What came of T1 came before this, if anything came.
        self.record(reading("T2", "2022-02", 10))
        self.assertNotIn("data: T1", followers["bob"][0][1]("event: row\ndata: T2\n\n", times=2))
        for pages in followers.values():
            for caller, _ in pages:
                caller.close()

    def test_nobody_follows_so_many_reports_that_others_cannot(self):
        def status(headers, month):
            caller, more = self.follow(headers, path=f"/{COUNCIL}/reports/{2010 + month // 12}-{month % 12 + 1:02}/changes")
            return caller, int(more("\r\n\r\n").split()[1])

        followed = [status(ADA, month) for month in range(51)]
        self.assertEqual([code for _, code in followed], [200] * 50 + [503])
        self.assertEqual(status(BOB, 0)[1], 200)
        self.assertEqual(status(ADA, 49)[1], 200, "what is followed already costs nothing more")
        followed += [self.follow(ADA, path=f"/{COUNCIL}/reports/2014-02/changes") for _ in range(13)]
        for _, more in followed[-13:]:
            more("event: at\n")
        self.assertEqual(status(ADA, 49)[1], 503, "but a place, of which one reader has 64")
        self.assertEqual(status(BOB, 49)[1], 200)
        for caller, _ in followed:
            caller.close()

    def test_who_asks_too_often_is_told_when_to_ask_again(self):
        self.addCleanup(self.replace, ACCESS)
        self.replace(ACCESS.replace("calls_per_second: 100000", "calls_per_second: 1"))

        def too_fast():
            answer, text = self.ask("POST", "/bellwether.v1.QueryService/WhoAmI", {"Content-Type": "application/json", "X-Forwarded-User": "fast"}, "{}")
            return answer.status == 429 and (answer.headers["Retry-After"], json.loads(text)["code"])

        after, code = wait_until(too_fast, "it has called too often")
        self.assertEqual(code, "resource_exhausted")
        self.assertGreaterEqual(int(after), 1)
        self.assertEqual(self.who(ADA), "ada", "others have their own share")
        wait_until(lambda: self.ask("POST", "/bellwether.v1.QueryService/WhoAmI", {"Content-Type": "application/json"}, "{}")[0].status == 429, "so do all without a name")
        self.assertEqual(self.web.get("/readyz")[0], 200, "strangers make nothing unready")
        self.replace(ACCESS)
        wait_until(lambda: not any(too_fast() for _ in range(30)), "it may call more often again")

    def test_an_open_page_asks_anew_in_time(self):
        web = self.start_web(*HEADER, "--reader-secret-file", str(self.secrets), "--live-time", "1")
        web.await_ready()
        self.assertIn("event: at\n", self.follow(ADA, web)[1](), "it told, and ended")

    def test_a_service_that_may_not_read_for_others_is_not_ready(self):
        for principal, words in (("nobody", "certificate/nobody may not read for others"), ("feed", "feed may not read for others")):
            web = self.start_web(*HEADER, "--reader-secret-file", str(self.secrets), principal=principal)
            wait_until(lambda web=web, words=words: words in web.get("/readyz")[1], "it says what it lacks")
            self.assertEqual(self.get(report(), ADA, web=web)[0].status, 403)
        # Without names all see what the service may; one that may read for others alone sees what anybody may.
        feed, pages = self.start_web(principal="feed"), self.start_web()
        for web in (feed, pages):
            web.await_ready()
        for web in (feed, pages):  # Nor is a stranger told who that is, and what it may do.
            status, error = self.call("WhoAmI", {}, ADA, web=web)
            self.assertEqual((status, error["code"], "feed" in str(error)), (403, "permission_denied", False))
        self.assertEqual([self.get(report(), ADA, web=web)[0].status for web in (feed, pages)], [200, 404])

    def test_a_query_that_does_not_ask_who_calls_tells_nothing_of_anybody(self):
        web = self.stack.start_service("web", *HEADER, "--reader-secret-file", str(self.secrets))
        wait_until(lambda: "this service does not ask who calls" in web.get("/readyz")[1], "it says so")
        for headers in (ADA, {}):
            answer, text = self.get(report(), headers, web=web)
            self.assertEqual(answer.status, 403)
            self.assertNotIn("T1", text)

    def test_query_hears_readers_from_the_pages_alone(self):
        said = (("bellwether-reader-bin", access_pb.Reader(name="ada@example.gov.uk").SerializeToString()),)
        for principal, words in (("feed", "may not read for others"), ("nobody", "may not read for others")):
            certificate, key = (path.read_bytes() for path in self.certificates[principal])
            credentials = grpc.ssl_channel_credentials(self.authority.certificate.read_bytes(), key, certificate)
            with grpc.secure_channel(self.stack.address(self.query), credentials, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
                with self.assertRaises(grpc.RpcError) as caught:
                    query_grpc.QueryServiceStub(channel).GetReport(query_pb.GetReportRequest(council=COUNCIL), timeout=PATIENCE, metadata=said)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
                self.assertIn(words, caught.exception.details())

    def test_wrong_flags_are_told(self):
        short = self.folder / "short"
        short.write_text("secret\n")
        for flags, words in ((HEADER, "could name any reader"), (["--reader-proxy", "127.0.0.1"], "--reader-header: is missing"),
                             ([*HEADER, "--reader-proxy", "proxy.example"], "is no address"), ([*HEADER, "--reader-secret-file", str(short)], "at least 32 characters"),
                             ([*HEADER, "--reader-secret-file", str(self.folder / "none")], "--reader-secret-file"),
                             (["--reader-header", "X Y", "--reader-proxy", "::1"], "is no header"),
                             (["--reader-header", "bellwether-proxy-secret", "--reader-proxy", "::1"], "is no header")):
            done = subprocess.run([BIN / "bellwether-web", *flags, "--check-config"], capture_output=True, text=True, check=False, timeout=PATIENCE, env={"PATH": os.environ["PATH"]})
            self.assertEqual(done.returncode, 2, flags)
            self.assertIn(words, done.stderr)

    def test_no_secret_is_told(self):
        self.assertEqual(self.who(ADA), "ada")
        self.get(report(), ADA, secret="c" * 32)
        for text in (self.web.text(), self.query.text(), *(self.web.get(path)[1] for path in ("/metrics", "/version")), pathlib.Path(f"/proc/{self.web.popen.pid}/cmdline").read_text()):
            for secret in (SECRET, NEXT_SECRET, "c" * 32):
                self.assertNotIn(secret, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
