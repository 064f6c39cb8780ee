"""The limits of these tests bite: what goes over the memory that is shipped is killed, or told."""

import subprocess
import sys
import unittest

import limits
from stack import wait_until

EATS = "import sys, time; eaten = b'x' * (int(sys.argv[1]) << 20); print('eaten', flush=True); time.sleep(60)"


class LimitsTest(unittest.TestCase):
    def test_what_is_shipped(self):
        self.assertEqual({name: size >> 20 for name, size in limits.shipped().items()}, {"ingestion": 512, "scoring": 1024, "query": 2048})

    def eat(self, memory, megabytes):
        process = subprocess.Popen([*memory.command(), sys.executable, "-c", EATS, str(megabytes)], stdout=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process

    def test_more_than_the_limit_is_killed_or_told(self):
        memory = limits.Memory("limits", 100 << 20)
        self.addCleanup(memory.close)
        print(f"memory limited by: {limits.MEMORY}", flush=True)
        within = self.eat(memory, 30)
        self.assertEqual(within.stdout.readline(), b"eaten\n")
        memory.check(within.pid)
        within.kill()
        within.wait()
        above = self.eat(memory, 200)
        if limits.MEMORY == "peak":
            self.assertEqual(above.stdout.readline(), b"eaten\n")
            with self.assertRaises(AssertionError):
                memory.check(above.pid)
        else:
            self.assertEqual(wait_until(above.poll, "it is killed"), -9)

    def test_a_peak_above_the_limit_is_told_without_a_cgroup(self):
        memory = limits.Memory.__new__(limits.Memory)
        memory.limit, memory.folder = 100 << 20, None
        above = self.eat(memory, 200) if not memory.command() else self.fail("no cgroup, no command")
        self.assertEqual(above.stdout.readline(), b"eaten\n")
        with self.assertRaisesRegex(AssertionError, "above its limit of 100 MiB"):
            memory.check(above.pid)


if __name__ == "__main__":
    unittest.main(verbosity=2)
