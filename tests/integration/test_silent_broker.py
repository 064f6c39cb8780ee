"""The broker is silent while services stop: each ends within its drain timeout, by itself and with code 0."""

import concurrent.futures
import signal
import sys
import time
import unittest

from stack import PATIENCE, Stack, StackTest, indicator, reading, wait_until

DRAIN = 12
# Beside compilers a process may come to its turn late.
LATE = 3


class SilentStack(Stack):
    """Services that have DRAIN to stop."""

    def start_service(self, name, *arguments, **how):
        return super().start_service(name, *(arguments if "--drain-timeout" in arguments else ("--drain-timeout", str(DRAIN), *arguments)), **how)


class SilentBrokerTest(StackTest):
    @classmethod
    def setUpClass(cls):
        pass  # Each test has a stack of its own.

    def setUp(self):
        self.stack = SilentStack.started(self.addCleanup)
        self.addCleanup(self.stack.broker.popen.send_signal, signal.SIGCONT)  # Runs first: a halted process hears no SIGTERM.
        self.ingestion = self.stack.ingestion_stub()
        self.query = self.stack.query_stub()
        self.define(indicator("S1"))
        position = self.record(reading("S1", "2021-01", 1))[0].position
        self.score("S1", "2021-01", [position])
        self.services = (self.stack.ingestion, self.stack.scoring, self.stack.query)

    def halt(self):
        self.stack.broker.popen.send_signal(signal.SIGSTOP)

    def stop(self):
        self.began = time.monotonic()
        for service in self.services:
            service.popen.send_signal(signal.SIGTERM)

    def assert_ended_in_time(self):
        for service in self.services:
            self.assertEqual(service.popen.wait(PATIENCE), 0, service.text())
            self.assertLess(time.monotonic() - self.began, DRAIN + LATE, service.text())
            self.assertNotIn("the process ends without", service.text())

    def outcomes(self):
        lines = self.stack.scoring.get("/metrics")[1].splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("bellwether_outcomes_total{"))

    def test_while_nothing_goes_on(self):
        self.halt()
        self.stop()
        self.assert_ended_in_time()

    def test_while_scoring_has_something_to_commit(self):
        before = self.outcomes()
        self.record(*[reading("S1", f"{year}-{month:02}", 1) for year in range(2001, 2021) for month in range(1, 13)])
        wait_until(lambda: self.outcomes() > before, "scoring is at it")
        self.halt()
        self.stop()
        self.assert_ended_in_time()

    def test_while_it_stops(self):
        before = self.outcomes()
        self.record(*[reading("S1", f"{year}-{month:02}", 2) for year in range(2001, 2021) for month in range(1, 13)])
        wait_until(lambda: self.outcomes() > before, "scoring is at it")
        self.stop()
        self.halt()
        self.assert_ended_in_time()

    def test_while_services_are_told_that_it_does_not_answer(self):
        self.halt()
        for service in self.services:
            wait_until(lambda service=service: "the broker does not answer" in service.get("/readyz")[1], "not ready")
        self.stop()
        self.assert_ended_in_time()

    def test_while_services_begin(self):
        for service in self.services:
            self.assertEqual(service.stop(), 0)
        self.halt()
        self.services = [self.stack.start_service(name) for name in ("ingestion", "scoring", "query")]
        self.stop()
        self.assert_ended_in_time()

    def test_a_drain_that_is_too_short_ends_all_the_same(self):
        """One second is less than a question to the broker may take: the process ends then, and says so."""
        for service in self.services:
            self.assertEqual(service.stop(), 0)
        self.halt()
        service = self.stack.start_service("scoring", "--drain-timeout", "1")
        began = time.monotonic()
        service.popen.send_signal(signal.SIGTERM)
        self.assertEqual(service.popen.wait(PATIENCE), 1)
        self.assertLess(time.monotonic() - began, 1 + LATE)
        self.assertIn("the stop did not end within 1 s", service.text())


def run(test):
    result = unittest.TestResult()
    test.run(result)
    return result


def main():
    """Each has a stack of its own and waits for it more than it does: three at a time. With arguments: as unittest has them."""
    if sys.argv[1:]:
        unittest.main(verbosity=2)
    tests = list(unittest.defaultTestLoader.loadTestsFromTestCase(SilentBrokerTest))
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        results = list(threads.map(run, tests))
    for test, result in zip(tests, results, strict=True):
        print(f"{test} ... {'ok' if result.wasSuccessful() else 'FAILED'}")
        for _, trace in result.failures + result.errors:
            print(trace)
    sys.exit(not all(result.wasSuccessful() for result in results))


if __name__ == "__main__":
    main()
