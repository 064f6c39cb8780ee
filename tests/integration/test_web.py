"""The pages as HTTP: addresses, status codes, what is kept and compressed, callers that misbehave, and query's absence."""

import csv
import gzip
import html
import http.client
import io
import json
import pathlib
import re
import resource
import socket
import subprocess
import time
import unittest

import jsonschema
from bellwether.v1 import query_service_pb2 as query_pb
from google.protobuf import json_format
from stack import BIN, BUILD, COUNCIL, PATIENCE, Stack, StackTest, reading, wait_until

REPORT = f"/{COUNCIL}/reports/2022-02"


class WebTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack.started(cls.addClassCleanup, web=True)
        cls.ingestion = cls.stack.ingestion_stub()
        cls.query = cls.stack.query_stub()
        cls.stack.load_example()

    def get(self, path, headers=None, web=None, method="GET"):
        connection = http.client.HTTPConnection(self.stack.address(web or self.stack.web), timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        return answer, gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body

    def say(self, text):
        """All that is answered to bytes, until the connection is closed."""
        with socket.create_connection(self.stack.address(self.stack.web).split(":"), timeout=PATIENCE) as caller:
            caller.sendall(text)
            heard = b""
            while part := caller.recv(65536):
                heard += part
        return heard.decode()

    def test_addresses_lead_on(self):
        for path, location in ((f"/{COUNCIL}", REPORT), (f"/{COUNCIL}/", REPORT), (f"/{COUNCIL}/reports", f"/{COUNCIL}"), ("/?council=e06000061", f"/{COUNCIL}")):
            answer, _ = self.get(path)
            self.assertEqual((answer.status, answer.headers["Location"]), (302, location), path)

    def test_exceptions_and_comparisons(self):
        status, body = self.page(f"{REPORT}/exceptions")
        self.assertEqual(status, 200)
        for ref in ("T44", "T29", "T36", "T79", "T80", "T93"):  # Red.
            self.assertIn(f'indicators/{ref}">', body)
        self.assertIn('Off target <span class="count">6 of 67', body)
        self.assertNotIn('indicators/T11">', body)
        status, body = self.page(f"{REPORT}/compare/2022-01")
        self.assertEqual(status, 200)
        self.assertIn("February 2022 compared with January 2022", body)
        self.assertEqual(len(re.findall(r'<th scope="row"', body)), 67)
        self.assertIn("-2.39 points", body)  # T11: 88.10% to 85.71%.
        self.assertIn("Show all rows", self.page(f"{REPORT}/compare/2022-01?rows=differing")[1])
        answer, _ = self.get(f"{REPORT}/compare?with=2022-01")
        self.assertEqual((answer.status, answer.headers["Location"]), (302, f"{REPORT}/compare/2022-01"))
        for path, words in ((f"{REPORT}/compare/2019-01", "Nothing is known of January 2019"), (f"{REPORT}/compare", "There is no such report"),
                            (f"{REPORT}/compare/soon", "There is no such report"), (f"{REPORT}/compare/2022-01/more", "There is no such page")):
            status, body = self.page(path)
            self.assertEqual(status, 404, path)
            self.assertIn(words, body)

    def page(self, path):
        answer, body = self.get(path)
        return answer.status, body.decode()

    def test_files_are_those_of_the_command_line(self):
        _, body = self.get(f"{REPORT}.csv")
        self.assertEqual(body.decode("utf-8-sig").replace("\r\n", "\n"), self.stack.cli("report", "--period", "2022-02", "--format", "csv").stdout)
        _, body = self.get(f"{REPORT}.json")
        self.assertEqual(json.loads(body), json.loads(self.stack.cli("report", "--period", "2022-02", "--format", "json").stdout))
        answer, body = self.get(f"{REPORT}.html")
        self.assertEqual(body.decode(), self.stack.cli("report", "--period", "2022-02", "--format", "html").stdout)
        self.assertIn("sandbox", answer.headers["Content-Security-Policy"])
        rows = list(csv.DictReader(io.StringIO(self.get(f"/{COUNCIL}/indicators/T11.csv")[1].decode("utf-8-sig"), newline="")))
        self.assertEqual([(r["period"], r["value"], r["status"]) for r in rows], [("2022-01", "88.10", "green"), ("2022-02", "85.71", "green")])
        answer, body = self.get(f"/{COUNCIL}/indicators/T11.svg")
        self.assertEqual(answer.headers["Content-Type"], "image/svg+xml")
        self.assertIn(b"85.71% in February 2022, above its target of 85% since October 2021", body)

    def test_a_chart_of_two_measures_shows_both_as_they_stand(self):
        T65, T66 = f"/{COUNCIL}/indicators/T65", f"/{COUNCIL}/indicators/T66"
        answer, before = self.get(f"{T65}.svg")
        told = html.unescape(before.decode())
        self.assertIn("T65: 94.70% in February 2022, up from 92.60% in January 2022; T66: 35.86% in February 2022, up from 34.30% in January 2022", told)
        self.assertIn("T66: quarter 1 of 2021-22 40.01%; quarter 2 of 2021-22 42.49%; quarter 3 of 2021-22 39.41%; January 2022 34.30%; February 2022 35.86%.", told)
        for path, words in ((T65, "Figures of T66 on the chart"), (T66, "Figures of T65 on the chart"), (REPORT, 'alt="Chart of T65 and T66 over the year"'),
                            (f"{REPORT}.html", "T66: 35.86% in February 2022")):
            self.assertIn(words, self.page(path)[1], path)
        self.assertEqual(self.get(f"{T65}.svg", {"If-None-Match": answer.headers["ETag"]})[0].status, 304)
        [result] = self.record(reading("T66", "2022-02", 36.86))
        self.score("T66", "2022-02", [result.position])
        after, body = self.get(f"{T65}.svg", {"If-None-Match": answer.headers["ETag"]})
        self.assertEqual(after.status, 200)
        self.assertIn(b"T66: 36.86% in February 2022", body)
        self.assertIn(f"e1/{result.position.partition}/", after.headers["ETag"])

    def test_a_page_is_made_again_when_its_figures_change(self):
        answer, before = self.get(REPORT)
        tag = answer.headers["ETag"]
        self.assertEqual(self.get(REPORT, {"If-None-Match": tag})[0].status, 304)
        [result] = self.record(reading("T54", "2022-02", 1733))
        # The page follows once the view has seen it.
        self.score("T54", "2022-02", [result.position])
        answer, after = self.get(REPORT, {"If-None-Match": tag})
        self.assertEqual(answer.status, 200)
        self.assertIn(f"e1/{result.position.partition}/", answer.headers["ETag"])
        self.assertIn(b"1,732", before)
        self.assertIn(b"1,733", after)
        style, _ = self.get("/style.css")
        self.assertEqual(self.get("/style.css", {"If-None-Match": style.headers["ETag"]})[0].status, 304)

    def test_pages_are_compressed_for_who_takes_it(self):
        plain, body = self.get(REPORT)
        self.assertIsNone(plain.headers.get("Content-Encoding"))
        packed, same = self.get(REPORT, {"Accept-Encoding": "br, gzip;q=0.8"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(packed.headers["Vary"], "Accept-Encoding")
        self.assertLess(int(packed.headers["Content-Length"]), len(body) / 5)
        self.assertEqual(body, same)
        head, nothing = self.get(REPORT, method="HEAD")
        self.assertEqual((head.status, head.headers["Content-Length"], nothing), (200, str(len(body)), b""))

    def test_a_connection_serves_on(self):
        connection = http.client.HTTPConnection(self.stack.address(self.stack.web), timeout=PATIENCE)
        self.addCleanup(connection.close)
        for path in ("/", REPORT, "/nothing", "/accessibility"):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.headers.get("Connection", "keep-alive"), "keep-alive", path)

    def test_what_is_no_request_is_told_so(self):
        for text, status in ((b"nonsense\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
                             (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 405), (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 413),
                             (b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", 405)):
            self.assertRegex(self.say(text), rf"^HTTP/1.1 {status} ", text[:30])

    def test_hostile_addresses_are_answered(self):
        for path in ("/%00", "/%ff%fe", "/../../etc/passwd", f"/{COUNCIL}/indicators/%3Cscript%3E", f"/{COUNCIL}/reports/%E2%80%AE2022", "/" + "a/" * 4000, f"/{COUNCIL}/indicators/" + "x" * 8000,
                     f"{REPORT}/findings/more", f"/{COUNCIL}/indicators/T11.exe"):
            answer, body = self.get(path)
            self.assertEqual(answer.status, 404, path[:60])
            self.assertNotIn(b"<script", body)
        answer, body = self.get(f"{REPORT}?status=%3Cscript%3E&directorate=%22%3E%3Cb%3E&x&=&%")
        self.assertEqual(answer.status, 200)
        self.assertNotIn(b"<script>", body)

    def test_many_readers_cost_no_threads(self):
        def threads():
            return int(re.search(r"Threads:\s+(\d+)", pathlib.Path(f"/proc/{self.stack.web.popen.pid}/status").read_text())[1])

        self.get(REPORT)
        before = threads()
        readers = []
        for _ in range(300):
            connection = http.client.HTTPConnection(self.stack.address(self.stack.web), timeout=PATIENCE)
            self.addCleanup(connection.close)
            connection.request("GET", "/accessibility")
            connection.getresponse().read()
            readers.append(connection)
        self.assertLessEqual(threads(), before + 2)
        self.assertGreaterEqual(int(re.search(r"^bellwether_web_connections (\d+)$", self.stack.web.get("/metrics")[1], re.MULTILINE)[1]), 300)
        for connection in readers[::50]:
            connection.request("GET", "/accessibility")
            self.assertEqual(connection.getresponse().status, 200)

    def call(self, method, body, headers=None, web=None):
        connection = http.client.HTTPConnection(self.stack.address(web or self.stack.web), timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("POST", f"/bellwether.v1.QueryService/{method}", body if isinstance(body, (str, bytes)) else json.dumps(body),
                           {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def test_programs_read_json(self):
        status, body = self.call("GetReport", {"council": COUNCIL, "period": "2022-02", "filter": {"refs": ["T11"]}})
        self.assertEqual((status, body["rows"][0]["score"]["current"]["value"]["value"], body["totalRows"]), (200, "85.71", 1))
        asked = query_pb.GetReportRequest(council=COUNCIL, period="2022-02")
        for method, request in (("GetReport", asked), ("ListIndicators", query_pb.ListIndicatorsRequest(council=COUNCIL)),
                                ("GetIndicator", query_pb.GetIndicatorRequest(council=COUNCIL, ref="T11")),
                                ("ListFindings", query_pb.ListFindingsRequest(council=COUNCIL, period="2022-02"))):
            status, body = self.call(method, json_format.MessageToJson(request))
            self.assertEqual(status, 200, body)
            wanted = getattr(self.query, method)(request, timeout=PATIENCE)
            self.assertEqual(json_format.ParseDict(body, type(wanted)()), wanted, method)

    def test_errors_are_json_with_the_same_reasons(self):
        for method, body, code, http_status, words in (
                ("GetIndicator", {"council": COUNCIL, "ref": "NONE"}, "not_found", 404, "UNKNOWN_INDICATOR"),
                ("GetReport", {"council": COUNCIL, "period": "February"}, "invalid_argument", 400, "period"),
                ("GetReport", {"councl": COUNCIL}, "invalid_argument", 400, "councl"), ("GetReport", "{", "invalid_argument", 400, "GetReportRequest"),
                ("GetReport", b"\xff", "invalid_argument", 400, "GetReportRequest"),
                ("WatchReport", {}, "unimplemented", 404, "WatchReport"), ("Nothing", {}, "unimplemented", 404, "Nothing")):
            status, error = self.call(method, body)
            self.assertEqual((status, error["code"]), (http_status, code), error)
            self.assertIn(words, json.dumps(error))
        self.assertEqual(self.call("GetReport", "council=x", {"Content-Type": "application/x-www-form-urlencoded"})[0], 415)
        self.assertRegex(self.say(b"POST /bellwether.v1.QueryService/GetReport HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"), "^HTTP/1.1 413 ")
        self.assertRegex(self.say(b"GET /bellwether.v1.QueryService/GetReport HTTP/1.1\r\nHost: x\r\n\r\n"), r"^HTTP/1.1 405 [^\0]*Allow: POST\r\n")

    def test_no_script_of_another_origin_reads_anything_unless_it_is_named(self):
        def answer(method, path, headers, web):
            connection = http.client.HTTPConnection(self.stack.address(web), timeout=PATIENCE)
            self.addCleanup(connection.close)
            connection.request(method, path, json.dumps({"council": COUNCIL}) if method == "POST" else None, headers)
            got = connection.getresponse()
            got.read()
            return got.status, {name.lower(): value for name, value in got.headers.items() if name.lower().startswith("access-control")}, got.headers.get_all("Vary")

        call, own, other = "/bellwether.v1.QueryService/GetReport", "https://www.example.gov.uk", "https://www.example.gov.uk.evil"
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        json_type = {"Content-Type": "application/json"}
        for method, path, headers, status in (("GET", f"{REPORT}.json", {}, 200), ("POST", call, json_type, 200), ("OPTIONS", call, ask, 405), ("OPTIONS", REPORT, ask, 405)):
            self.assertEqual(answer(method, path, {**headers, "Origin": own}, self.stack.web)[:2], (status, {}), path)
        web = self.stack.start_service("web", "--allow-origin", f"{own},http://localhost:3000")
        web.await_ready()
        for origin in (other, "https://example.gov.uk", "http://www.example.gov.uk", f"{own}:8443", own.upper(), "null", "", "*", f"{own}, {other}"):
            for method, path, headers in (("GET", f"{REPORT}.json", {}), ("POST", call, json_type), ("OPTIONS", call, ask)):
                status, allowed, vary = answer(method, path, {**headers, "Origin": origin}, web)
                self.assertEqual((status, allowed), (405 if method == "OPTIONS" else 200, {}), origin)
                self.assertIn("Origin", vary, "no cache gives one origin's answer to another")
        for origin in (own, "http://localhost:3000"):
            for method, path, headers in (("GET", f"{REPORT}.json", {}), ("GET", "/nothing", {}), ("POST", call, json_type), ("OPTIONS", call, ask), ("OPTIONS", REPORT, ask)):
                status, allowed, vary = answer(method, path, {**headers, "Origin": origin}, web)
                self.assertEqual((status, allowed["access-control-allow-origin"]), ({"OPTIONS": 204}.get(method, 404 if path == "/nothing" else 200), origin))
                self.assertIn("Origin", vary)
                self.assertNotIn("access-control-allow-credentials", allowed, "nobody's sign-in is lent")
                self.assertEqual("access-control-allow-methods" in allowed, method == "OPTIONS")
        self.assertEqual(answer("GET", REPORT, {}, web)[1], {}, "nobody asked")
        for origin in ("*", "null", "example.gov.uk", "https://", "https://example.gov.uk/", "https://a@b", "ftp://example.gov.uk"):
            done = subprocess.run([BIN / "bellwether-web", "--allow-origin", origin, "--check-config"], capture_output=True, text=True, check=False, timeout=PATIENCE)
            self.assertEqual(done.returncode, 2, origin)
            self.assertIn("is no origin", done.stderr)

    def described(self):
        return json.loads(self.get("/openapi.json")[1])

    def validator(self, described, schema):
        return jsonschema.Draft202012Validator({**schema, "components": described["components"]}, format_checker=jsonschema.FormatChecker())

    def test_the_description_is_openapi_and_names_every_call(self):
        described = self.described()
        self.assertEqual(described["openapi"], "3.1.0")
        for name, schema in described["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
            self.assertTrue(schema.get("description"), name)
        methods = query_pb.DESCRIPTOR.services_by_name["QueryService"].methods
        unary = {f"/bellwether.v1.QueryService/{m.name}" for m in methods if m.name != "WatchReport"}
        self.assertEqual(len(unary), len(methods) - 1)
        self.assertEqual({path for path, item in described["paths"].items() if "post" in item}, unary)
        references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
        self.assertEqual(references, set(described["components"]["schemas"]), "each is referred to, and is there")
        ids = [operation["operationId"] for item in described["paths"].values() for operation in item.values() if "operationId" in operation]
        self.assertEqual(len(ids), len(set(ids)))
        for path, item in described["paths"].items():
            for operation in item.values():
                own = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
                self.assertEqual(own, set(re.findall(r"\{(\w+)\}", path)), path)
                self.assertTrue(operation["responses"] and operation["summary"], path)

    REQUESTS = {
        "GetReport": {"council": COUNCIL, "period": "2022-02"}, "ListIndicators": {"council": COUNCIL}, "GetIndicator": {"council": COUNCIL, "ref": "T11", "includeComments": True},
        "ExplainScore": {"council": COUNCIL, "ref": "T11", "period": "2022-02"}, "ListFindings": {"council": COUNCIL, "period": "2022-02"},
        "LookUpReadings": {"keys": [{"council": COUNCIL, "ref": "T11", "readingId": "x"}]},
        "CheckReadings": {"readings": [{"council": COUNCIL, "ref": "T11", "period": "2022-03", "readingId": "new", "source": "test", "measurement": {"value": {"value": "12"}}}]},
        "ListChanges": {"council": COUNCIL, "since": "2022-01-01T00:00:00Z"}, "CheckCatalogue": {"catalogue": {"council": COUNCIL}},
        "ListDueReadings": {"council": COUNCIL, "period": "2022-02"}, "ListReadings": {"council": COUNCIL}, "WhoAmI": {},
    }

    def test_calls_answer_as_they_are_described(self):
        described = self.described()
        for path, item in described["paths"].items():
            if "post" not in item:
                continue
            method = path.rpartition("/")[2]
            operation = item["post"]
            self.validator(described, operation["requestBody"]["content"]["application/json"]["schema"]).validate(self.REQUESTS[method])
            status, body = self.call(method, self.REQUESTS[method])
            if method == "WhoAmI":  # Here it would tell strangers of the service itself.
                self.assertEqual((status, body["code"]), (403, "permission_denied"))
                continue
            self.assertEqual(status, 200, body)
            self.validator(described, operation["responses"]["200"]["content"]["application/json"]["schema"]).validate(body)
            self.assertTrue(body, f"{method}: an answer that shows nothing proves nothing")
            for wrong in ({"nothing": 1}, {"council": 1.5}, {"council": COUNCIL, "pageToken": "x", "ref": "NONE"}, []):
                with self.subTest(method, wrong=wrong):
                    status, error = self.call(method, wrong)
                    self.assertIn(status, (400, 404))
                    self.validator(described, operation["responses"]["default"]["content"]["application/json"]["schema"]).validate(error)
        # The description tells a wrong one from a right one.
        with self.assertRaises(jsonschema.ValidationError):
            self.validator(described, {"$ref": "#/components/schemas/GetReportResponse"}).validate({"rows": [{"score": {"values": 1}}]})

    def test_addresses_answer_as_they_are_described(self):
        described = self.described()
        for path, item in described["paths"].items():
            if "get" not in item or path.endswith("/changes"):
                continue
            operation = item["get"]
            examples = {p["name"]: p["example"] for p in operation["parameters"] if p["in"] == "path"}
            needed = "&".join(f"{p['name']}={p['example']}" for p in operation["parameters"] if p["in"] == "query" and p.get("required"))
            answer, body = self.get(path.format(**examples) + (f"?{needed}" if needed else ""))
            wanted = operation["responses"][str(answer.status)]
            for kind, content in wanted.get("content", {}).items():
                self.assertEqual(answer.headers["Content-Type"], kind, path)
                if kind == "application/json":
                    self.validator(described, content["schema"]).validate(json.loads(body))
            for header in wanted.get("headers", {}):
                self.assertIn(header, answer.headers, path)
            if "304" in operation["responses"]:
                self.assertEqual(self.get(path.format(**examples), {"If-None-Match": answer.headers["ETag"]})[0].status, 304)
            for parameter in operation["parameters"]:
                if parameter["in"] == "query" and not parameter.get("required"):
                    value = parameter["schema"].get("enum", ["2022-01" if parameter["name"] == "period" else "x"])[0]
                    self.assertEqual(self.get(f"{path.format(**examples)}?{parameter['name']}={value}")[0].status, 200)
            if examples:
                wrong, page = self.get(path.format(**{name: "E06999999" if name == "council" else "2099-13/x" for name in examples}))
                self.assertEqual((wrong.status, wrong.headers["Content-Type"]), (404, "text/html; charset=utf-8"))

    def test_every_address_that_pages_lead_to_is_described(self):
        patterns = [re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+?", re.escape(path))) for path, item in self.described()["paths"].items() if "get" in item]
        assets = {"/style.css", "/live.js", "/tables.js"}
        pages, seen = ["/", REPORT, f"/{COUNCIL}/indicators/T11"], set()
        for page in pages:
            seen |= {html.unescape(address).partition("#")[0].partition("?")[0] for address in re.findall(r'(?:href|src|action|data-[\w-]+)="(/[^"]*)"', self.get(page)[1].decode())}
        self.assertGreater(len(seen), 70)
        self.assertEqual([address for address in seen - assets if address and not any(pattern.fullmatch(address) for pattern in patterns)], [])

    def follow(self, web=None, path=f"{REPORT}/changes"):
        """Follows a report: what was told so far, as it comes."""
        caller = socket.create_connection(self.stack.address(web or self.stack.web).split(":"), timeout=PATIENCE)
        self.addCleanup(caller.close)
        caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        heard = []

        def more(until):
            while until not in "".join(heard):
                part = caller.recv(65536)
                assert part, f"it ended before {until}: {heard}"
                heard.append(part.decode())
            return "".join(heard)

        more("event: at\n")
        return caller, more

    def gauge(self, name, web=None):
        return int(re.search(rf"^bellwether_web_{name} (\d+)$", (web or self.stack.web).get("/metrics")[1], re.MULTILINE)[1])

    def test_a_change_is_told_to_all_by_one_watch(self):
        readers = [self.follow() for _ in range(50)]
        self.assertEqual((self.gauge("live_pages"), self.gauge("watches")), (50, 1))
        other = self.follow(path=f"/{COUNCIL}/reports/2022-01/changes")
        self.assertEqual(self.gauge("watches"), 2)
        self.record(reading("T22", "2022-02", 125))
        for _, more in readers:
            heard = more("event: row\ndata: T22\n\n")
            self.assertTrue(heard.startswith("HTTP/1.1 200 OK\r\n"), heard)
            self.assertIn("Content-Type: text/event-stream", heard)
        for caller, _ in (*readers, other):
            caller.close()
        wait_until(lambda: (self.gauge("live_pages"), self.gauge("watches")) == (0, 0), "nobody follows, and nothing is watched")

    def test_a_thousand_live_pages_cost_little(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        web = self.stack.start_service("web")
        web.await_ready()
        self.get(REPORT, web=web)

        def status(field):
            return int(re.search(rf"{field}:\s+(\d+)", pathlib.Path(f"/proc/{web.popen.pid}/status").read_text())[1])

        self.follow(web)
        memory, threads = status("VmRSS"), status("Threads")
        readers = [self.follow(web) for _ in range(999)]
        self.assertEqual((self.gauge("live_pages", web), self.gauge("watches", web)), (1000, 1))
        begin = time.monotonic()
        self.record(reading("T7a", "2022-02", 61))
        for _, more in readers:
            more("event: row\ndata: T7a\n\n")
        print(f"a change was told to 1,000 pages in {time.monotonic() - begin:.3f} s; each took {(status('VmRSS') - memory) / 1000:.1f} KiB")
        if BUILD.name != "asan":  # Whose allocator keeps what was given back.
            self.assertLess(status("VmRSS") - memory, 32 << 10, "KiB in all")
        self.assertLessEqual(status("Threads"), threads + 2)

    def test_live_pages_end_with_query_and_with_the_service(self):
        query = self.stack.start_service("query")
        query.await_ready()
        web = self.stack.start("bellwether-web", ["--query", self.stack.address(query), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
                               r"listening on port (?P<listen>\d+), admin on port (?P<admin>\d+)")
        web.await_ready()
        caller, _ = self.follow(web)
        self.assertEqual(query.stop(), 0)
        while caller.recv(65536):
            pass  # Until it is closed: the page asks again, and finds another.
        again = self.stack.start_service("web")
        again.await_ready()
        caller, _ = self.follow(again)
        self.assertEqual(again.stop(), 0)
        while caller.recv(65536):
            pass

    def test_query_goes_and_comes_back(self):
        query = self.stack.start_service("query")
        query.await_ready()
        port = query.ports["listen"]
        web = self.stack.start("bellwether-web", ["--query", f"127.0.0.1:{port}", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--council", f"{COUNCIL}=The council"],
                               r"listening on port (?P<listen>\d+), admin on port (?P<admin>\d+)")
        web.await_ready()
        self.assertEqual(self.get(REPORT, web=web)[0].status, 200)
        self.assertEqual(query.stop(), 0)
        for path in ("/", REPORT, f"/{COUNCIL}/indicators/T11"):
            answer, body = self.get(path, web=web)
            self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, "5"), path)
            self.assertIn(b"The figures cannot be had just now", body)
        self.assertEqual(self.get("/accessibility", web=web)[0].status, 200)
        self.assertEqual(web.get("/livez")[0], 200)
        status, words = web.get("/readyz")
        self.assertEqual(status, 503)
        self.assertIn(f"query at 127.0.0.1:{port}", words)
        self.stack.start_service("query", "--listen", f"127.0.0.1:{port}").await_ready()
        wait_until(lambda: self.get(REPORT, web=web)[0].status == 200, "the page is there again")
        self.assertEqual(web.get("/readyz")[0], 200)

    def test_a_stop_answers_what_is_under_way(self):
        web = self.stack.start_service("web")
        web.await_ready()
        idle = socket.create_connection(self.stack.address(web).split(":"), timeout=PATIENCE)
        self.addCleanup(idle.close)
        self.get("/", web=web)
        self.assertEqual(web.stop(), 0)
        self.assertEqual(idle.recv(1), b"", "it is closed, and held nobody up")


if __name__ == "__main__":
    unittest.main(verbosity=2)
