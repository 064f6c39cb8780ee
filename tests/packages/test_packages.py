"""The Debian packages on a fresh Debian 12: built, installed with what they depend on, checked, upgraded, removed.

The fresh system is a folder (mmdebstrap) that commands are run in by chroot: systemd is there to judge the units, and does not
run."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from programs import PROGRAMS, SERVICES

BUILD = pathlib.Path(os.environ["BELLWETHER_BUILD"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = tuple(PROGRAMS.values())
# What systemd-analyze security gives at most: 0 is safest, 10 most exposed.
EXPOSURE = 1.5


def run(*command, **how):
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **how)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def skip(reason):
    """With BELLWETHER_REQUIRE_PACKAGES=1 what would be skipped is a failure."""
    if os.environ.get("BELLWETHER_REQUIRE_PACKAGES") == "1":
        raise AssertionError(f"{reason}, but BELLWETHER_REQUIRE_PACKAGES=1")
    raise unittest.SkipTest(reason)


def package(folder, *settings):
    """Makes the packages; their version."""
    run("cpack", "--config", str(BUILD / "CPackConfig.cmake"), "-B", str(folder), *settings)
    shutil.rmtree(folder / "_CPack_Packages")
    made = sorted(folder.glob("*.deb"))
    fields = [run("dpkg-deb", "--field", deb, "Package", "Version") for deb in made]
    names, versions = zip(*(re.fullmatch(r"Package: (.*)\nVersion: (.*)\n", f).groups() for f in fields), strict=True)
    assert set(names) == set(PACKAGES), names
    assert len(set(versions)) == 1, versions
    return versions[0]


class PackagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            skip("packages are installed by root")
        for tool in ("cpack", "mmdebstrap", "dpkg-shlibdeps"):
            if not shutil.which(tool):
                skip(f"{tool} is missing")
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="bellwether-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        os.chmod(cls.root, 0o755)
        made = subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd", "--skip=cleanup/apt", "--aptopt=Acquire::Languages \"none\"",
                               "--dpkgopt=force-unsafe-io", "bookworm", cls.root], capture_output=True, text=True, timeout=300, check=False)
        if made.returncode != 0:
            skip(f"no Debian system can be made: {made.stderr[-300:]}")
        (cls.root / "packages").mkdir()
        cls.version = package(cls.root / "packages")
        cls.install("packages")

    @classmethod
    def inside(cls, *command, user="root"):
        return run("chroot", f"--userspec={user}", cls.root, *command)

    @classmethod
    def install(cls, folder):
        """With the packages that they say they depend on, from Debian's archive. Settings that the operator changed stay."""
        debs = [f"/{folder}/{deb.name}" for deb in (cls.root / folder).glob("*.deb")]
        cls.inside("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y", "--no-install-recommends", "--allow-downgrades",
                   "-o", "Dpkg::Options::=--force-confold", *debs)

    def flags_of(self, service):
        """Variable to default of every flag."""
        rows = [line.split("|") for line in self.inside(f"/usr/bin/bellwether-{service}", "--print-flags").splitlines()[2:]]
        return {row[2].strip(" `"): row[3].strip(" `") for row in rows}

    def settings_of(self, service):
        return (self.root / f"etc/bellwether/{service}.env").read_text()

    def test_every_binary_runs_and_says_its_version(self):
        for name in PACKAGES:
            self.assertRegex(self.inside(f"/usr/bin/{name}", "--version"), rf"^{name} {re.escape(self.version)} \(commit \w+, rules \d+\)\n$")

    def test_a_feed_begins_from_the_package(self):
        for name, folder in (("proto", "usr/share/bellwether/proto"), ("examples/feeds", "usr/share/doc/bellwether/examples/feeds"),
                             ("clients/go", "usr/share/bellwether/clients/go"), ("clients/python", "usr/share/bellwether/clients/python")):
            files = [path for path in (SOURCE / name).rglob("*") if path.suffix in (".proto", ".py", ".cc", ".go", ".mod", ".toml")]
            files = [path for path in files if not path.name.endswith(".pb.go")]  # What `go generate` left.
            self.assertTrue(files, name)
            for path in files:
                self.assertEqual((self.root / folder / path.relative_to(SOURCE / name)).read_bytes(), path.read_bytes(), path.name)

    def test_units_are_sound(self):
        units = [f"bellwether-{service}.service" for service in SERVICES]
        self.assertEqual(self.verify(*units), "")
        for unit in units:
            judged = self.inside("systemd-analyze", "security", "--offline=true", f"/lib/systemd/system/{unit}")
            exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", judged)[1])
            print(f"{unit}: exposure {exposure}")
            self.assertLessEqual(exposure, EXPOSURE)

    def test_an_unsound_unit_is_found(self):
        unit = self.root / "etc/systemd/system/unsound.service"
        text = (self.root / "lib/systemd/system/bellwether-query.service").read_text()
        unit.write_text(text.replace("ProtectSystem=", "ProtectSytem=").replace("/usr/bin/bellwether-query", "/usr/bin/bellwether-quarry"))
        self.addCleanup(unit.unlink)
        said = self.verify("unsound.service")
        self.assertIn("ProtectSytem", said)
        self.assertIn("bellwether-quarry", said)

    def verify(self, *units):
        result = subprocess.run(["chroot", self.root, "systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60, check=False)
        return result.stdout + result.stderr

    def test_a_stop_may_take_as_long_as_a_drain(self):
        for service in SERVICES:
            unit = (self.root / f"lib/systemd/system/bellwether-{service}.service").read_text()
            self.assertGreater(int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]), int(self.flags_of(service)["BELLWETHER_DRAIN_TIMEOUT"]))

    def test_settings_are_known_and_good(self):
        for service in SERVICES:
            named = re.findall(r"^#?([A-Z_]+)=(.*)$", self.settings_of(service), re.MULTILINE)
            flags = self.flags_of(service)
            self.assertGreater(len(named), 5)
            self.assertEqual({variable for variable, _ in named} - flags.keys(), set(), service)
            for variable in {"BELLWETHER_ADMIN", "BELLWETHER_DRAIN_TIMEOUT", "BELLWETHER_EPOCH"} & flags.keys():
                self.assertEqual(dict(named)[variable], flags[variable], f"the default of {variable} that is shown")
            given = [line for line in self.settings_of(service).splitlines() if re.match("[A-Z]", line)]
            self.inside("env", *given, f"/usr/bin/bellwether-{service}", "--check-config", user=f"bellwether-{service}")

    def test_upgraded_taken_back_and_removed(self):
        """What the operator set stays, until it is purged; then nothing is left. By its name it is the last test, so that it may."""
        settings = self.root / "etc/bellwether/query.env"
        settings.write_text(settings.read_text().replace("127.0.0.1:9092", "kafka.example:9092"))
        (self.root / "later").mkdir()
        later = package(self.root / "later", "-D", "CPACK_PACKAGE_VERSION=99.0.0")
        for folder, version in (("later", later), ("packages", self.version)):
            self.install(folder)
            self.assertEqual(self.inside("dpkg-query", "-W", "-f=${Version}", "bellwether-query"), version)
            self.assertIn("kafka.example", settings.read_text())
        self.inside("apt-get", "remove", "-q", "-y", *PACKAGES)
        self.assertTrue(settings.exists(), "removed, not purged")
        self.inside("dpkg", "--purge", *(f"bellwether-{service}" for service in SERVICES))
        left = [path for folder in ("usr", "lib/systemd", "etc") for path in (self.root / folder).rglob("*bellwether*")]
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
