"""./dev bench: how close each service comes to what this machine allows. Asserts nothing on time.

Every figure stands beside its ceiling of the same run: both are measured in turn, several times, and the medians are
compared. What counts is the ratio."""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
sys.path += [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "integration")]

import pages  # noqa: E402
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb  # noqa: E402
from certificates import Authority  # noqa: E402
from kafka import KafkaStack  # noqa: E402
from stack import BUILD, PATIENCE, Process, reading, wait_until  # noqa: E402

PROGRAMS = BUILD / "bench"
INDICATORS = "bellwether.indicators.v1.e{}"
SCORES = "bellwether.scores.v1.e{}.r{}"
# Councils, months: of the report, of many indicators, of the start.
SIZES = {False: {"report": (200, 24), "many": (1150, 13), "start": (300, 200), "large": (1, 120), "stream": 300_000, "seconds": 5},
         True: {"report": (5, 6), "many": (10, 3), "start": (5, 12), "large": (1, 6), "stream": 3_000, "seconds": 1}}
ROWS = 67  # Indicators of a council that bench-fill makes.
PAGES = ("pages of a report", "memory of an open page", "change to open page")
LARGE_PAGE = "page of many rows"


def run(program, *arguments):
    """One command of the bench's programs; what it printed, as JSON."""
    result = subprocess.run([PROGRAMS / program, *map(str, arguments)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise AssertionError(f"{program} {arguments}: {result.stdout}{result.stderr}")
    return json.loads(result.stdout) if result.stdout else None


class Bench:
    def __init__(self, options):
        self.rounds, self.only, self.quick = options.rounds, options.only, options.quick
        self.sizes = SIZES[options.quick]
        self.rows = []

    def say(self, words):
        print(f"[{time.strftime('%H:%M:%S')}] {words}", flush=True)

    def wants(self, *measures):
        return not self.only or any(self.only in m for m in measures)

    def add(self, measure, unit, figures, ceilings=None, floor=None, most=False, ratio_of=None):
        """A row of the table. `most`: the ratio is to be at most the floor. `floor` without ceilings is of the figure."""
        figure = statistics.median(figures)
        row = {"measure": measure, "figure": figure, "unit": unit, "ceiling": None, "ratio": None, "floor": floor,
               "floor_is": "at most" if most else "at least", "spread": [min(figures), max(figures)], "rounds": len(figures)}
        if ceilings:
            row["ceiling"] = statistics.median(ceilings)
            row["ratio"] = figure / row["ceiling"] if ratio_of is None else ratio_of(figure, row["ceiling"])
            row["ceiling_spread"] = [min(ceilings), max(ceilings)]
        self.rows.append(row)
        self.say(f"  {measure}: {shown(figure)} {unit}" + (f", ceiling {shown(row['ceiling'])}, ratio {row['ratio']:.2f}" if ceilings else ""))

    def in_turn(self, measure, ceiling):
        """Both, in turn, once to warm up and then for every round."""
        figures, ceilings = [], []
        for i in range(self.rounds + 1):
            pair = measure(), ceiling()
            if i > 0:
                figures.append(pair[0])
                ceilings.append(pair[1])
        return figures, ceilings

    # --- Within one process ---

    def rating(self):
        result = subprocess.run([PROGRAMS / "bench-rating", "--benchmark_format=json", f"--benchmark_repetitions={self.rounds}",
                                 "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={0.02 if self.quick else 0.3}"],
                                capture_output=True, text=True, check=True)
        runs = [b for b in json.loads(result.stdout)["benchmarks"] if b["run_type"] == "iteration"]

        def of(name, key="items_per_second"):
            return [b[key] for b in runs if b["name"].startswith(name)]

        self.add("pure rating with explanation", "periods/s", of("EvaluateAPeriod"), of("RateDoublesOfAPeriod"))
        self.rows[-1]["floor"] = 0.02
        self.add("pure rating: allocations", "a period", of("EvaluateAPeriod", "allocations"), floor=0, most=True)
        self.add("update for one new month", "bytes", of("UpdateOfANewMonth", "bytes"), floor=600, most=True)
        self.add("revision in a ten-year history", "us", [1e6 / x for x in of("ReviseAMonth/10")], [1e6 / x for x in of("ReviseAMonth/1/")],
                 floor=1.2, most=True)
        self.add("fold of a log, without Kafka", "us a record", [1e6 / x for x in of("FoldALog")])

    # --- Over Kafka ---

    def start(self):
        self.stack = KafkaStack.__new__(KafkaStack)
        self.stack.processes = []
        self.stack.__init__()
        self.epoch = 1
        self.rules = 1
        self.revision = 1_000

    def next_revision(self, count):
        self.revision += count
        return self.revision - count

    def topics(self, rules=1):
        self.stack.admin("topics", "--epoch", str(self.epoch), "--rules-version", str(rules))

    def serve(self, command, *arguments):
        return serving(self.stack, command, arguments)

    def ingestion(self):
        bare = self.serve("stream", "--kafka", self.stack.kafka, "--topic", INDICATORS.format(2))
        self.epoch = 2
        self.topics()
        self.epoch = 1
        for frame, share in ((1, 10), (10, 3), (100, 1), (500, 1)):
            def load(address, frame=frame, share=share):
                count = self.sizes["stream"] // share
                return run("bench-load", "stream", "--address", address, "--frame", frame, "--readings", count,
                           "--revision", self.next_revision(count))["per_second"]
            real = self.stack.address(self.stack.ingestion)
            figures, ceilings = self.in_turn(lambda load=load: load(real), lambda load=load: load(f"127.0.0.1:{bare.ports['listen']}"))
            self.add(f"ingestion stream, frames of {frame}", "readings/s", figures, ceilings, floor=0.65 if frame >= 100 else None)
        bare.stop()
        self.ingestion_with_access()

    def ingestion_with_access(self):
        """What it costs to ask who sends and what it may, and to record it; beside itself, where nobody asks. Both over TLS."""
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(folder)
            certificate, key = authority.sign("feed")
            access = pathlib.Path(folder) / "access.yaml"
            access.write_text("principals: [{name: feed, certificate: localhost}]\nroles: [{name: feed, actions: [record]}]\n"
                              "grants: [{principals: [feed], role: feed}]\nlimits: {calls_per_second: 4000000000, readings_per_second: 4000000000}\n")
            tls = ["--tls-certificate", certificate, "--tls-key", key, "--tls-client-ca", authority.certificate]
            asks, asks_nobody = (self.stack.start_service("ingestion", *map(str, tls), *more) for more in (["--access", str(access)], ["--everyone-may"]))

            def load(service):
                return run("bench-load", "stream", "--address", f"localhost:{service.ports['listen']}", "--tls-ca", authority.certificate, "--tls-certificate", certificate,
                           "--tls-key", key, "--frame", 100, "--readings", self.sizes["stream"], "--revision", self.next_revision(self.sizes["stream"]))["per_second"]
            for service in (asks, asks_nobody):  # They read first all that was sent until now.
                wait_until(lambda service=service: service.get("/readyz")[0] == 200, f"{service.name} is ready", 1800)
            figures, ceilings = self.in_turn(lambda: load(asks), lambda: load(asks_nobody))
            self.add("ingestion stream with access.yaml, frames of 100", "readings/s", figures, ceilings, floor=0.97)
            for service in (asks, asks_nobody):
                service.stop()

    def visible(self):
        seconds = self.sizes["seconds"] * 2
        self.epoch = 3
        self.topics()
        self.epoch = 1
        address, query = self.stack.address(self.stack.ingestion), self.stack.address(self.stack.query)
        run("bench-load", "stream", "--address", address, "--frame", 100, "--readings", 67 * 24, "--revision", self.next_revision(67 * 24))

        def real():
            return run("bench-load", "visible", "--address", address, "--query", query, "--seconds", seconds,
                       "--revision", self.next_revision(100 * seconds))

        def hops():
            return run("bench-ceiling", "hops", "--kafka", self.stack.kafka, "--topic", INDICATORS.format(3), "--to", SCORES.format(3, 1),
                       "--seconds", seconds)

        figures, ceilings = self.in_turn(real, hops)
        for quantile, floor in (("p50", 1.15), ("p99", None)):
            self.add(f"submit to visible, {quantile}", "ms", [f[f"{quantile}_ms"] for f in figures], [c[f"{quantile}_ms"] for c in ceilings],
                     floor=floor, most=True)

    def idle(self):
        """Over Apache Kafka, with nothing sent; then all in one process, with the embedded broker."""
        def measure(name, process, seconds=self.sizes["seconds"] * 2):
            def used():
                fields = pathlib.Path(f"/proc/{process.popen.pid}/stat").read_text().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

            def share():
                before, begin = used(), time.monotonic()
                time.sleep(seconds)
                return 100 * (used() - before) / (time.monotonic() - begin)

            self.add(f"idle CPU of {name}", "% of a core", [share() for _ in range(self.rounds)])

        for service in (self.stack.ingestion, self.stack.scoring, self.stack.query):
            measure(service.name.removeprefix("bellwether-"), service)
        ports = ["--port", "0", "--admin", "127.0.0.1:0", "--ingestion-listen", "127.0.0.1:0", "--query-listen", "127.0.0.1:0"]
        standalone = self.stack.start("bellwether-standalone", ports, r"admin on port (?P<admin>\d+)")
        standalone.await_ready()
        measure("standalone, with its broker", standalone)
        standalone.stop()

    def fill(self, epoch, size, indicators=ROWS):
        councils, months = self.sizes[size]
        self.epoch, self.rules = epoch, 1
        self.topics()
        self.say(f"  filling: {councils * indicators:,} indicators, {months} months")
        self.records = run("bench-fill", "--kafka", self.stack.kafka, "--topic", INDICATORS.format(epoch), "--councils", councils, "--months", months,
                           "--indicators", indicators)
        self.score_into(1)

    def scoring(self, epoch, size):
        """Fills the epoch, too."""
        self.fill(epoch, size)
        if not self.wants("scoring"):
            return

        peaks = []

        def real():
            self.rules += 1
            rate, peak = self.score_into(self.rules)
            peaks.append(peak)
            return rate

        def bare():
            self.rules += 1
            self.topics(self.rules)
            run("bench-ceiling", "republish", "--kafka", self.stack.kafka, "--topic", INDICATORS.format(epoch), "--updates",
                SCORES.format(epoch, 1), "--to", SCORES.format(epoch, self.rules))
            return self.records / self.span(self.rules)

        figures, ceilings = self.in_turn(real, bare)
        name = f"scoring, {self.sizes[size][0] * ROWS:,} indicators"
        self.add(name, "records/s", figures, ceilings, floor=0.6)
        self.add(f"{name}: peak memory", "MiB", peaks[1:], floor=400, most=True)

    def span(self, rules):
        return run("bench-ceiling", "span", "--kafka", self.stack.kafka, "--topic", SCORES.format(self.epoch, rules), "--count", self.records)["seconds"]

    def score_into(self, rules):
        """Records a second of a fresh scoring group, and the most memory that its process had, in MiB."""
        self.topics(rules)
        topic = SCORES.format(self.epoch, rules)
        scoring = self.stack.start_service("scoring", "--epoch", str(self.epoch), "--scores-topic", topic, "--group", f"bench.{topic}")
        seconds = self.span(rules)
        peak = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{scoring.popen.pid}/status").read_text())[1]) / 1024
        scoring.stop()
        return self.records / seconds, peak

    def reports(self):
        councils, months = self.sizes["report"]
        epoch = ["--epoch", "4"]
        ingestion, query = self.stack.start_service("ingestion", *epoch), self.stack.start_service("query", *epoch)
        topic = SCORES.format(4, 1)
        scoring = self.stack.start_service("scoring", *epoch, "--scores-topic", topic, "--group", f"bench.{topic}")
        for service in (ingestion, query, scoring):
            service.await_ready()
        real = self.stack.address(query)
        bare = self.serve("reports", "--query", real)
        ready = f"127.0.0.1:{bare.ports['listen']}"
        which = ["--councils", councils, "--months", months]
        seconds = self.sizes["seconds"]

        def beside_revisions(measure):
            revisions = subprocess.Popen([PROGRAMS / "bench-load", "revise", "--address", self.stack.address(ingestion), "--seconds", str(seconds),
                                          *map(str, which), "--revision", str(self.next_revision(100 * seconds))], stdout=subprocess.DEVNULL)
            result = measure()
            if revisions.wait(60) != 0:
                raise AssertionError("the revisions were not taken")
            return result

        def load(address):
            return beside_revisions(lambda: run("bench-load", "reports", "--address", address, *which, "--seconds", seconds, "--revision", self.revision))

        if self.wants(*PAGES):
            self.pages(query, ingestion, beside_revisions, lambda: load(real)["per_second"])
        if self.wants("GetReport"):
            self.get_report(epoch, real, ready, which, load)
        for service in (bare, ingestion, query, scoring):
            service.stop()

    def get_report(self, epoch, real, ready, which, load):
        self.say("  making the ready-made replies")
        run("bench-load", "reports", "--address", ready, *which, "--every")
        figures, ceilings = self.in_turn(lambda: load(real), lambda: load(ready))
        self.add("GetReport, 67 rows, beside 100 revisions/s", "replies/s", [f["per_second"] for f in figures], [c["per_second"] for c in ceilings], floor=0.85)
        self.add("GetReport, p99", "us", [f["p99_us"] for f in figures], [c["p99_us"] for c in ceilings])
        self.add("GetReport, size of a reply", "bytes", [f["bytes"] for f in figures])
        # The same, asked who calls and what it may see; beside itself, where nobody asks.
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as access:
            access.write("roles: [{name: reader, actions: [read, read-provisional]}]\ngrants: [{principals: [anonymous], role: reader}]\n"
                         "limits: {calls_per_second: 4000000000}\n")
            access.flush()
            guarded = self.stack.start_service("query", *epoch, "--access", access.name)
            guarded.await_ready()
            address = self.stack.address(guarded)
            run("bench-load", "reports", "--address", address, *which, "--every")  # As `real` was asked for the ready-made ones.
            figures, ceilings = self.in_turn(lambda: load(address), lambda: load(real))
            self.add("GetReport with access.yaml", "replies/s", [f["per_second"] for f in figures], [c["per_second"] for c in ceilings], floor=0.95)
            guarded.stop()

    def serve_pages(self, query):
        web = self.stack.start("bellwether-web", ["--query", self.stack.address(query), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
                               r"listening on port (?P<listen>\d+), admin on port (?P<admin>\d+)")
        web.await_ready()
        return web

    def large_page(self):
        """One report of very many rows: beside all of it from query, and while others have it open."""
        indicators, others = (100, 10) if self.quick else (2_000, 1_000)
        self.fill(7, "large", indicators)
        query = self.stack.start_service("query", "--epoch", "7")
        query.await_ready()
        web = self.serve_pages(query)
        port, council, month = web.ports["listen"], "E06000000", month_of(self.sizes["large"][1] - 1)
        path, sizes = f"/{council}/reports/{month}", []

        def opened():
            begins, size = pages.first_byte(port, path)
            sizes.append(size)
            return begins

        figures, ceilings = self.in_turn(opened, lambda: pages.whole_report(self.stack.address(query), council, month))
        name = f"{LARGE_PAGE}, {indicators:,}"
        self.add(f"{name}: until it begins to come", "ms", figures, ceilings, floor=5, most=True)
        with pages.live_pages(port, path, others):
            busy = [opened() for _ in range(self.rounds)]
        self.add(f"{name}: the same while {others:,} have it open", "ms", busy, figures, floor=1.1, most=True)
        self.add(f"{name}: its HTML", "bytes", sizes, floor=3_000_000, most=True)
        for service in (web, query):
            service.stop()

    def pages(self, query, ingestion, beside_revisions, reports):
        """Beside what query does for the same."""
        councils, months = self.sizes["report"]
        web = self.serve_pages(query)
        port = web.ports["listen"]
        names = [month_of(m) for m in range(months)]
        paths = [f"/E06{c:06}/reports/{month}" for c in range(councils) for month in names]
        seconds = self.sizes["seconds"]
        sizes = []

        def read(kept):
            rate, size = pages.pages_a_second(port, paths, seconds, kept)
            sizes.append(size)
            return rate

        if self.wants(PAGES[0]):
            figures, ceilings = self.in_turn(lambda: beside_revisions(lambda: read(False)), reports)
            self.add("pages of a report, 67 rows, beside 100 revisions/s", "pages/s", figures, ceilings)
            self.add("pages of a report, size as it is sent", "bytes", sizes)
            figures, ceilings = self.in_turn(lambda: read(True), reports)
            self.add("pages of a report that have not changed", "answers/s", figures, ceilings)
        if self.wants(PAGES[1]):
            count = 100 if self.quick else 1_000
            self.add("memory of an open page", "bytes", [pages.memory_of_live_pages(port, paths[-1], count, lambda: memory_of(web)) for _ in range(self.rounds)])
        if self.wants(PAGES[2]):
            stub = self.stack.ingestion_stub(ingestion)

            def record(ref):
                value = f"{60 + self.next_revision(1) % 40}.5"
                changed = ingestion_pb.RecordReadingsRequest(readings=[reading(ref, names[-1], value, council="E06000000")])
                [result] = stub.RecordReadings(changed, timeout=PATIENCE).results
                assert not result.errors, result

            to_page, to_watch = [], []
            for _ in range(self.rounds):
                figures, ceilings = pages.change_to_page(port, self.stack.address(query), "E06000000", names[-1], record, 20 if self.quick else 200)
                to_page.append(statistics.median(figures))
                to_watch.append(statistics.median(ceilings))
            self.add("change to open page, p50", "ms", to_page, to_watch, floor=1.5, most=True)
        web.stop()

    def starts(self):
        self.fill(5, "start")
        topic = SCORES.format(5, 1)
        scores = run("bench-ceiling", "scores", "--kafka", self.stack.kafka, "--topic", topic)
        self.say(f"  {scores['scores']} scores of {scores['bytes'] / scores['scores']:.0f} bytes")
        memory = []

        def start(name, *arguments):
            begin = time.monotonic()
            service = self.stack.start_service(name, "--epoch", "5", *arguments)
            wait_until(lambda: service.get("/readyz")[0] == 200, f"{name} is ready", 1800)
            seconds = time.monotonic() - begin
            if name == "query":
                memory.append((memory_of(service) - scores["bytes"]) / scores["scores"])
            service.stop()
            return seconds

        def consume(which):
            begin = time.monotonic()
            run("bench-ceiling", "consume", "--kafka", self.stack.kafka, "--topic", which)
            return time.monotonic() - begin

        for name, which, arguments in (("query", topic, ()), ("ingestion", INDICATORS.format(5), ()),
                                       ("scoring", INDICATORS.format(5), ("--scores-topic", topic, "--group", f"bench.{topic}"))):
            if not self.wants(f"start of {name}", "memory" if name == "query" else "start"):
                continue
            figures, ceilings = self.in_turn(lambda name=name, arguments=arguments: start(name, *arguments), lambda which=which: consume(which))
            self.add(f"start of {name}, {scores['scores']:,} scores in the log", "s", figures, ceilings,
                     floor=1.4 if name == "query" else None, most=True)
        if memory:
            self.add("memory of query for a score beyond its serialised size", "bytes", memory, floor=180, most=True)

    def run_all(self):
        if self.wants("pure rating", "update", "revision", "fold"):
            self.say("rating, in one process")
            self.rating()
        stack = ("ingestion stream", "submit to visible", "idle CPU")
        log = ("scoring", "GetReport", *PAGES)
        starts = ("start of query", "start of ingestion", "start of scoring", "memory")
        if not self.wants(*stack, *log, *starts, LARGE_PAGE):
            return
        self.say("starting Apache Kafka and the services")
        self.start()
        try:
            run("bench-fill", "--kafka", self.stack.kafka, "--topic", INDICATORS.format(1), "--councils", 1, "--months", 1)
            if self.wants("idle CPU"):
                self.say("idle CPU")
                self.idle()
            if self.wants("submit to visible"):
                self.say("submit to visible")
                self.visible()
            for service in (self.stack.query, self.stack.scoring):
                service.stop()  # They would take from ingestion what its ceiling has, and what follows has logs of its own.
            if self.wants("ingestion stream"):
                self.say("ingestion stream")
                self.ingestion()
            self.stack.ingestion.stop()
            if self.wants(*log):
                self.say("scoring")
                self.scoring(4, "report")
            if self.wants("GetReport", *PAGES):
                self.say("GetReport, and pages")
                self.reports()
            if self.wants(LARGE_PAGE):
                self.say(LARGE_PAGE)
                self.large_page()
            if self.wants("scoring"):
                self.say("scoring of many indicators")
                self.scoring(6, "many")
            if self.wants(*starts):
                self.say("start, and memory")
                self.starts()
        finally:
            self.stack.close()


def serving(stack, command, arguments):
    """A ceiling that serves."""
    process = Process("../bench/bench-ceiling", [command, *map(str, arguments)], r"port (?P<listen>\d+)")
    stack.processes.append(process)
    return process


def month_of(index):
    """As bench-fill names it."""
    return f"{2000 + index // 12}-{index % 12 + 1:02}"


def memory_of(service):
    """Resident bytes."""
    status = pathlib.Path(f"/proc/{service.popen.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


def shown(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    version = subprocess.run([BUILD / "bin" / "bellwether-query", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"cpu": cpu[1] if cpu else platform.machine(), "cores": os.cpu_count(), "memory_gib": round(memory / (1 << 20)),
            "kernel": platform.release(), "bellwether": version, "date": time.strftime("%Y-%m-%d")}


def table(rows):
    lines = ["| measure | figure | ceiling, same run | ratio | to reach | spread |", "|---|---:|---:|---:|---:|---|"]
    for r in rows:
        floor = "" if r["floor"] is None else f"{r['floor_is']} {shown(r['floor'])}"
        lines.append(f"| {r['measure']} | {shown(r['figure'])} {r['unit']} | {'' if r['ceiling'] is None else shown(r['ceiling'])} "
                     f"| {'' if r['ratio'] is None else format(r['ratio'], '.2f')} | {floor} | {shown(r['spread'][0])} to {shown(r['spread'][1])} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--only", metavar="WORDS", help="only measures whose name holds this, such as GetReport")
    parser.add_argument("--rounds", type=int, default=5, help="of each measure (default 5)")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that it runs, not to measure")
    options = parser.parse_args()
    bench = Bench(options)
    bench.run_all()
    here = machine()
    print("\n" + ", ".join(f"{key} {value}" for key, value in here.items()) + "\n\n" + table(bench.rows))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"machine": here, "measures": bench.rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
