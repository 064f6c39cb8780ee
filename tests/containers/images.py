"""The images, built without a Docker engine and without a registry: buildah, on a base made of Debian's own archive."""

import os
import pathlib
import shutil
import subprocess
import sys

from programs import PROGRAMS

BUILD = pathlib.Path(os.environ["BELLWETHER_BUILD"])
SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
STORE = SOURCE / "build" / "containers"  # Kept: the next run builds what has changed.
BASE = "docker.io/library/debian:bookworm-slim"
KAFKA = "localhost/kafka-stand-in:test"
PROMETHEUS = "localhost/prometheus-stand-in:test"
VERSION = "test"
SOURCE_URL = "https://bellwether.invalid/source"
TOOLS = ("podman", "buildah", "runc", "docker-compose", "mmdebstrap", "unshare", "ip", "iptables")

CONTAINERS_CONF = """\
[containers]
# More than a sandbox may allow is asked for otherwise.
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_backend = "netavark"
# Not the machine's own: this test prunes what it finds there.
network_config_dir = "{networks}"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


def image_of(program):
    return f"localhost/{program}:{VERSION}"


def revision():
    """Of the sources; where there is no repository, one of this length all the same."""
    result = subprocess.run(["git", "rev-parse", "HEAD"], cwd=SOURCE, capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else "0" * 40


def environment():
    """In which podman and buildah use a store of the test's own."""
    return {**os.environ, "CONTAINERS_CONF": str(STORE / "containers.conf"), "CONTAINERS_STORAGE_CONF": str(STORE / "storage.conf")}


def run(*command, seconds=300, **how):
    """What it printed."""
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=seconds, check=False, env=environment(), **how)
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result.stdout


def missing():
    """Why containers cannot be tried here; empty: they can."""
    if os.geteuid() != 0:
        return "containers are run by root"
    absent = [tool for tool in TOOLS if not shutil.which(tool)]
    if absent:
        return f"{', '.join(absent)} missing"
    if not any((SOURCE / "build" / "kafka" / "lib").glob("kafka_*.jar")):
        return "Apache Kafka's files are missing: ./dev test fetches them"
    if subprocess.run(["unshare", "-mn", "true"], check=False).returncode != 0:
        return "no namespaces may be made here"
    return ""


def say(words):
    print(f"  {words}", flush=True)


def build_base():
    if subprocess.run(["podman", "image", "exists", BASE], env=environment(), check=False).returncode == 0:
        return
    say("a minimal Debian as the base")
    make = subprocess.Popen(["mmdebstrap", "--quiet", "--variant=minbase", "--aptopt=Acquire::Languages \"none\"", "--dpkgopt=path-exclude=/usr/share/man/*",
                             "--dpkgopt=path-exclude=/usr/share/locale/*", "bookworm", "-"], stdout=subprocess.PIPE)
    with make.stdout:
        run("podman", "import", "-", BASE, stdin=make.stdout)
    assert make.wait(60) == 0, "mmdebstrap failed"


def bud(tag, folder, *arguments):
    say(f"image {tag}")
    run("buildah", "bud", "--isolation", "chroot", "--layers", "--pull-never", "--format", "docker", "-t", tag, *arguments, folder, seconds=600)


def build_all():
    """Everything that the compose file names; of the binaries that are built."""
    STORE.mkdir(parents=True, exist_ok=True)
    (STORE / "containers.conf").write_text(CONTAINERS_CONF.format(networks=STORE / "networks"))
    # The run root lies in /run, which compose.py makes anew for every run.
    (STORE / "storage.conf").write_text(f'[storage]\ndriver = "overlay"\ngraphroot = "{STORE}/store"\nrunroot = "/run/bellwether-containers"\n')
    build_base()
    for target, program in PROGRAMS.items():
        bud(image_of(program), SOURCE, "-f", SOURCE / "deploy" / "Dockerfile", "--target", target, "--build-arg", "BINARIES=prebuilt",
            "--build-arg", f"VERSION={VERSION}", "--build-arg", f"REVISION={revision()}", "--build-arg", f"SOURCE_URL={SOURCE_URL}")
    kafka = STORE / "kafka"
    shutil.rmtree(kafka, ignore_errors=True)
    shutil.copytree(SOURCE / "tests" / "containers" / "kafka", kafka)
    shutil.copytree(SOURCE / "build" / "kafka" / "lib", kafka / "lib")
    bud(KAFKA, kafka)
    prometheus = SOURCE / "build" / "tools" / "prometheus" / "usr" / "bin" / "prometheus"
    if prometheus.exists():
        folder = STORE / "prometheus"
        folder.mkdir(exist_ok=True)
        shutil.copy(prometheus, folder)
        (folder / "Dockerfile").write_text(f"FROM {BASE}\nCOPY prometheus /bin/prometheus\nRUN mkdir /prometheus && chown 65534:65534 /prometheus\n"
                                           "USER 65534:65534\nVOLUME [\"/prometheus\"]\nENTRYPOINT [\"/bin/prometheus\"]\n")
        bud(PROMETHEUS, folder)


def go_inside():
    """Runs this program once more in namespaces of its own: nothing that it starts outlives it or reaches further than itself."""
    sys.stdout.flush()
    os.environ["CONTAINERS_TEST_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])
