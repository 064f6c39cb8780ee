"""The compose file, through docker-compose and podman's socket, in namespaces of the test's own."""

import json
import os
import pathlib
import subprocess
import threading
import time

from images import KAFKA, PROMETHEUS, SOURCE, STORE, VERSION, environment, run
from stack import wait_until

PROJECT = "bellwether"
SOCKET = "/run/podman.sock"


class Compose:
    """One project. `more_files`: compose files beside docker-compose.yml."""

    def __init__(self):
        self.more_files = []
        secret = STORE / "grafana-password"
        secret.write_text("not used\n")
        self.environment = {**environment(), "DOCKER_HOST": f"unix://{SOCKET}", "KAFKA_IMAGE": KAFKA, "PROMETHEUS_IMAGE": PROMETHEUS,
                            "BELLWETHER_IMAGES": "localhost/", "BELLWETHER_VERSION": VERSION, "GRAFANA_PASSWORD_FILE": str(secret),
                            "KAFKA_HEAP_OPTS": "-Xms256m -Xmx400m", "COMPOSE_HTTP_TIMEOUT": "180"}
        self.service = None
        self.ended = threading.Event()
        self.watch = threading.Thread(target=self._check_health, daemon=True)

    def open(self):
        for folder in ("/run", "/dev/shm"):  # Podman's state and its locks: those of another run are not ours.
            subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        with open(STORE / "podman.log", "w", encoding="utf-8") as log:
            self.service = subprocess.Popen(["podman", "system", "service", "--time=0", f"unix://{SOCKET}"], env=environment(), stdout=log, stderr=log)
        wait_until(pathlib.Path(SOCKET).exists, "podman's socket is there")
        self._thaw()
        run("podman", "rm", "-f", "-a", "-t", "0")  # Of a run that was broken off.
        run("podman", "volume", "prune", "-f")
        run("podman", "network", "prune", "-f")
        self.watch.start()

    def close(self):
        self.ended.set()
        self.watch.join(30)
        self.service.terminate()
        self.service.wait(30)

    @staticmethod
    def _thaw():
        """A container that was paused when its run was killed: in a frozen cgroup of version 1 not even SIGKILL ends a process."""
        for container in run("podman", "ps", "-a", "-q", "--no-trunc").split():
            state = pathlib.Path(f"/sys/fs/cgroup/freezer/libpod_parent/libpod-{container}/freezer.state")
            if state.exists():
                state.write_text("THAWED", encoding="ascii")

    def _check_health(self):
        """Podman leaves the time of health checks to systemd, which is not here."""
        while not self.ended.wait(1):
            running = subprocess.run(["podman", "ps", "-q"], env=environment(), capture_output=True, text=True, timeout=60, check=False).stdout
            for container in running.split():  # Some may be gone by then.
                subprocess.run(["podman", "healthcheck", "run", container], env=environment(), capture_output=True, timeout=60, check=False)

    def __call__(self, *arguments, seconds=180):
        """docker-compose; what it printed."""
        files = [word for file in ("docker-compose.yml", *self.more_files) for word in ("-f", str(SOURCE / file))]
        result = subprocess.run(["docker-compose", "-p", PROJECT, *files, *arguments], env=self.environment, capture_output=True, text=True,
                                timeout=seconds, check=False)
        assert result.returncode == 0, f"docker-compose {arguments} ended with {result.returncode}:\n{result.stdout[-3000:]}{result.stderr[-3000:]}"
        return result.stdout

    def up(self, *arguments, profiles=()):
        begin = time.monotonic()
        self(*(word for p in profiles for word in ("--profile", p)), "up", "-d", "--no-build", *arguments)
        return time.monotonic() - begin

    @staticmethod
    def name(service, number=1):
        return f"{PROJECT}_{service}_{number}"

    def inspect(self, service, number=1):
        return json.loads(run("podman", "inspect", self.name(service, number)))[0]

    def state(self, service, number=1):
        return self.inspect(service, number)["State"]

    def ids(self, *services):
        """By which it is told whether containers are still the same, and were not started again."""
        return {s: (i["Id"], i["State"]["StartedAt"], i["RestartCount"]) for s in services for i in [self.inspect(s)]}

    def logs(self, service, number=1):
        result = subprocess.run(["podman", "logs", self.name(service, number)], env=environment(), capture_output=True, text=True, timeout=60, check=True)
        return result.stdout, result.stderr

    def health(self, service, *arguments, number=1):
        """What `bellwether-SERVICE health` says inside, and its exit code."""
        result = subprocess.run(["podman", "exec", self.name(service, number), f"/usr/bin/bellwether-{service}", "health", *arguments], env=environment(),
                                capture_output=True, text=True, timeout=60, check=False)
        return result.returncode, result.stdout + result.stderr

    def await_ready(self, *services):
        for service in services:
            wait_until(lambda service=service: self.health(service)[0] == 0, f"{service} is ready")

    def await_not_ready(self, *services):
        """And why not, by service; they live all the same."""
        reasons = {}
        for service in services:
            def not_ready(service=service):
                code, words = self.health(service)
                reasons[service] = words
                return code != 0
            wait_until(not_ready, f"{service} is not ready")
            code, words = self.health(service, "--live")
            assert code == 0, f"{service} does not live: {words}"
        return reasons

    def crash(self, service):
        """kill -9 of the process, as by the system: nobody asked for a stop."""
        os.kill(self.state(service)["Pid"], 9)
