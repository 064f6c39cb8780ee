"""What the bench asks of the pages: how many a second, what an open one takes, and how soon it is told."""

import contextlib
import re
import resource
import socket
import statistics
import threading
import time

import grpc
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc


def _exchange(caller, request):
    """One answer on a connection that is kept open; its head and the length of its body."""
    caller.sendall(request)
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += _more(caller)
    head, _, body = heard.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    left = (int(length[1]) if length else 0) - len(body)
    while left > 0:
        left -= len(_more(caller))
    return head, int(length[1]) if length else 0


def _more(caller):
    part = caller.recv(1 << 18)
    assert part, "the connection ended"
    return part


def _get(path, *headers, encoding="gzip"):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: bench", f"Accept-Encoding: {encoding}", *headers, "", ""]).encode()


def first_byte(port, path):
    """Milliseconds until a page that is opened begins to come, and the bytes of it as it is read."""
    with socket.create_connection(("127.0.0.1", port)) as caller:
        begin = time.monotonic()
        caller.sendall(_get(path, encoding="identity"))
        heard = _more(caller)
        seconds = time.monotonic() - begin
        while b"\r\n\r\n" not in heard:
            heard += _more(caller)
        head, _, body = heard.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        size = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        left = size - len(body)
        while left > 0:
            left -= len(_more(caller))
    return 1e3 * seconds, size


def whole_report(query, council, period):
    """Milliseconds until all pages of the report have come from query."""
    with grpc.insecure_channel(query) as channel:
        stub = query_grpc.QueryServiceStub(channel)
        grpc.channel_ready_future(channel).result(timeout=30)
        begin = time.monotonic()
        request = query_pb.GetReportRequest(council=council, period=period, page_size=1_000)
        while True:
            answer = stub.GetReport(request, timeout=60)
            request.page_token = answer.next_page_token
            if not request.page_token:
                return 1e3 * (time.monotonic() - begin)


def pages_a_second(port, paths, seconds, kept=False, threads=4):
    """Pages that are made anew each time, in turn; `kept`: asked for by whoever has them as they stand. Also the bytes of one."""
    made, sizes = [], []
    end = time.monotonic() + seconds

    def read(first):
        count, own = 0, []
        with socket.create_connection(("127.0.0.1", port)) as caller:
            requests = [_get(path) for path in paths[first::threads] or paths]
            if kept:
                tags = [re.search(rb"(?i)etag: (.*?)\r\n", _exchange(caller, request)[0] + b"\r\n")[1].decode() for request in requests[:50]]
                requests = [_get(path, f"If-None-Match: {tag}") for path, tag in zip(paths[first::threads] or paths, tags)]
            while time.monotonic() < end:
                head, size = _exchange(caller, requests[count % len(requests)])
                assert head.startswith(b"HTTP/1.1 304" if kept else b"HTTP/1.1 200"), head
                own.append(size)
                count += 1
        made.append(count)
        sizes.extend(own)

    begin = time.monotonic()
    readers = [threading.Thread(target=read, args=(i,)) for i in range(threads)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return sum(made) / (time.monotonic() - begin), statistics.median(sizes)


class Open:
    """A page that is open: what it is told."""

    def __init__(self, port, path):
        self.caller = socket.create_connection(("127.0.0.1", port))
        self.caller.sendall(_get(f"{path}/changes"))
        self.heard = b""
        self.await_event(b"event: at\n")

    def await_event(self, text):
        while text not in self.heard:
            self.heard += _more(self.caller)
        self.heard = self.heard.partition(text)[2]

    def close(self):
        self.caller.close()


@contextlib.contextmanager
def live_pages(port, path, count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    pages = [Open(port, path) for _ in range(count)]
    try:
        yield
    finally:
        for page in pages:
            page.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory_of_live_pages(port, path, count, memory):
    """Bytes that each takes of the service; `memory` tells all of its."""
    with live_pages(port, path, 1):  # With it comes the watch that all share.
        before = memory()
        with live_pages(port, path, count):
            return (memory() - before) / count


def change_to_page(port, query, council, period, record, count):
    """Milliseconds from a reading that is sent to an open page, and of the same ones to a watch of query. `record` sends one of a ref."""
    with grpc.insecure_channel(query, options=[("grpc.max_receive_message_length", 64 << 20)]) as channel:
        watch = query_grpc.QueryServiceStub(channel).WatchReport(query_pb.WatchReportRequest(council=council, period=period))
        for told in watch:
            if told.snapshot.complete:
                break
        page = Open(port, f"/{council}/reports/{period}")
        to_page, to_watch = [], []
        for i in range(count):
            ref = f"T{i % 67}"
            at = {}

            def follow(ref=ref, at=at):
                for told in watch:
                    if told.row.definition.ref == ref:
                        at["watch"] = time.monotonic()
                        return

            follower = threading.Thread(target=follow)
            follower.start()
            begin = time.monotonic()
            record(ref)
            page.await_event(f"event: row\ndata: {ref}\n".encode())
            to_page.append(1e3 * (time.monotonic() - begin))
            follower.join()
            to_watch.append(1e3 * (at["watch"] - begin))
        page.close()
        watch.cancel()
    return to_page, to_watch
