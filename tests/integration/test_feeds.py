"""The feeds of docs/integrating.md, against the real services: also when their stream is cut."""

import os
import subprocess
import tempfile
import unittest

from stack import BUILD, COUNCIL, PATIENCE, SOURCE, StackTest, indicator

FIGURES = [("F1", f"20{year:02}-{month:02}", str(year * 100 + month)) for year in range(10, 20) for month in range(1, 13)]


class FeedTest(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.define(cls(), *[indicator(f"F{n}") for n in (1, 2, 3, 4)])

    def feed(self, language, figures, address=None, encoding="utf-8", **popen):
        address = address or self.stack.address(self.stack.ingestion)
        query = self.stack.address(self.stack.query)
        if language == "c++":
            text = "".join(" ".join(f) + "\n" for f in figures)
            command = [BUILD / "bin" / "example-feed", COUNCIL, address, query]
        else:
            text = "ref,period,value\n" + "".join(",".join(f) + "\n" for f in figures)
            file = tempfile.NamedTemporaryFile("w", suffix=".csv", encoding=encoding)
            self.addCleanup(file.close)
            file.write(text)
            file.flush()
            command = ["/usr/bin/python3", SOURCE / "examples" / "feeds" / "feed.py", "--council", COUNCIL, "--ingestion", address, "--query", query, file.name]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding=encoding, env=os.environ, **popen)
        if language == "c++":
            process.stdin.write(text)
        process.stdin.close()  # The end of the figures.
        process.stdin = None
        return process

    def finish(self, process):
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def test_every_figure_is_in_force_and_the_second_run_only_repeats(self):
        for language in ("python", "c++"):
            ref = "F1" if language == "python" else "F2"
            figures = [(ref, period, value) for _, period, value in FIGURES]
            code, out, err = self.finish(self.feed(language, figures))
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(out.count("OUTCOME_FIRST in force"), len(FIGURES))
            code, out, err = self.finish(self.feed(language, figures))
            self.assertEqual(out.count("OUTCOME_REPEAT in force"), len(FIGURES))

    def test_what_speaks_against_a_figure_is_told(self):
        for language in ("python", "c++"):
            code, out, err = self.finish(self.feed(language, [("F1", "2020-01" if language == "python" else "2020-02", "12.5")]))
            self.assertEqual((code, err), (0, ""))
            self.assertRegex(out, "example-feed/F1/2020-0[12]/12.5: warning: 12.5 is a part of a count")

    def test_what_is_refused_is_told(self):
        for language in ("python", "c++"):
            code, out, err = self.finish(self.feed(language, [("F9", "2021-01", "1"), ("F1", "2021-13", "2"), ("F1", "2021-01", "3")]))
            self.assertEqual(code, 1)
            self.assertIn("F9", err)
            self.assertIn("2021-13", err)
            self.assertIn("example-feed/F1/2021-01/3", out)

    def test_a_figure_that_is_not_utf8_is_named_and_the_others_go_in(self):
        for language in ("python", "c++"):
            figures = [("F1", "2021-02", "1"), ("caf\u00e9", "2021-03", "2"), ("F1", "2021-04", "3")]
            code, out, err = self.finish(self.feed(language, figures, encoding="latin-1"))
            self.assertEqual(code, 1)
            self.assertEqual(len(err.splitlines()), 1, err)
            self.assertRegex(err, "line 3: refused: .*utf-8" if language == "python" else "2021-03/2: refused: .*is not UTF-8")
            for period, value in (("2021-02", 1), ("2021-04", 3)):
                self.assertRegex(out, f"example-feed/F1/{period}/{value}: OUTCOME_(FIRST|REPEAT) in force")

    def test_a_cut_stream_loses_nothing_and_repeats_nothing(self):
        for language in ("python", "c++"):
            ingestion = self.stack.start_service("ingestion")
            ingestion.await_ready()
            address = self.stack.address(ingestion)
            ref = "F3" if language == "python" else "F4"
            figures = [(ref, period, value) for _, period, value in FIGURES]
            ingestion.stop()  # The feed begins while nobody is there, and goes on with whoever takes the address.
            process = self.feed(language, figures, address)
            line = process.stdout.readline()
            self.assertIn("trying again", line)
            self.stack.start_service("ingestion", "--listen", address)
            code, out, err = self.finish(process)
            self.assertEqual((code, err), (0, ""), out)
            self.assertEqual(out.count(" in force"), len(FIGURES))
            self.assertNotIn("OUTCOME_CONFLICT", out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
