"""Starts the services and the pages, with the worked example and with hostile words, and hands them to pages.mjs.

test_browser.py --pictures FOLDER        takes pictures of the pages at three widths instead
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from stack import BIN, COUNCIL, PATIENCE, SOURCE, Stack, indicator, reading, StackTest

HERE = pathlib.Path(__file__).parent
TOOLS = SOURCE / "build" / "tools" / "browser"  # Where ./dev puts them.
CHROMIUM = shutil.which("chromium")
# What others wrote must be text, whatever it is.
HOSTILE = "<script>window.hostile = 1</script><img src=x onerror=\"window.hostile = 2\">&amp;\u202egnp.exe 👩\u200d👧"
LONG = "word " * 1999 + "end."
OTHER = "E06000062"
YEARS = "E06000901"  # Two whole years: examples/eastmere.


def missing():
    if CHROMIUM is None:
        return "chromium is missing"
    if not (TOOLS / "node_modules" / "playwright-core").is_dir() or shutil.which("node") is None:
        return "node, or the npm packages of tests/browser, are missing"
    return ""


class BrowserTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack.started(cls.addClassCleanup, web=True)
        cls.ingestion = cls.stack.ingestion_stub()
        cls.query = cls.stack.query_stub()
        cls.stack.load_example()
        cls.stack.cli("catalogue", "apply", str(SOURCE / "examples/eastmere/catalogue.yaml"), environment={"BELLWETHER_COUNCIL": YEARS})
        cls.stack.cli("readings", "submit", str(SOURCE / "examples/eastmere/readings.csv"), environment={"BELLWETHER_COUNCIL": YEARS})

    def test_pages(self):
        hostile = json.dumps(HOSTILE, ensure_ascii=False)
        self.define(indicator("H1", f"directorate: {hostile}, service: {hostile}, notes: [{hostile}], key_commitment: {hostile}, coverage: {hostile}"), council=OTHER)
        r = reading("H1", "2022-02", 95, council=OTHER)
        r.source = "<b>feed</b>"
        self.record(r)
        environment = {"BELLWETHER_COUNCIL": OTHER}
        self.stack.cli("comment", "H1", "2022-02", HOSTILE, environment=environment)
        self.record(reading("H1", "2022-01", 40, council=OTHER))
        self.stack.cli("comment", "H1", "2022-01", LONG, environment=environment)
        with tempfile.TemporaryDirectory() as folder:
            alone = pathlib.Path(folder) / "report.html"
            table = pathlib.Path(folder) / "report.csv"
            self.stack.cli("report", "--period", "2022-02", "--format", "html", "--council-name", "North Northamptonshire Council", "-o", str(alone))
            self.stack.cli("report", "--period", "2022-02", "--format", "csv", "-o", str(table))
            self.run_node(hostile=HOSTILE, long=LONG, alone=str(alone), table=str(table), other=OTHER, scratch=folder,
                          years=[f"/{YEARS}/reports/2025-03", f"/{YEARS}/reports/2025-03/exceptions", f"/{YEARS}/reports/2025-03/compare/2024-03", f"/{YEARS}/indicators/CS1",
                                 f"/{YEARS}/indicators/WA1", f"/{YEARS}/indicators/CA2"])

    def run_node(self, script="pages.mjs", **more):
        settings = {"base": f"http://{self.stack.address(self.stack.web)}", "council": COUNCIL, "chromium": CHROMIUM, "tools": str(TOOLS), "cli": str(BIN / "bellwether"),
                    "environment": {"BELLWETHER_COUNCIL": COUNCIL, "BELLWETHER_INGESTION": self.stack.address(self.stack.ingestion),
                                    "BELLWETHER_QUERY": self.stack.address(self.stack.query)}, **more}
        result = subprocess.run(["node", HERE / script, json.dumps(settings)], capture_output=True, text=True, timeout=PATIENCE * 10, check=False)
        self.assertEqual(result.returncode, 0, result.stdout[-8000:] + result.stderr[-4000:])
        print(result.stdout)


PICTURES = {"councils": "/", "report": f"/{COUNCIL}/reports/2022-02", "years": f"/{YEARS}/reports/2025-03", "exceptions": f"/{YEARS}/reports/2025-03/exceptions",
            "compare": f"/{YEARS}/reports/2025-03/compare/2024-03", "findings": f"/{COUNCIL}/reports/2022-02/findings", "keys": f"/{COUNCIL}/reports/2022-02/keys",
            **{f"indicator-{ref}": f"/{YEARS}/indicators/{ref}" for ref in ("CS1", "WA1", "CA2", "FI2", "HO3", "PL3")}, "indicator-T21a": f"/{COUNCIL}/indicators/T21a",
            "nothing": "/nothing"}


class Pictures(BrowserTest):
    def test_pages(self):
        folder = pathlib.Path(os.environ["PICTURES"])
        folder.mkdir(parents=True, exist_ok=True)
        self.run_node("pictures.mjs", pictures=PICTURES, folder=str(folder), most=4000)


def main():
    reason = missing()
    if reason:
        print(f"the pages are not tried: {reason}")
        sys.exit(1 if os.environ.get("BELLWETHER_REQUIRE_BROWSER") == "1" else 0)
    if len(sys.argv) == 3 and sys.argv[1] == "--pictures":
        os.environ["PICTURES"] = sys.argv[2]
        unittest.main(argv=[sys.argv[0], "Pictures"], verbosity=2)
    unittest.main(argv=sys.argv[:1], defaultTest="BrowserTest", verbosity=2)


if __name__ == "__main__":
    main()
