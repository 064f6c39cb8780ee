"""Ordinary calls beside an attack, from a process of their own: how many failed, and how long they took.

Each begins at its own moment, whether those before it have ended or not, and is measured from that moment: a service that
stands still for a second shows as that second.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time

import grpc
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from stack import COUNCIL, reading

EVERY = 0.02  # Seconds from one call to the next.
LONGEST = 20  # Seconds until a call has failed.


class Ordinary:
    """The process of ordinary calls to the ports of a stack's ingestion and query; with TLS by (authority, certificate, key)."""

    def __init__(self, ingestion, query, tls=()):
        self.popen = subprocess.Popen([sys.executable, __file__, str(ingestion), str(query), *map(str, tls)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.since_last()

    def since_last(self):
        """Of the calls since the last question: {"calls", "failures": [text], "p99", "slowest"}, times in seconds."""
        self.popen.stdin.write("\n")
        self.popen.stdin.flush()
        return json.loads(self.popen.stdout.readline())

    def over(self, seconds):
        """The same of the next so many seconds."""
        self.since_last()
        time.sleep(seconds)  # The time measured.
        return self.since_last()

    def close(self):
        self.popen.stdin.close()
        self.popen.stdout.close()
        self.popen.wait()


class Caller:
    """Begins calls and takes down what became of them."""

    def __init__(self, ingestion, query, *tls):
        self.credentials = None
        if tls:
            authority, certificate, key = (pathlib.Path(file).read_bytes() for file in tls)
            self.credentials = grpc.ssl_channel_credentials(authority, key, certificate)
        self.lock, self.seconds, self.failures, self.under_way = threading.Lock(), [], [], set()
        self.channels = []  # They live as long as the process.
        def record():
            return ingestion_pb.RecordReadingsRequest(readings=[reading("W1", "2022-01", 5, reading_id="ordinary")])
        self.calls = [(self._method(ingestion, "IngestionService/RecordReadings", ingestion_pb.RecordReadingsResponse), record,
                       lambda answer: answer.results[0].HasField("position"))]
        for name, asks, answers, right in (
                ("GetReport", query_pb.GetReportRequest, query_pb.GetReportResponse, lambda answer: len(answer.rows) > 0),
                ("ListIndicators", query_pb.ListIndicatorsRequest, query_pb.ListIndicatorsResponse, lambda answer: len(answer.definitions) > 0)):
            self.calls.append((self._method(query, f"QueryService/{name}", answers), lambda asks=asks: asks(council=COUNCIL), right))

    def _method(self, port, path, answers):
        options = [("grpc.use_local_subchannel_pool", 1)]
        address = f"127.0.0.1:{port}"
        channel = grpc.secure_channel(address, self.credentials, options) if self.credentials else grpc.insecure_channel(address, options)
        self.channels.append(channel)
        return channel.unary_unary(f"/bellwether.v1.{path}", request_serializer=lambda m: m.SerializeToString(), response_deserializer=answers.FromString)

    def run(self):
        began = 0
        start = time.monotonic()
        while True:
            due = start + began * EVERY
            now = time.monotonic()
            if due > now:
                time.sleep(due - now)  # Until the next call is due.
            method, ask, right = self.calls[began % len(self.calls)]
            self._begin(method, ask(), right, due)
            began += 1

    def _begin(self, method, ask, right, due):
        call = method.future(ask, timeout=LONGEST)
        with self.lock:
            self.under_way.add(due)

        def ended(call):
            took, failure = time.monotonic() - due, None
            try:
                if not right(call.result()):
                    failure = f"a wrong answer: {str(call.result())[:200]}"
            except grpc.RpcError as error:
                failure = f"{error.code().name}: {error.details()}"
            except Exception as error:  # Told with the failures.
                failure = f"{type(error).__name__}: {error}"
            with self.lock:
                self.under_way.discard(due)
                self.seconds.append(took)
                if failure:
                    self.failures.append(failure)
        call.add_done_callback(ended)

    def answer_questions(self):
        for _ in sys.stdin:
            with self.lock:
                now = time.monotonic()
                # Those that are still under way count with the time they have taken so far.
                seconds = sorted(self.seconds + [now - due for due in self.under_way])
                # Of few calls two may be slow, whatever the reason: the hundredth part of them says nothing.
                place = max(0, min(int(len(seconds) * 0.99), len(seconds) - 3))
                told = {"calls": len(seconds), "failures": self.failures[:20], "p99": seconds[place] if seconds else 0,
                        "slowest": seconds[-1] if seconds else 0}
                self.seconds, self.failures = [], []
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    caller = Caller(*sys.argv[1:])
    threading.Thread(target=caller.run, daemon=True).start()
    caller.answer_questions()
