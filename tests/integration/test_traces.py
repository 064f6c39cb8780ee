"""A feed's trace goes from its call through both topics to the view, as spans that a collector gets."""

import http.server
import json
import os
import threading
import unittest

from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from stack import COUNCIL, PATIENCE, StackTest, indicator, reading, wait_until

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
FIGURE = "918273.645"
RECORD = "bellwether.v1.IngestionService/RecordReadings"


class Collector:
    """Takes spans as OTLP/HTTP with JSON."""

    def __init__(self):
        collector = self
        self.bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(200 if self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json" else 400)
                self.end_headers()
                collector.bodies.append(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def spans(self):
        """Of all services: name, service, trace, own id, parent's."""
        found = []
        for body in list(self.bodies):
            for resource in json.loads(body)["resourceSpans"]:
                service = resource["resource"]["attributes"][0]["value"]["stringValue"]
                for scope in resource["scopeSpans"]:
                    found += [{**span, "service": service} for span in scope["spans"]]
        return found

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class TracesTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.close)
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{cls.collector.server.server_port}"
        cls.addClassCleanup(os.environ.pop, "OTEL_EXPORTER_OTLP_ENDPOINT")
        super().setUpClass()
        cls.define(cls(), indicator("X1"))

    def send(self, traceparent, reading_id):
        request = ingestion_pb.RecordReadingsRequest(readings=[reading("X1", "2022-01", FIGURE, reading_id=reading_id)])
        metadata = (("traceparent", traceparent),) if traceparent else ()
        position = self.ingestion.RecordReadings(request, timeout=PATIENCE, metadata=metadata).results[0].position
        self.query.GetReport(query_pb.GetReportRequest(council=COUNCIL, period="2022-01", min_position=position), timeout=PATIENCE)

    def of_trace(self, trace):
        return {span["name"]: span for span in self.collector.spans() if span["traceId"] == trace}

    def test_from_the_call_through_both_topics_to_the_view(self):
        self.send(f"00-{TRACE}-{CALLER}-01", "traced")
        spans = wait_until(lambda: (lambda s: s if len(s) == 3 else None)(self.of_trace(TRACE)), "three spans of the trace")
        record, score, apply = spans[RECORD], spans["score"], spans["apply"]
        self.assertEqual([s["service"] for s in (record, score, apply)], ["bellwether-ingestion", "bellwether-scoring", "bellwether-query"])
        self.assertEqual(record["parentSpanId"], CALLER)
        self.assertEqual(score["parentSpanId"], record["spanId"])
        self.assertEqual(apply["parentSpanId"], score["spanId"])
        for span in spans.values():
            self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
        self.assertLessEqual(int(record["startTimeUnixNano"]), int(score["startTimeUnixNano"]))
        self.assertFalse([body for body in self.collector.bodies if FIGURE in body], "no figures leave the machine")

    def test_a_call_without_a_trace_begins_one(self):
        before = {span["traceId"] for span in self.collector.spans()}
        self.send(None, "untraced")
        def whole():
            for span in self.collector.spans():
                if span["name"] == RECORD and span["traceId"] not in before and "parentSpanId" not in span:
                    return len(self.of_trace(span["traceId"])) == 3
            return False
        wait_until(whole, "a trace of its own, through to the view")

    def test_a_caller_may_want_no_spans(self):
        trace = "1" * 32
        self.send(f"00-{trace}-{CALLER}-00", "unsampled")
        self.send(f"00-{'2' * 32}-{CALLER}-01", "sampled after it")
        wait_until(lambda: len(self.of_trace("2" * 32)) == 3, "the spans of the later call")
        self.assertEqual(self.of_trace(trace), {})

    def test_what_was_sent_is_counted(self):
        self.send(f"00-{'3' * 32}-{CALLER}-01", "counted")
        wait_until(lambda: len(self.of_trace("3" * 32)) == 3, "its spans")
        page = self.stack.ingestion.get("/metrics")[1]
        self.assertRegex(page, r"\nbellwether_spans_sent_total [1-9]")
        self.assertIn("\nbellwether_spans_dropped_total 0\n", page)


if __name__ == "__main__":
    unittest.main(verbosity=2)
