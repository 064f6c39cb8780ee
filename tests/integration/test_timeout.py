"""`--timeout` holds in every command of `bellwether`: services that take calls and never answer end it, and say so."""

import concurrent.futures
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import ingestion_service_pb2_grpc as ingestion_grpc
from stack import BIN, COUNCIL, EXAMPLE, PATIENCE, StackTest, indicator

UNREACHABLE = 3
# Far below the 30 s that nobody asked for; a command makes several calls, and this machine compiles beside it.
SOON = 20
# What each command is asked; of one that is not here nobody has shown that it ends.
COMMANDS = {
    ("catalogue", "apply"): [str(EXAMPLE / "catalogue.yaml")],
    ("catalogue", "check"): [str(EXAMPLE / "catalogue.yaml")],
    ("catalogue", "show"): [],
    ("readings", "template"): [],
    ("readings", "submit"): ["FILE"],
    ("readings", "due"): [],
    ("readings", "export"): [],
    ("readings", "withdraw"): ["F1", "2022-02"],
    ("report",): [],
    ("findings",): [],
    ("watch",): [],
    ("changes",): ["--since", "2022-03-01"],
    ("explain",): ["F1"],
    ("indicator",): ["F1"],
    ("comment",): ["F1", "2022-02", "words"],
    ("dead-letters", "list"): [],
    ("dead-letters", "show"): ["e1/3/904"],
    ("dead-letters", "replay"): ["e1/3/904"],
    ("whoami",): [],
}
CALLS_NOBODY = {("catalogue", "schema")}


def commands(*words):
    """Those that `--help` knows, without the ones that only hold others."""
    text = subprocess.run([BIN / "bellwether", *words, "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    verbs = re.findall(r"^  ([a-z-]+) ", text.partition("Subcommands:\n")[2], re.MULTILINE)
    return {found for verb in verbs for found in commands(*words, verb)} if verbs else {words}


class Silent(grpc.GenericRpcHandler):
    """Takes every call, and answers none until the caller is gone."""

    def service(self, details):
        def wait(requests, context):
            gone = threading.Event()
            if context.add_callback(gone.set):
                gone.wait()
            return iter(())

        return grpc.stream_stream_rpc_method_handler(wait)


class Slow(ingestion_grpc.IngestionServiceServicer):
    """Acknowledges a frame in 0.6 s, as refused."""

    def StreamReadings(self, requests, context):  # noqa: N802
        sequence = 0
        for frame in requests:
            threading.Event().wait(0.6)
            answer = ingestion_pb.StreamReadingsResponse()
            for _ in frame.readings:
                acknowledgement = answer.acknowledgements.add(sequence=sequence)
                acknowledgement.result.errors.add(message="slowly refused", reason="TEST")
                sequence += 1
            yield answer


class TimeoutTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), *[indicator(f"F{n}") for n in range(1, 7)])
        cls.silent = cls.serve(lambda server: server.add_generic_rpc_handlers((Silent(),)))
        # A port that lets everybody in, and behind which nobody speaks.
        port = cls.enterClassContext(socket.create_server(("127.0.0.1", 0), backlog=256))
        cls.deaf = f"127.0.0.1:{port.getsockname()[1]}"

    @classmethod
    def serve(cls, add):
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(64))
        add(server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        cls.addClassCleanup(lambda: server.stop(0).wait())
        return f"127.0.0.1:{port}"

    def file_of(self, rows):
        file = tempfile.NamedTemporaryFile("w", suffix=".csv")
        self.addCleanup(file.close)
        file.write("ref,period,value\n" + "".join(f"{ref},{period},{value}\n" for ref, period, value in rows))
        file.flush()
        return file.name

    def ask(self, ingestion, query, words):
        """Its exit code, what it said, and how long it took."""
        began = time.monotonic()
        command = [BIN / "bellwether", "--timeout", "1", "--council", COUNCIL, "--ingestion", ingestion, "--query", query, *words]
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=SOON, check=False)
        except subprocess.TimeoutExpired:
            return None, "", "", SOON
        return result.returncode, result.stdout, result.stderr, time.monotonic() - began

    def test_every_command_ends(self):
        found = commands()
        self.assertEqual(found - CALLS_NOBODY, set(COMMANDS), "each has what it is asked here, or calls nobody")
        file = self.file_of([("F1", "2022-02", 1)])
        ingestion, query = (self.stack.address(s) for s in (self.stack.ingestion, self.stack.query))
        tries = [(verb, pair) for verb in COMMANDS for pair in (
            (self.silent, self.silent), (self.deaf, self.deaf), (self.silent, query), (ingestion, self.silent))]

        def one(tried):
            verb, pair = tried
            return self.ask(*pair, [*verb, *(file if word == "FILE" else word for word in COMMANDS[verb])])

        # A watch of a service that does answer goes on, as it should.
        tries.remove((("watch",), (self.silent, query)))
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for (verb, pair), (code, _, err, _) in zip(tries, pool.map(one, tries)):
                with self.subTest(" ".join(verb), silent=[name for name, at in zip(("ingestion", "query"), pair) if at in (self.silent, self.deaf)]):
                    self.assertIsNotNone(code, f"it did not end within {SOON} s")
                    if pair[0] == pair[1]:
                        self.assertEqual(code, UNREACHABLE, err)
                        self.assertRegex(err, r"did not answer in time: .*\n.*called ingestion at ")

    def test_a_submit_that_is_not_acknowledged_ends_and_says_what_to_do(self):
        code, out, err, _ = self.ask(self.silent, self.stack.address(self.stack.query), ["readings", "submit", self.file_of([("F1", "2022-02", 1)])])
        self.assertEqual((code, out), (UNREACHABLE, ""))
        self.assertIn("the stream was cut after 0 of 1 readings; submit the file again", err)
        self.assertIn("did not answer in time: nothing was acknowledged for 1 s (--timeout)", err)

    def test_a_submit_that_goes_on_is_not_ended(self):
        slow = self.serve(lambda server: ingestion_grpc.add_IngestionServiceServicer_to_server(Slow(), server))
        rows = [(f"F{n}", f"20{year:02}-{month:02}", 1) for n in range(1, 6) for year in range(10, 20) for month in range(1, 11)]
        code, _, err, took = self.ask(slow, self.stack.address(self.stack.query), ["readings", "submit", self.file_of(rows)])
        self.assertEqual(code, 1, err)
        self.assertIn("slowly refused", err)
        self.assertGreater(took, 2)

    def test_a_watch_lasts_once_it_has_begun(self):
        query = self.stack.address(self.stack.query)
        code, out, err, took = self.ask(self.silent, query, ["watch", "--seconds", "3"])
        self.assertEqual((code, err), (0, ""))
        self.assertIn("Watching the report of", out)
        self.assertGreater(took, 2.9)
        code, out, err, _ = self.ask(self.silent, self.silent, ["watch", "--seconds", "1"])
        self.assertEqual((code, out), (UNREACHABLE, ""), "that it saw no report is not told by silence")
        self.assertIn("did not answer in time", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
