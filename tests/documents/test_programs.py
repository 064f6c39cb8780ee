"""Each program of cmake/programs.cmake is everywhere where an operator looks for it, and no other is; the command line links no Kafka."""

import os
import pathlib
import re
import subprocess
import unittest

from programs import PROGRAMS, SERVICES

SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
BIN = pathlib.Path(os.environ["BELLWETHER_BUILD"]) / "bin"


def found(place, pattern):
    return set(re.findall(pattern, (SOURCE / place).read_text(), re.MULTILINE))


class ProgramsTest(unittest.TestCase):
    def test_the_list_is_read(self):
        self.assertGreaterEqual(len(SERVICES), 3)
        for folder, program in PROGRAMS.items():
            self.assertTrue((SOURCE / "services" / folder / "CMakeLists.txt").is_file(), folder)
            self.assertTrue((BIN / program).is_file(), program)

    def test_each_has_its_image(self):
        self.assertEqual(found("deploy/Dockerfile", r"^FROM runtime AS (\w+)$"), set(PROGRAMS))
        [built] = found("deploy/Dockerfile", r'programs="([^"]+)"')
        self.assertEqual(set(built.split()), set(PROGRAMS.values()))

    def test_each_service_is_deployed(self):
        services = set(SERVICES)
        names = {f"bellwether-{name}" for name in SERVICES}
        self.assertEqual({file.stem for file in (SOURCE / "deploy/systemd").glob("*.env")}, services)
        self.assertEqual(services - found("docker-compose.yml", r"^  (\w+):$"), set())
        self.assertEqual(services - {file.stem for file in (SOURCE / "deploy/kubernetes/base").glob("*.yaml")}, set())
        self.assertEqual(services - found("deploy/kubernetes/base/kustomization.yaml", r"\b(\w+)\.yaml\b"), set())
        self.assertEqual(found("deploy/prometheus/prometheus.yml", r"job_name: (bellwether-\w+)"), names)
        self.assertEqual(names - found("deploy/dev/stack.sh", r"(bellwether-\w+)"), set(), "./dev demo runs each")

    def test_each_is_in_the_documents(self):
        self.assertEqual(set(PROGRAMS.values()) - found("docs/operations-flags.md", r"^## ([\w-]+)$"), set())
        self.assertEqual({f"services/{folder}" for folder in PROGRAMS} - found("docs/architecture.md", r"^\| `(services/\w+)`"), set())

    def test_the_command_line_links_no_kafka(self):
        def linked(program):
            return subprocess.run(["ldd", BIN / program], capture_output=True, text=True, check=True, timeout=30).stdout

        self.assertIn("librdkafka", linked("bellwether-ingestion"))
        self.assertNotIn("librdkafka", linked("bellwether"))


if __name__ == "__main__":
    unittest.main()
