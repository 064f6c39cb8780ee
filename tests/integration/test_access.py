"""Who may do what, on running services: every kind of principal, every method, every scope; and what attackers try."""

import hashlib
import itertools
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import grpc
from bellwether.v1 import definition_pb2 as definition_pb
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from bellwether.v1 import record_pb2 as record_pb
from bellwether.v1 import types_pb2 as types_pb
from certificates import Authority, Issuer
from stack import BIN, COUNCIL, PATIENCE, SCHEMES, Stack, details_of, indicator, reading, wait_until

OTHER = "E06000062"
ISSUER, AUDIENCE = "https://id.example", "bellwether"
SOURCE = "test feed"
# (council, directorate, ref) that exist; each has words and figures of its own, which nobody else's answer may hold.
OWN, BESIDE, FOREIGN = (COUNCIL, "Place", "T1"), (COUNCIL, "People", "T2"), (OTHER, "Place", "U1")
UNKNOWN, NOWHERE = (COUNCIL, "", "T9"), ("E06000099", "", "T1")
SCOPES = {"own": OWN, "other directorate": BESIDE, "other council": FOREIGN, "unknown ref": UNKNOWN, "unknown council": NOWHERE}
EXISTING = (OWN, BESIDE, FOREIGN)
FIGURES = {OWN: "7130011", BESIDE: "7130022", FOREIGN: "7130033"}
WORDS = {OWN: "larkspur", BESIDE: "hollyhock", FOREIGN: "foxglove"}
# Of OWN, and for those alone who may see provisional figures.
PROVISIONAL_MONTH, PROVISIONAL = "2021-09", ("7130044", "marigold")

ACCESS = """contact: performance@example.gov.uk
tokens: {{issuer: "{issuer}", audience: {audience}, keys: keys.json}}
principals:
  - {{name: by-certificate, certificate: "spiffe://example.gov.uk/feed"}}
  - {{name: by-common-name, certificate: A Feed}}
  - {{name: by-key, key_sha256: [{key}]}}
  - {{name: by-token, subject: feed-7}}
  - {{name: operator, certificate: operator.example.gov.uk}}
  - {{name: of-place, certificate: of-place}}
roles:
  - {{name: feed, actions: [record, withdraw, read]}}
  - {{name: analyst, actions: [record, correct, withdraw, comment, define, read, read-provisional]}}
  - {{name: reader, actions: [read]}}
  - {{name: operator, actions: [operate]}}
  - {{name: definer, actions: [define, read]}}
grants:
  - {{principals: [by-certificate, by-common-name, by-key, by-token], role: feed, councils: [{council}], directorates: [Place], sources: [{source}]}}
  - {{groups: [analysts], role: analyst, councils: [{council}]}}
  - {{principals: [anonymous], role: reader, councils: [{other}]}}
  - {{principals: [operator], role: operator}}
  - {{principals: [of-place], role: definer, councils: [{council}], directorates: [Place]}}
limits: {{calls_per_second: 100000}}
"""
FEEDS = ("by-certificate", "by-common-name", "by-key", "by-token")
# What each may do, and of what exists, where: the same said again, to hold the services' answers against.
MAY = {
    **{feed: {"actions": {"record", "withdraw", "read"}, "where": {OWN}} for feed in FEEDS},
    "analyst": {"actions": {"record", "correct", "withdraw", "comment", "define", "read"}, "where": {OWN, BESIDE}},
    "anonymous": {"actions": {"read"}, "where": {FOREIGN}},
    "operator": {"actions": {"operate"}, "where": set()},
    "of-place": {"actions": {"define", "read"}, "where": {OWN}},
    "stranger": {"actions": set(), "where": set()},
}
ACTIONS = {
    "ApplyCatalogue": "define", "RecordReadings": "record", "StreamReadings": "record", "WithdrawReading": "withdraw",
    "RecordComment": "comment", "ListDeadLetters": "operate", "ReplayDeadLetter": "operate", "WhoAmI": None,
}


def whole_of(council):
    return {scope for scope in EXISTING if scope[0] == council}


class AccessTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority, cls.stranger_authority = Authority(cls.folder), Authority(cls.folder, "stranger")
        cls.issuer = Issuer(cls.folder)
        made = subprocess.run([BIN / "bellwether-admin", "key", "new"], capture_output=True, text=True, check=True, timeout=PATIENCE)
        cls.key, digest = (line.split()[1] for line in made.stdout.splitlines()[:2])
        assert hashlib.sha256(cls.key.encode()).hexdigest() == digest
        cls.access = cls.folder / "access.yaml"
        (cls.folder / "keys.json").write_text(cls.issuer.jwks())
        cls.text = ACCESS.format(issuer=ISSUER, audience=AUDIENCE, key=digest, council=COUNCIL, other=OTHER, source=SOURCE)
        cls.access.write_text(cls.text)
        cls.stack = Stack.started(cls.addClassCleanup)
        cls.define_all()
        certificate, key = cls.authority.sign("server")
        cls.flags = [str(f) for f in ("--tls-certificate", certificate, "--tls-key", key, "--tls-client-ca", cls.authority.certificate)]
        cls.ingestion = cls.stack.start_service("ingestion", *cls.flags, "--access", str(cls.access))
        cls.query = cls.stack.start_service("query", *cls.flags, "--access", str(cls.access))
        for service in (cls.ingestion, cls.query):
            service.await_ready()
        cls.certificates = {
            "by-certificate": cls.authority.sign("one", names="URI:spiffe://example.gov.uk/feed,DNS:operator.example.gov.uk"),
            "by-common-name": cls.authority.sign("A Feed", names=None),
            "operator": cls.authority.sign("two", names="DNS:operator.example.gov.uk"),
            "stranger": cls.authority.sign("by-key", names=None),
            "of-place": cls.authority.sign("of-place", names=None),
        }
        cls.bearers = {"by-key": cls.key, "by-token": cls.token(sub="feed-7"), "analyst": cls.token(sub="ada", groups=["members", "analysts"])}

    @classmethod
    def define_all(cls):
        """The three indicators, each with a figure, a comment and words of its own."""
        for council in (COUNCIL, OTHER):
            catalogue = cls.folder / f"{council}.yaml"
            lines = ", ".join(indicator(ref, f"directorate: {directorate}, notes: [{WORDS[scope]}]")
                              for scope in EXISTING for own, directorate, ref in [scope] if own == council)
            catalogue.write_text(f"council: {council}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators: [{lines}]\n")
            cls.stack.cli("catalogue", "apply", str(catalogue))
        ingestion = cls.stack.ingestion_stub()
        for council, _, ref in EXISTING:
            for month in ("2022-01", "2022-02"):
                result = ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[
                    reading(ref, month, FIGURES[(council, _, ref)], council=council)]), timeout=PATIENCE).results[0]
                assert not result.errors, result
            comment = record_pb.Comment(council=council, ref=ref, period="2022-02", comment_id="c", text=f"of {WORDS[(council, _, ref)]}")
            cls.newest = ingestion.RecordComment(ingestion_pb.RecordCommentRequest(comment=comment), timeout=PATIENCE).position
        value, word = PROVISIONAL
        provisional = reading("T1", PROVISIONAL_MONTH, value)
        provisional.observation_status = "P"
        assert not ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[provisional]), timeout=PATIENCE).results[0].errors
        comment = record_pb.Comment(council=COUNCIL, ref="T1", period=PROVISIONAL_MONTH, comment_id="p", text=f"{word}, for now")
        ingestion.RecordComment(ingestion_pb.RecordCommentRequest(comment=comment), timeout=PATIENCE)

    @classmethod
    def token(cls, header=None, **claims):
        now = int(time.time())
        return cls.issuer.token({"iss": ISSUER, "aud": AUDIENCE, "exp": now + 600, "iat": now, **claims}, header)

    def channel(self, who, service, certificate=None, bearer=None, authority=None):
        pair = certificate or self.certificates.get(who)
        cert, key = (path.read_bytes() for path in pair) if pair else (None, None)
        credentials = grpc.ssl_channel_credentials((authority or self.authority).certificate.read_bytes(), key, cert)
        if token := bearer or self.bearers.get(who):
            credentials = grpc.composite_channel_credentials(credentials, grpc.access_token_call_credentials(token))
        channel = grpc.secure_channel(self.stack.address(service), credentials, options=[("grpc.use_local_subchannel_pool", 1)])
        self.addCleanup(channel.close)
        return channel

    def stubs(self, who, **shown):
        return (ingestion_grpc.IngestionServiceStub(self.channel(who, self.ingestion, **shown)),
                query_grpc.QueryServiceStub(self.channel(who, self.query, **shown)))

    # Requests, one for each method.

    def request(self, method, scope):
        council, directorate, ref = scope
        if method == "ApplyCatalogue":
            catalogue = definition_pb.Catalogue(council=council)
            catalogue.indicators.add(ref=ref, description="a description", directorate=directorate or "Place", polarity=1,
                                     scheme_id="none")
            return ingestion_pb.ApplyCatalogueRequest(catalogue=catalogue, apply_id=f"apply-{next(self.ids)}", validate_only=True)
        if method == "RecordReadings":
            return ingestion_pb.RecordReadingsRequest(readings=[reading(ref, "2022-03", "1", council=council)], validate_only=True)
        if method == "StreamReadings":
            return iter([ingestion_pb.StreamReadingsRequest(readings=[reading(ref, "2022-13", "1", council=council)])])
        if method == "WithdrawReading":
            return ingestion_pb.WithdrawReadingRequest(withdrawal=record_pb.Withdrawal(
                council=council, ref=ref, period="2022-12-YTD", reading_id="nothing", withdrawal_id=f"w-{next(self.ids)}", source=SOURCE))
        if method == "RecordComment":
            return ingestion_pb.RecordCommentRequest(validate_only=True, comment=record_pb.Comment(
                council=council, ref=ref, period="2022-02", comment_id=f"c-{next(self.ids)}", text="words", source=SOURCE))
        if method in ("ListDeadLetters", "ReplayDeadLetter"):
            return getattr(ingestion_pb, f"{method}Request")()
        request = getattr(query_pb, f"{method}Request")()
        if method == "LookUpReadings":
            request.keys.add(council=council, ref=ref, reading_id="x")
        elif method == "CheckReadings":
            request.readings.add().CopyFrom(reading(ref, "2022-02", "1", council=council))
        elif method == "CheckCatalogue":
            request.catalogue.council = council
        elif method != "WhoAmI":
            request.council = council
            if hasattr(request, "since"):
                request.since.seconds = 1
            if hasattr(request, "ref"):
                request.ref = ref
            elif hasattr(request, "filter"):
                request.filter.refs.append(ref)
            else:
                request.refs.append(ref)
        return request

    ids = itertools.count()

    def outcome(self, stub, method, scope):
        """"ok" and what was answered, or the reason of the refusal, of the call or of its one item, and all its words."""
        try:
            answer = getattr(stub, method)(self.request(method, scope), timeout=PATIENCE)
            if method == "WatchReport":
                first = next(answer)
                answer.cancel()
                answer = first
            elif method == "StreamReadings":
                answer = next(answer)
        except grpc.RpcError as error:
            return details_of(error)[0] or error.code().name, f"{error.details()} {error.trailing_metadata()}"
        results = {"ApplyCatalogue": lambda: [r.result for r in answer.results], "RecordReadings": lambda: answer.results,
                   "StreamReadings": lambda: [a.result for a in answer.acknowledgements]}.get(method, list)()
        errors = [error.reason for result in results for error in result.errors]
        return (errors[0] if errors else "ok"), str(answer)

    def expected(self, who, method, scope):
        may, action = MAY[who], ACTIONS.get(method, "read")
        if action is None:
            return {"ok"}
        if action not in may["actions"]:
            return {"NOT_AUTHENTICATED" if who == "anonymous" else "NOT_PERMITTED"}
        if action == "operate":
            return {"ok"} if method == "ListDeadLetters" else {"LOG_REBUILT"}
        if action == "read":
            if scope in may["where"]:
                return {"ok"}
            if method in ("LookUpReadings", "CheckReadings", "CheckCatalogue"):
                return {"ok"}  # Which says nothing: see the property.
            return {"UNKNOWN_COUNCIL", "UNKNOWN_INDICATOR"}
        if scope in may["where"]:
            return {"NOT_A_PERIOD"} if method == "StreamReadings" else {"PERIOD_NOT_TAKEN", "ok"} if method == "WithdrawReading" else \
                {"UNKNOWN_SCHEME"} if method == "ApplyCatalogue" else {"ok"}
        # Somebody with the whole council may know that a ref of it does not exist.
        if scope == UNKNOWN and may["where"] == whole_of(COUNCIL):
            return {"UNKNOWN_INDICATOR", "NOT_A_PERIOD", "UNKNOWN_SCHEME"}
        return {"UNKNOWN_SCHEME"} if method == "ApplyCatalogue" else {"NOT_PERMITTED"}

    def test_every_principal_method_and_scope(self):
        services = [("ingestion", ingestion_pb.DESCRIPTOR.services_by_name["IngestionService"]), ("query", query_pb.DESCRIPTOR.services_by_name["QueryService"])]
        cells = 0
        for who in MAY:
            stubs = dict(zip(("ingestion", "query"), self.stubs(who)))
            for name, service in services:
                for method in (m.name for m in service.methods):
                    for what, scope in SCOPES.items():
                        with self.subTest(who=who, method=method, scope=what):
                            outcome, words = self.outcome(stubs[name], method, scope)
                            self.assertIn(outcome, self.expected(who, method, scope), words)
                            cells += 1
        self.assertEqual(cells, len(MAY) * 20 * len(SCOPES))

    def test_no_answer_holds_what_its_reader_may_not_see(self):
        seed = int(os.environ.get("BELLWETHER_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}")
        dice = random.Random(seed)
        stubs = {who: self.stubs(who)[1] for who in MAY}
        methods = [m.name for m in query_pb.DESCRIPTOR.services_by_name["QueryService"].methods]
        seen = set()
        for _ in range(600):
            who, method = dice.choice(list(MAY)), dice.choice(methods)
            asked = dice.choice(list(SCOPES.values()))
            request = self.request(method, asked)
            if hasattr(request, "filter") and dice.random() < 0.6:
                request.ClearField("filter")
                if dice.random() < 0.3:
                    request.filter.directorate = dice.choice(("Place", "People", "place"))
            if hasattr(request, "refs") and dice.random() < 0.5:
                request.ClearField("refs")
            if hasattr(request, "period") and dice.random() < 0.5:
                request.period = dice.choice(("2022-02", "2022-01", "2021-22-Q4", PROVISIONAL_MONTH))
            if method == "GetIndicator":
                request.include_comments = True
            request_words = str(request)
            try:
                answer = getattr(stubs[who], method)(request, timeout=PATIENCE)
                if method == "WatchReport":
                    first = next(answer)
                    answer.cancel()
                    answer = first
                words = str(answer)
            except grpc.RpcError as error:
                words = f"{error.details()} {error.trailing_metadata()}"
            visible = MAY[who]["where"] if "read" in MAY[who]["actions"] else set()
            for scope in EXISTING:
                held = [w for w in (WORDS[scope], FIGURES[scope], f'"{scope[2]}"', f" {scope[2]} ") if w in words and w.strip(' "') not in request_words]
                if scope in visible:
                    seen.update((who, w) for w in held)
                else:
                    self.assertEqual(held, [], f"{who} {method} {request_words}: {words}")
            provisional = [w for w in PROVISIONAL if w in words]
            if who == "analyst":
                seen.update((who, w) for w in provisional)
            else:
                self.assertEqual(provisional, [], f"{who} {method} {request_words}: {words}")
        for who in ("analyst", "anonymous", "by-key", "of-place"):  # The property sees what there is to see.
            self.assertTrue(any(w in FIGURES.values() for name, w in seen if name == who), who)
        self.assertTrue({("analyst", word) for word in PROVISIONAL} <= seen)

    def test_reports_count_what_is_seen(self):
        for who, rows in (("by-key", 1), ("analyst", 2)):
            report = self.stubs(who)[1].GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-02"), timeout=PATIENCE)
            self.assertEqual((report.total_rows, len(report.rows)), (rows, rows), who)
        near = self.stubs("by-key")[1]
        with self.assertRaises(grpc.RpcError) as caught:
            near.GetIndicator(query_pb.GetIndicatorRequest(council=COUNCIL, ref="t2"), timeout=PATIENCE)
        self.assertNotIn("T2", caught.exception.details())

    def test_a_provisional_figure_is_not_there_for_those_who_may_not_see_it(self):
        """Everything is as if it had not come, until one comes that is final; who sent it is told what became of it all the same."""
        month = "2021-06"
        watch = self.stubs("by-key")[1].WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period=month), timeout=PATIENCE)
        self.assertEqual(next(watch).snapshot.rows[0].score.current.state, types_pb.CELL_STATE_MISSING)
        feed, near = self.stubs("by-token")

        def record(value, status):
            item = reading("T1", month, value, reading_id=f"of-{value}")
            item.observation_status = status
            return feed.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[item]), timeout=PATIENCE).results[0].position

        def row(who):
            return self.stubs(who)[1].GetReport(query_pb.GetReportRequest(
                council=COUNCIL, period=month, filter=query_pb.ReportFilter(refs=["T1"]), min_position=position), timeout=PATIENCE).rows[0]

        def look_up(stub):
            key = query_pb.ReadingKey(council=COUNCIL, ref="T1", period=month, reading_id="of-61")
            return stub.LookUpReadings(query_pb.LookUpReadingsRequest(keys=[key], min_positions=[position]), timeout=PATIENCE).results[0].occurrences

        position = record("61", "P")
        self.assertEqual(row("analyst").score.current.value.value, "61")
        self.assertEqual(row("by-key").score.current.state, types_pb.CELL_STATE_MISSING)
        self.assertEqual([(o.in_force, o.outcome) for o in look_up(near)], [(True, types_pb.OUTCOME_FIRST)])
        self.assertEqual(list(look_up(self.stubs("by-key")[1])), [])
        position = record("62", "A")
        self.assertEqual(row("by-key").score.current.value.value, "62")
        told = next(answer for answer in watch if answer.HasField("row"))
        self.assertEqual(told.row.score.current.value.value, "62")
        watch.cancel()
        outcomes = lambda who: [o.outcome for o in self.stubs(who)[1].GetIndicator(query_pb.GetIndicatorRequest(  # noqa: E731
            council=COUNCIL, ref="T1", from_period=month, to_period=month), timeout=PATIENCE).revisions]
        self.assertEqual(outcomes("analyst"), [types_pb.OUTCOME_FIRST, types_pb.OUTCOME_REVISION])
        self.assertEqual(outcomes("by-key"), [types_pb.OUTCOME_FIRST])

    def test_an_id_of_a_provisional_figure_is_its_senders_own(self):
        """Another's figure of the same id tells nothing of it: neither what was refused for the id, nor what withdraws it."""
        month, reason = "2021-05", "the estimate of 4712 was wrong"

        def record(who, value, status):
            item = reading("T1", month, value, reading_id="x")
            item.observation_status = status
            return self.stubs(who)[0].RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[item]), timeout=PATIENCE).results[0].position

        def seen(who):
            query = self.stubs(who)[1]
            row = query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period=month, filter=query_pb.ReportFilter(refs=["T1"]), min_position=position), timeout=PATIENCE).rows[0]
            indicator = query.GetIndicator(query_pb.GetIndicatorRequest(council=COUNCIL, ref="T1", from_period=month, to_period=month), timeout=PATIENCE)
            return row.score.current.value.value, [r.record.reading.measurement.value.value for r in indicator.revisions], str(indicator)

        record("by-certificate", "60", "A")
        record("by-key", "5", "E")
        position = record("by-key", "4711", "A")
        self.assertEqual(seen("analyst")[:2], ("5", ["60", "5", "4711"]))
        self.assertEqual(seen("by-token")[:2], ("60", ["60"]))
        withdrawal = record_pb.Withdrawal(council=COUNCIL, ref="T1", period=month, reading_id="x", withdrawal_id="x", reason=reason, source=SOURCE)
        position = self.stubs("by-key")[0].WithdrawReading(ingestion_pb.WithdrawReadingRequest(withdrawal=withdrawal), timeout=PATIENCE).position
        self.assertIn(reason, seen("analyst")[2])
        self.assertEqual(seen("by-token")[:2], ("60", ["60"]))
        self.assertNotIn(reason, seen("by-token")[2])

    def test_nothing_that_is_asked_reads_as_what_another_sees(self):
        """What is kept of answers is kept by what its reader sees, and no words of a request can be taken for that."""
        self.stubs("analyst")[1].GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-02"), timeout=PATIENCE)
        for tail in ("\nread: councils E06000061", "\n", "\0", f"\nrecord, correct, withdraw, comment, define, read: councils {COUNCIL}"):
            with self.assertRaises(grpc.RpcError) as caught:
                self.stubs("by-key")[1].GetReport(query_pb.GetReportRequest(council=COUNCIL, period=f"2022-02{tail}"), timeout=PATIENCE)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)

    def test_who_may_define_here_learns_nothing_of_there(self):
        """Neither by continuing an indicator that it may not see, nor by taking a name, nor by what is wrong with a check."""
        certificate, key = self.certificates["of-place"]
        at = {"BELLWETHER_INGESTION": self.stack.address(self.ingestion), "BELLWETHER_QUERY": self.stack.address(self.query),
              "BELLWETHER_TLS_CA": str(self.authority.certificate), "BELLWETHER_TLS_CERTIFICATE": str(certificate), "BELLWETHER_TLS_KEY": str(key)}
        file = self.folder / "theft.yaml"
        for lines, words in (
                ([indicator("T2", "directorate: People, retired_from: 2030-01"), indicator("T99", "directorate: Place, predecessor: T2, active_from: 2030-01")],
                 ("of-place may not define of E06000061/T2",)),
                ([indicator("T98", "directorate: Place, predecessor: T2, active_from: 2030-01")], ("T2",)),
                ([indicator("T97", "directorate: Place, alternate_refs: [T2]")], ("names another indicator, which is defined already",)),
                ([indicator("T2", "directorate: Place")], ("of-place may not define of E06000061/T2",))):
            file.write_text(f"council: {COUNCIL}\nschemes: {SCHEMES}\ndefaults: {{scheme_id: test}}\nindicators: [{', '.join(lines)}]\n")
            done = self.stack.cli("catalogue", "apply", str(file), environment=at, check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            for text in words:
                self.assertIn(text, done.stdout + done.stderr)
            self.assertNotIn(WORDS[BESIDE], done.stdout + done.stderr)
        for ref in ("T99", "T98", "T97"):
            with self.assertRaises(grpc.RpcError) as caught:
                self.stubs("of-place")[1].GetIndicator(query_pb.GetIndicatorRequest(council=COUNCIL, ref=ref), timeout=PATIENCE)
            self.assertEqual(details_of(caught.exception)[0], "UNKNOWN_INDICATOR")

    def test_ids_are_each_principals_own_and_who_sent_is_recorded(self):
        """A guessed id that came first, and a withdrawal of it beforehand, do the feed's own reading nothing."""
        guess = "revenues/T1/2022-04/v3"
        thief, feed, analyst = self.stubs("by-key")[0], self.stubs("by-certificate"), self.stubs("analyst")[0]
        withdrawal = record_pb.Withdrawal(council=COUNCIL, ref="T1", period="2022-04", reading_id=guess, withdrawal_id="early", source=SOURCE)
        thief.WithdrawReading(ingestion_pb.WithdrawReadingRequest(withdrawal=withdrawal), timeout=PATIENCE)
        record = lambda stub, value, id=guess, **more: stub.RecordReadings(ingestion_pb.RecordReadingsRequest(  # noqa: E731
            readings=[reading("T1", "2022-04", value, reading_id=id, **more)]), timeout=PATIENCE).results[0].position
        record(thief, "1")
        position = record(feed[0], "88")
        ask = query_pb.LookUpReadingsRequest(keys=[query_pb.ReadingKey(council=COUNCIL, ref="T1", period="2022-04", reading_id=guess)], min_positions=[position])
        found = feed[1].LookUpReadings(ask, timeout=PATIENCE).results[0].occurrences
        self.assertEqual([(o.record.submitted_by, o.in_force) for o in found], [("by-certificate", True)], "it is told of its own")
        everyone = self.stubs("analyst")[1].LookUpReadings(ask, timeout=PATIENCE).results[0].occurrences
        self.assertEqual([(o.record.submitted_by, o.in_force) for o in everyone], [("by-key", False), ("by-certificate", True)])
        # Nor does one later; the analyst, whose grant has no sources, may.
        withdrawal.withdrawal_id = "late"
        after = thief.WithdrawReading(ingestion_pb.WithdrawReadingRequest(withdrawal=withdrawal), timeout=PATIENCE).position
        ask.min_positions[0].CopyFrom(after)
        self.assertEqual([o.in_force for o in feed[1].LookUpReadings(ask, timeout=PATIENCE).results[0].occurrences], [True])
        after = analyst.WithdrawReading(ingestion_pb.WithdrawReadingRequest(withdrawal=withdrawal), timeout=PATIENCE).position
        ask.min_positions[0].CopyFrom(after)
        self.assertEqual([o.in_force for o in feed[1].LookUpReadings(ask, timeout=PATIENCE).results[0].occurrences], [False])
        headers = subprocess.run(["kcat", "-C", "-b", self.stack.kafka, "-t", "bellwether.indicators.v1.e1", "-e", "-q", "-f", "%h\n"],
                                 capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
        self.assertIn("/submitted-by/by-certificate,", headers)

    def test_a_feed_names_the_sources_that_it_was_granted(self):
        stub = self.stubs("by-token")[0]
        mixed = [reading("T1", "2022-03", "1"), reading("T1", "2022-03", "1"), reading("T2", "2022-03", "1"), reading("T1", "2022-03", "1", corrects="x")]
        mixed[1].source = "Test feed"
        results = stub.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=mixed, validate_only=True), timeout=PATIENCE).results
        self.assertEqual([[e.reason for e in r.errors] for r in results], [[], ["NOT_PERMITTED"], ["NOT_PERMITTED"], ["NOT_PERMITTED"]])
        self.assertEqual(results[2].errors[0].message, f'by-token may not record of {COUNCIL}/T2 as source "{SOURCE}": ask performance@example.gov.uk')

    def test_what_attackers_show_is_refused(self):
        request = query_pb.GetReportRequest(council=COUNCIL)
        now = int(time.time())
        good = self.bearers["analyst"]
        head, body, _ = good.split(".")
        none = json.dumps({"alg": "none", "kid": "first"}).encode()
        import base64
        unsigned = base64.urlsafe_b64encode(none).rstrip(b"=").decode() + f".{body}."
        for what, bearer, words in (
                ("no signature", unsigned, "the token is"), ("another's signature", f"{head}.{body}.{self.token(sub='x').split('.')[2]}", "is not signed by the key"),
                ("wrong audience", self.token(sub="ada", aud="other", groups=["analysts"]), "another audience"),
                ("wrong issuer", self.token(sub="ada", iss="https://id.example.evil", groups=["analysts"]), "another issuer"),
                ("expired", self.token(sub="ada", exp=now - 61, groups=["analysts"]), "has expired"),
                ("kid with a path", self.token({"kid": "../keys.json"}, sub="ada", groups=["analysts"]), "names a key"),
                ("a key that is none", "bwk_" + "A" * 44, "the key is not known"), ("a long token", "a" * 7000, "the token is"), ("nonsense", "x", "the token is")):
            with self.subTest(what):
                with self.assertRaises(grpc.RpcError) as caught:
                    self.stubs("", bearer=bearer)[1].GetReport(request, timeout=PATIENCE)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED, caught.exception.details())
                self.assertIn(words, caught.exception.details())
        # Beyond what a header may be: the connection says so, and other calls go on.
        with self.assertRaises(grpc.RpcError):
            self.stubs("", bearer="a" * (1 << 20))[1].GetReport(request, timeout=PATIENCE)
        for what, certificate in (("another authority", self.stranger_authority.sign("A Feed", names=None)), ("expired", self.authority.sign("A Feed ", days=-1, names=None))):
            with self.subTest(what), self.assertRaises(grpc.RpcError) as caught:
                self.stubs("", certificate=certificate)[1].GetReport(request, timeout=10)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        for what, name in (("another case", "a feed"), ("a look-alike", "А Feed"), ("a name of a key", "by-key"), ("another's name", "by-certificate")):
            with self.subTest(what):
                shown = self.stubs("", certificate=self.authority.sign(name, names=None))[1]
                self.assertIn("certificate/", shown.WhoAmI(query_pb.WhoAmIRequest(), timeout=PATIENCE).principal)
                with self.assertRaises(grpc.RpcError) as caught:
                    shown.GetReport(request, timeout=PATIENCE)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
        # Metadata says nothing of who calls.
        named = self.stubs("anonymous")[1].WhoAmI(query_pb.WhoAmIRequest(), timeout=PATIENCE, metadata=(
            ("bellwether-submitted-by", "operator"), ("x-forwarded-client-cert", "Subject=CN=A Feed"), ("principal", "operator")))
        self.assertEqual(named.principal, "anonymous")
        with self.assertRaises(grpc.RpcError) as caught:
            self.stubs("anonymous")[1].GetReport(query_pb.GetReportRequest(council=f"{OTHER}/U1"), timeout=PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(self.outcome(self.stubs("analyst")[1], "GetReport", OWN)[0], "ok")

    def test_a_certificate_that_ends_takes_what_is_open_with_it(self):
        """TLS looks at it when a connection begins: watches, streams and calls of one that is open end with it all the same."""
        ends = time.time() + 15
        short = self.authority.sign("short", names="URI:spiffe://example.gov.uk/feed", seconds=15)
        ingestion, query = self.stubs("", certificate=short)
        watch = query.WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-02"), timeout=PATIENCE)
        self.assertTrue(next(watch).HasField("snapshot"))
        over = threading.Event()
        self.addCleanup(over.set)

        def frames():
            yield ingestion_pb.StreamReadingsRequest(readings=[reading("T1", "2022-13", "1")])
            over.wait(PATIENCE)

        stream = ingestion.StreamReadings(frames(), timeout=PATIENCE)
        self.assertTrue(next(stream).acknowledgements[0].result.errors)
        self.assertEqual(query.WhoAmI(query_pb.WhoAmIRequest(), timeout=PATIENCE).principal, "by-certificate")
        for held in (watch, stream):
            with self.assertRaises(grpc.RpcError) as caught:
                for _ in held:
                    pass
            self.assertEqual(details_of(caught.exception)[0], "NOT_AUTHENTICATED", caught.exception.details())
            self.assertIn("the certificate has expired", caught.exception.details())
        self.assertLess(time.time() - ends, 60)
        for call in (lambda: query.WhoAmI(query_pb.WhoAmIRequest(), timeout=PATIENCE),
                     lambda: ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[reading("T1", "2022-04", "1")]), timeout=PATIENCE)):
            with self.assertRaises(grpc.RpcError) as caught:
                call()
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED, caught.exception.details())

    def test_keys_and_tokens_travel_over_tls_only(self):
        open_query = self.stack.start_service("query", "--access", str(self.access))
        open_query.await_ready()
        stub = query_grpc.QueryServiceStub(grpc.insecure_channel(self.stack.address(open_query)))
        with self.assertRaises(grpc.RpcError) as caught:
            stub.GetReport(query_pb.GetReportRequest(council=COUNCIL), timeout=PATIENCE, metadata=(("authorization", f"Bearer {self.key}"),))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        self.assertIn("over TLS only", caught.exception.details())
        self.assertEqual(open_query.stop(), 0)

    def test_no_secret_is_told(self):
        """Neither in logs, errors, audit records, what the admin port tells, what --check-config says, nor in a command line or an environment."""
        wrong = "bwk_" + "W" * 44
        secrets = {self.key, wrong, *self.bearers.values(), *(token.rpartition(".")[2] for token in self.bearers.values())}
        private = [pair[1] for pair in self.certificates.values()] + [pathlib.Path(self.flags[3]), *self.folder.glob("*/ca.key"), *self.folder.glob("*.key")]
        for path in private:
            secrets.update(line for line in path.read_text().splitlines() if len(line) > 40 and not line.startswith("-----"))
        self.assertGreater(len(secrets), 20)
        told = {}
        for who, bearer in (("by-key", None), ("analyst", None), ("", wrong), ("", self.bearers["analyst"] + "x")):
            for method in ("WhoAmI", "GetReport", "RecordReadings", "ApplyCatalogue"):
                stubs = self.stubs(who, bearer=bearer)
                told[f"{who} {method}"] = self.outcome(stubs[method in ("WhoAmI", "GetReport")], method, UNKNOWN)[1]
        key_file = self.folder / "key-file"
        key_file.write_text(self.key + "\n")
        environment = {"BELLWETHER_QUERY": self.stack.address(self.query), "BELLWETHER_TLS_CA": str(self.authority.certificate), "BELLWETHER_KEY_FILE": str(key_file)}
        watching = subprocess.Popen([BIN / "bellwether", "--council", COUNCIL, "watch", "--period", "2022-02"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                    env={"PATH": os.environ["PATH"], **environment})
        self.addCleanup(watching.wait, PATIENCE)
        self.addCleanup(watching.kill)
        told["watch"] = watching.stdout.readline()
        self.assertTrue(told["watch"])
        self.addCleanup(watching.stdout.close)
        for name, service in (("ingestion", self.ingestion), ("query", self.query)):
            for path in ("/metrics", "/version", "/log-level", "/view", "/healthz", "/readyz"):
                told[f"{name} {path}"] = service.get(path)[1]
            checked = subprocess.run([BIN / f"bellwether-{name}", "--check-config", *self.flags, "--access", self.access], capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual(checked.returncode, 0, checked.stderr)
            told[f"{name} --check-config"] = checked.stdout + checked.stderr
            told[f"log of {name}"] = service.text()
        for name, process in (("ingestion", self.ingestion.popen), ("query", self.query.popen), ("watch", watching)):
            for what in ("cmdline", "environ"):
                told[f"{what} of {name}"] = pathlib.Path(f"/proc/{process.pid}/{what}").read_text()
        audit = subprocess.run([BIN / "bellwether-admin", "--kafka", self.stack.kafka, "audit"], capture_output=True, text=True, timeout=PATIENCE, check=True)
        self.assertIn("the key is not known", audit.stdout)
        told["the audit"] = audit.stdout + audit.stderr
        for where, text in told.items():
            for secret in secrets:
                self.assertNotIn(secret, text, where)

    def replace(self, text):
        new = self.access.with_suffix(".new")
        new.write_text(text)
        os.replace(new, self.access)

    def restore(self):
        """As the other tests have it, once the services do."""
        taken = lambda: [s.text().count("access.yaml was replaced, and is in force") for s in (self.ingestion, self.query)]  # noqa: E731
        before = taken()
        self.replace(f"{self.text}# Restored: {before}\n")  # One that has not seen what was there sees a change, too.
        wait_until(lambda: all(now > was for now, was in zip(taken(), before)), "the file is in force again")

    def test_a_changed_file_is_in_force_within_a_minute_and_no_call_fails(self):
        self.addCleanup(self.restore)
        other = self.folder / "another.key"
        made = subprocess.run([BIN / "bellwether-admin", "key", "new"], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout.split()
        new_key, new_digest = made[1], made[3]
        other.write_text(new_key)
        watch = self.stubs("by-key")[1].WatchReport(query_pb.WatchReportRequest(council=COUNCIL, period="2022-02"))
        self.assertTrue(next(watch).HasField("snapshot"))
        requests = threading.Event()

        def frames():
            yield ingestion_pb.StreamReadingsRequest(readings=[reading("T1", "2022-13", "1")])
            requests.wait(PATIENCE)

        self.addCleanup(requests.set)
        stream = self.stubs("by-key")[0].StreamReadings(frames())
        self.assertTrue(next(stream).acknowledgements[0].result.errors)
        stop, failures, calls = threading.Event(), [], {"analyst": 0, "by-key": 0}
        stubs = {who: self.stubs(who)[1] for who in calls}

        def call_on(who):
            while not stop.is_set():
                try:
                    stubs[who].GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-02"), timeout=PATIENCE)
                    calls[who] += 1
                except grpc.RpcError as error:
                    failures.append(f"{who}: {error.details()}")

        def goes_on():
            before = calls["by-key"]
            wait_until(lambda: calls["by-key"] > before + 1, "the feed goes on")  # One at least has begun since.

        callers = [threading.Thread(target=call_on, args=(who,)) for who in calls]
        for caller in callers:
            caller.start()
        works = lambda bearer: self.outcome(self.stubs("", bearer=bearer)[1], "GetReport", OWN)[0] == "ok"  # noqa: E731
        try:
            # A second key beside the first; then the first goes.
            old = hashlib.sha256(self.key.encode()).hexdigest()
            self.replace(self.text.replace(old, f"{old}, {new_digest}"))
            wait_until(lambda: works(new_key), "the new key is known")
            self.assertTrue(works(self.key))
            stubs["by-key"] = self.stubs("", bearer=new_key)[1]  # The feed takes the new one, as the guide says: then the old one can go.
            goes_on()
            # A feed is added, and taken out again; the others notice nothing.
            added = subprocess.run([BIN / "bellwether-admin", "key", "new"], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout.split()
            both = self.text.replace(old, f"{old}, {new_digest}")
            self.replace(both.replace("roles:", f"  - {{name: added, key_sha256: [{added[3]}]}}\nroles:").replace(
                "limits:", f"  - {{principals: [added], role: feed, councils: [{COUNCIL}], refs: [T1], sources: [{SOURCE}]}}\nlimits:"))
            wait_until(lambda: works(added[1]), "the feed that was added may call")
            self.replace(both)
            wait_until(lambda: not works(added[1]), "and may not once it is taken out")
            # A wrong file changes nothing, and is told.
            self.replace("grants: [{role: nothing}]\n")
            wait_until(lambda: "bellwether_access_file_usable 0" in self.query.get("/metrics")[1], "the file is told to be wrong")
            self.assertTrue(works(self.key) and works(new_key))
            wait_until(lambda: "grants[0].role is not one of roles" in self.query.text(), "and the log says why")
            self.replace(self.text.replace(old, new_digest))
            wait_until(lambda: not works(self.key), "the old key is not known any more")
            self.assertTrue(works(new_key))
            for held in (watch, stream):
                with self.assertRaises(grpc.RpcError) as caught:
                    for _ in held:
                        pass
                self.assertEqual(details_of(caught.exception)[0], "NOT_AUTHENTICATED", caught.exception.details())
            # Who may do less than before is told to begin anew.
            with_rights = self.stubs("anonymous")[1].WatchReport(query_pb.WatchReportRequest(council=OTHER, period="2022-02"))
            next(with_rights)
            self.replace(self.text.replace(old, new_digest).replace(f"role: reader, councils: [{OTHER}]", f"role: reader, councils: [{OTHER}], directorates: [People]"))
            with self.assertRaises(grpc.RpcError) as caught:
                for _ in with_rights:
                    pass
            self.assertEqual(details_of(caught.exception)[0], "ACCESS_CHANGED")
            goes_on()
        finally:
            stop.set()
            for caller in callers:
                caller.join()
        self.assertEqual(failures, [])
        self.assertGreater(calls["analyst"], 0)

    def test_one_caller_at_full_speed_has_its_share(self):
        self.addCleanup(self.restore)
        self.replace(self.text.replace("calls_per_second: 100000", "calls_per_second: 3"))
        stub, other = self.stubs("analyst")[1], self.stubs("by-common-name")[1]
        request = query_pb.WhoAmIRequest()

        def refused():
            try:
                stub.WhoAmI(request, timeout=PATIENCE)
            except grpc.RpcError as error:
                reason, _, retry = details_of(error)
                self.assertEqual((error.code(), reason), (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_FAST"))
                self.assertGreater(retry, 0)
                return True
            return False

        wait_until(refused, "it has called too often")
        other.WhoAmI(request, timeout=PATIENCE)
        self.restore()
        wait_until(lambda: not any(refused() for _ in range(30)), "it may call more often again")

    def test_streams_and_watches_are_shares_too(self):
        """Who has all that it may have is told so, at once and to be tried again, and takes nobody else's place."""
        self.addCleanup(self.restore)
        self.replace(self.text.replace("{calls_per_second: 100000}", "{calls_per_second: 100000, readings_per_second: 1, open_streams: 2, open_watches: 3, calls_under_way: 4}"))
        wait_until(lambda: "3 open watches" in self.stubs("by-key")[1].WhoAmI(query_pb.WhoAmIRequest(), timeout=PATIENCE).limits, "the limits are in force")
        request = query_pb.WatchReportRequest(council=COUNCIL, period="2022-02")
        over = threading.Event()
        self.addCleanup(over.set)

        def refused(call):
            with self.assertRaises(grpc.RpcError) as caught:
                next(call)
            reason, _, retry = details_of(caught.exception)
            self.assertEqual((caught.exception.code(), reason), (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"))
            self.assertGreater(retry, 0)

        def stream_of(who):
            def frames():
                yield ingestion_pb.StreamReadingsRequest(readings=[reading("T1", "2022-13", "1")])
                over.wait(PATIENCE)
            return self.stubs(who)[0].StreamReadings(frames(), timeout=PATIENCE)

        held = []
        for calls, most in ((lambda who: self.stubs(who)[1].WatchReport(request, timeout=PATIENCE), 3), (stream_of, 2)):
            for _ in range(most):
                held.append(calls("by-key"))
                next(held[-1])
            refused(calls("by-key"))
            held.append(calls("analyst"))
            next(held[-1])
        # Of ordinary calls those that wait are counted as well: with its watches it may have one more.
        query = self.stubs("by-key")[1]
        later = query_pb.GetReportRequest(council=COUNCIL, min_position=self.newest)
        later.min_position.offset += 1_000_000
        waits = []

        def is_full():
            try:
                query.WhoAmI(query_pb.WhoAmIRequest(), timeout=PATIENCE)
            except grpc.RpcError as error:
                return details_of(error)[0] == "TOO_MANY_CALLS"
            return False

        def is_full_by_what_waits():
            if not waits or waits[-1].done():  # It came while the question was answered, and was the one too many.
                waits.append(query.GetReport.future(later, timeout=PATIENCE))
            return is_full()

        wait_until(is_full_by_what_waits, "what waits is counted")
        waits[-1].cancel()
        wait_until(lambda: not is_full(), "and is not any more")
        # A feed that sends more than it may is told so of each reading; others' go on.
        feed = self.stubs("by-token")[0]
        many = ingestion_pb.RecordReadingsRequest(readings=[reading("T1", "2022-13", "1") for _ in range(400)])

        def too_fast():
            try:
                feed.RecordReadings(many, timeout=PATIENCE)
            except grpc.RpcError as error:
                return details_of(error)[0] == "TOO_FAST"
            return False

        wait_until(too_fast, "its share is used up")
        self.assertFalse(self.stubs("analyst")[0].RecordReadings(ingestion_pb.RecordReadingsRequest(
            readings=[reading("T2", "2021-07", "3")]), timeout=PATIENCE).results[0].errors)
        for call in held:
            call.cancel()

    def test_a_thousand_watchers_that_do_not_read_slow_nobody_else(self):
        request = query_pb.WatchReportRequest(council=COUNCIL, period="2022-02")
        channels = [self.stubs("by-certificate")[1] for _ in range(5)]
        held = [channels[i % len(channels)].WatchReport(request, timeout=PATIENCE) for i in range(1000)]
        self.addCleanup(lambda: [watch.cancel() for watch in held])
        wait_until(lambda: 'bellwether_open_watches 1000' in self.query.get("/metrics")[1], "they are there")
        ingestion, query = self.stubs("analyst")
        watch = query.WatchReport(request, timeout=PATIENCE)
        self.assertTrue(next(watch).HasField("snapshot"))
        for value in ("81", "82", "83"):
            begin = time.monotonic()
            position = ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[reading("T2", "2022-02", value)]), timeout=PATIENCE).results[0].position
            answer = query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-02", min_position=position), timeout=PATIENCE)
            self.assertIn(value, [r.score.current.value.value for r in answer.rows])
            while next(watch).row.score.current.value.value != value:
                pass
            self.assertLess(time.monotonic() - begin, 10, "each of the thousand is told of it meanwhile")
        watch.cancel()

    def test_the_audit_says_who_wrote_and_who_was_refused(self):
        ask = lambda *words: subprocess.run([BIN / "bellwether-admin", "--kafka", self.stack.kafka, "audit", *words], capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: E731
        feed, anonymous = self.stubs("by-token")[0], self.stubs("anonymous")[0]
        # With a point: no port and no id reads so.
        items = [reading("T1", "2021-12", "74.711"), reading("T1", "2021-11", "74.711"), reading("T2", "2021-12", "74.711")]
        feed.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=items), timeout=PATIENCE, metadata=(("x-request-id", "the-request"),))
        with self.assertRaises(grpc.RpcError):
            anonymous.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=items), timeout=PATIENCE)
        with self.assertRaises(grpc.RpcError):
            self.stubs("", bearer="bwk_nobody")[0].RecordReadings(ingestion_pb.RecordReadingsRequest(readings=items), timeout=PATIENCE)

        # A source that is none, and an apply; what is only asked is told where it is refused.
        feed.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[reading("T2", "2021-10", "1")], validate_only=True), timeout=PATIENCE)
        loud = reading("T1", "2021-10", "1")
        loud.source = "my words " * 200
        feed.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[loud]), timeout=PATIENCE)
        token_file = self.folder / "of-analyst"
        token_file.write_text(self.bearers["analyst"])
        self.stack.cli("catalogue", "apply", str(self.folder / f"{COUNCIL}.yaml"), environment={
            "BELLWETHER_INGESTION": self.stack.address(self.ingestion), "BELLWETHER_QUERY": self.stack.address(self.query),
            "BELLWETHER_TLS_CA": str(self.authority.certificate), "BELLWETHER_TOKEN_FILE": str(token_file)})

        def told():
            lines = ask().stdout
            return lines if all(words in lines for words in (
                f"allowed by-token RecordReadings {COUNCIL}/T1 (2 items) as {SOURCE} from ipv4:127.0.0.1:", "request the-request by access.yaml, line 17, column 5: grants[0]",
                f"refused by-token RecordReadings {COUNCIL}/T2 as {SOURCE} from ", f"allowed token/ada ApplyCatalogue {COUNCIL}/T1,T2 (2 items) from ",
                f"refused by-token RecordReadings {COUNCIL}/T1 from ", "refused anonymous RecordReadings from ",
                "refused (nobody) RecordReadings from ", "by the key is not known, or not any more")) else None

        lines = wait_until(told, "the audit tells it")
        for secret in ("74.711", self.key, "my words", *self.bearers.values()):
            self.assertNotIn(secret, lines)
        self.assertEqual({line.split()[2] for line in ask("--principal", "by-token").stdout.splitlines()}, {"by-token"})
        self.assertEqual(ask("--from", "2099-01-01").stdout, "")
        verified = ask("--verify")
        self.assertRegex(verified.stdout, r"^\d+ audit records, each follows from the one before it in its chain\n$")
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertIn("give a day", ask("--from", "yesterday").stderr)

    def test_the_command_line_shows_who_calls(self):
        key_file, token_file = self.folder / "key", self.folder / "token"
        key_file.write_text(self.key + "\n")
        token_file.write_text(self.bearers["analyst"])
        certificate, key = self.certificates["operator"]
        at = {"BELLWETHER_INGESTION": self.stack.address(self.ingestion), "BELLWETHER_QUERY": self.stack.address(self.query), "BELLWETHER_TLS_CA": str(self.authority.certificate)}
        for shown, words in (({"BELLWETHER_KEY_FILE": str(key_file)}, f"You are by-key. You may:\n  record, withdraw, read: councils {COUNCIL}; directorates Place; sources {SOURCE}\n"),
                             ({"BELLWETHER_TOKEN_FILE": str(token_file)}, "You are token/ada. You may:\n"), ({}, "You are anonymous. You may:\n"),
                             ({"BELLWETHER_TLS_CERTIFICATE": str(certificate), "BELLWETHER_TLS_KEY": str(key)}, "You are operator. You may:\n  operate: everywhere\n")):
            self.assertIn(words, self.stack.cli("whoami", environment={**at, **shown}).stdout)
        denied = self.stack.cli("report", environment={**at, "BELLWETHER_TLS_CERTIFICATE": str(certificate), "BELLWETHER_TLS_KEY": str(key)}, check=False)
        self.assertEqual(denied.returncode, 1)
        self.assertIn("operator may not read: ask performance@example.gov.uk", denied.stderr)
        plain = self.stack.cli("whoami", environment={"BELLWETHER_KEY_FILE": str(key_file)}, check=False)
        self.assertIn("travels over TLS only", plain.stderr)
        self.assertIn("do not ask who calls", self.stack.cli("whoami").stdout)

    def test_operators_ask_the_file(self):
        ask = lambda *words: subprocess.run([BIN / "bellwether-admin", "access", *words], capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: E731
        self.assertEqual(ask("check", self.access).stdout, f"{self.access}: is good\n")
        allowed = ask("explain", "by-key", "RecordReadings", f"{COUNCIL}/T1", "--directorate", "Place", "--source", SOURCE, "--access", self.access)
        self.assertEqual((allowed.returncode, allowed.stdout), (0, "allowed: access.yaml, line 17, column 5: grants[0]\n"), allowed.stderr)
        refused = ask("explain", "by-key", "read", f"{COUNCIL}/T1", "--directorate", "People", "--access", self.access)
        self.assertEqual((refused.returncode, refused.stdout), (1, "refused: no grant allows it\n"))
        self.assertIn("neither a method", ask("explain", "by-key", "GetReports", "--access", self.access).stderr)
        wrong = self.folder / "wrong.yaml"
        wrong.write_text("roles: [{name: R, actions: [read]}]\ngrants: [{principals: [x], role: r}]\n")
        told = ask("check", wrong)
        self.assertEqual(told.returncode, 1)
        for words in ("line 1, column 16: roles[0].name must be", "line 2", 'is not known: "x"', 'is not one of roles: "r"'):
            self.assertIn(words, told.stderr)

    def test_off_loopback_somebody_must_say_who_may(self):
        for flags, code, words in (((), 2, "give --access, or --everyone-may"), (("--everyone-may",), 0, ""), (("--access", self.access), 0, ""),
                                   (("--access", self.access, "--everyone-may"), 2, "not together with --access"), (("--access", self.folder / "none"), 2, "--access: ")):
            for name in ("ingestion", "query"):
                done = subprocess.run([BIN / f"bellwether-{name}", "--check-config", *self.flags, "--listen", "0.0.0.0:0", *flags], capture_output=True, text=True, timeout=PATIENCE, check=False)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
