"""Commands of the documents that a test cannot run: why, and what can be said of them all the same. Each check is given a command's
assignments, and its words behind those of the table."""

import os
import pathlib
import re
import subprocess

import yaml
from documents import SOURCE
from programs import PROGRAMS, SERVICES

BIN = pathlib.Path(os.environ["BELLWETHER_BUILD"]) / "bin"


def read(file):
    return (SOURCE / file).read_text(encoding="utf-8")


def ask(*command, but=None):
    """What a program says; it must be content, or say `but`."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={"PATH": os.environ["PATH"]})
    assert result.returncode == 0 or but and re.search(but, result.stderr), f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


def ours(program, words):
    """One of our programs: it takes these words, and perhaps more. `health` and `log-level` would do what they say."""
    if program in ("bellwether", "bellwether-admin"):
        return ask(BIN / program, *words, "--check-config", but="[A-Z]+ is required|A subcommand is required")
    verb = next((word for word in words if not word.startswith("-")), None)
    told = ask(BIN / program, *([verb] if verb in ("health", "log-level") else []), "--help")
    for word in words:
        option = re.match(r"--?\w[\w-]*", word)
        assert not option or re.search(rf"(?<![\w-]){option[0]}(?![\w-])", told), f"{program} {' '.join(words)}: {option[0]} is none of its flags"
    return told


def check_assigned(assigned):
    """What is assigned before a command is read by something here."""
    everything = [p.read_text(encoding="utf-8") for folder in ("tests", "deploy") for p in (SOURCE / folder).rglob("*") if p.suffix in (".py", ".sh")]
    for name in assigned:
        assert any(f'"{name}"' in text or f"${{{name}" in text for text in (*everything, read("dev"))), f"nothing reads {name}"


def dev(assigned, words):
    check_assigned(assigned)
    usage = ask(SOURCE / "dev", "help")
    verb, *flags = words
    assert re.search(rf"^\./dev {verb}\b", usage, re.MULTILINE), f"./dev {verb} is no verb of ./dev help"
    text = read("dev") + read("deploy/dev/stack.sh") + "".join(read(f"tests/bench/{file}") for file in ("bench.py", "costs.py"))
    for word in flags:
        assert not word.startswith("--") or word in text, f"./dev {verb} {word}: nothing takes it"
        assert verb != "build" or f'"name": "{word}"' in read("CMakePresets.json"), f"{word} is no preset"


def compose(_, words):
    """Files, profile, services; and of what runs inside, our own programs."""
    services = set(yaml.safe_load(read("docker-compose.yml"))["services"])
    profiles = {p for s in yaml.safe_load(read("docker-compose.yml"))["services"].values() for p in s.get("profiles", [])}
    options = {"up": {"-d", "--build", "--no-deps"}, "ps": {"-a"}, "logs": {"-f", "--since=", "--tail="}, "exec": {"--index="},
               "restart": set(), "stop": set(), "start": set(), "down": {"-v"}, "run": {"--rm"}}
    words = list(words)
    while words[0] == "--profile":
        assert words[1] in profiles, f"there is no profile {words[1]}"
        del words[:2]
    verb, *words = words
    while words and words[0].startswith("-"):
        assert {words[0], words[0] + "="} & options[verb], f"docker compose {verb} {words[0]}"
        del words[:2 if words[0] + "=" in options[verb] else 1]
    named = words[:1] if verb in ("exec", "run") else words
    assert set(named) <= services, f"docker compose {verb}: {set(named) - services} is no service"
    if verb == "exec":
        inside(words[0], words[1:])


def inside(service, words):
    if service in SERVICES:
        assert words[0] == PROGRAMS[service], f"{words[0]} is not in the image of {service}"
        ours(words[0], words[1:])
    else:
        assert re.fullmatch(r"df|/opt/kafka/bin/kafka-[\w-]+\.sh", words[0]), f"what is {words[0]}?"
    if "--group" in words:  # Of epoch and rules version: what scoring has.
        rules = re.search(r"rules (\d+)\)", ask(BIN / "bellwether-scoring", "--version"))[1]
        assert words[words.index("--group") + 1] == f"bellwether.scoring.e1.r{rules}", words


def script(_, words):
    """A test that takes minutes, or does not end: it is there, and has what -k names."""
    file, *options = words
    text = read(file)
    if options:
        assert options[0] == "-k" and len(options) == 2, options
        assert re.search(rf"def test_\w*{options[1]}", text), f"{file} has no test {options[1]}"


def with_assigned(check):
    return lambda assigned, words: (check_assigned(assigned), check(assigned, words))


def folder(_, words):
    for word in words:
        assert (SOURCE / word / "pyproject.toml").is_file(), f"{word} is no package"


def go(_, words):
    """In the module of clients/go."""
    module = SOURCE / "clients/go"
    verb, *arguments = words
    assert verb in ("generate", "run"), f"go {verb}"
    assert "//go:generate" in (module / "doc.go").read_text(encoding="utf-8")
    if verb == "run":
        assert (module / arguments[0] / "main.go").is_file(), f"{arguments[0]} is no program"


def path(_, words):
    for word in words:
        assert (SOURCE / word).is_dir(), f"there is no {word}"


def grpcurl(_, words):
    """Its RPCs are of the contract; tests/clients runs it."""
    contract = "".join(p.read_text(encoding="utf-8") for p in (SOURCE / "proto").rglob("*.proto"))
    for service, rpc in re.findall(r"bellwether\.v1\.(\w+)[./](\w+)", " ".join(words)):
        assert f"service {service} " in contract and f"rpc {rpc}(" in contract, f"{service}/{rpc}"


def apt_get(_, words):
    for package in words:
        assert re.search(rf"\b{package}\b", read("dev")), f"{package} is none of those that ./dev installs"


def package(_, words):
    version = re.search(r"project\(bellwether VERSION ([\d.]+)", read("CMakeLists.txt"))[1]
    for file in words:
        assert re.fullmatch(rf"\./({'|'.join(PROGRAMS.values())})_{version}_amd64\.deb", file), f"no package is called {file}"


def settings(_, words):
    for file in words:
        assert (SOURCE / "deploy/systemd" / file.removeprefix("/etc/bellwether/")).is_file(), f"no package has {file}"


def unit(_, words):
    for name in words:
        assert name in {f"bellwether-{service}" for service in SERVICES}, f"{name} is no unit"


def nothing(_, words):
    """What other commands print goes through it."""
    assert words


# How a command begins: what is checked of it. The reason why it is not run stands beside it.
CHECKED = {
    "./dev": dev,                                       # builds, tests, or starts a stack: it runs this test. What demo asks, StoryTest asks
    "docker compose": compose,                          # wants a container engine; tests/containers runs the file, where there is one
    "/usr/bin/python3 tests/": with_assigned(script),   # minutes, or without end
    "python3 -m venv": nothing,                         # tests/clients does it: it asks the package index
    "feed/bin/pip install": folder,                     # the same
    "cd": path,                                         # for what follows it
    "go": go,                                           # tests/clients does it: it asks the module proxy
    "grpcurl": grpcurl,                                 # the same
    "apt-get install": apt_get,                         # changes the machine
    "apt install": package,                             # the same; tests/packages does it, within a Debian of its own
    "bellwether-admin restore": lambda _, words: ours("bellwether-admin", ["restore", *words]),  # wants an Apache Kafka; tests/e2e/test_backup.py
    "editor": settings,                                 # a person's
    "systemctl enable --now": unit,                     # wants systemd
    "grep": nothing,                                    # looks through the logs of containers
    "tail": nothing,
}
