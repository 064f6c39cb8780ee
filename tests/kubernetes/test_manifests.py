"""The Kubernetes base renders, the API's schemas accept it and reject a doctored one, and it fits the binaries."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

import yaml
from programs import SERVICES

BUILD = pathlib.Path(os.environ["BELLWETHER_BUILD"])
SOURCE = pathlib.Path(os.environ["BELLWETHER_SOURCE"])
TOOLS = SOURCE / "build" / "tools"  # Where ./dev puts them.


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **how)


def require(found, lacks):
    """Skips where a tool cannot be had; with BELLWETHER_REQUIRE_KUBERNETES=1 that is a failure."""
    if found:
        return
    if os.environ.get("BELLWETHER_REQUIRE_KUBERNETES") == "1":
        raise AssertionError(f"{lacks}, but BELLWETHER_REQUIRE_KUBERNETES=1")
    raise unittest.SkipTest(lacks)


def setUpModule():
    require(shutil.which("kubectl"), "kubectl is missing")


def flags_of(service):
    """Variable to default of every flag."""
    said = run(BUILD / "bin" / f"bellwether-{service}", "--print-flags")
    assert said.returncode == 0, said.stderr
    rows = [line.split("|") for line in said.stdout.splitlines()[2:]]
    return {row[2].strip(" `"): row[3].strip(" `") for row in rows}


class ManifestsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rendered = run("kubectl", "kustomize", SOURCE / "deploy" / "kubernetes" / "base")
        assert rendered.returncode == 0, rendered.stderr
        cls.text = rendered.stdout
        cls.objects = list(yaml.safe_load_all(cls.text))

    def of(self, kind):
        return {o["metadata"]["name"]: o for o in self.objects if o["kind"] == kind}

    def workloads(self):
        """Name to what runs pods."""
        return {name: o for kind in ("Deployment", "StatefulSet", "Job") for name, o in self.of(kind).items()}

    def services(self):
        """Service to its workload, pod and container."""
        for service in SERVICES:
            workload = self.workloads()[f"bellwether-{service}"]
            pod = workload["spec"]["template"]["spec"]
            yield service, workload, pod, pod["containers"][0]

    def check_schema(self, text):
        require(shutil.which("node") and (TOOLS / "node_modules/kubernetes-models").is_dir(), "node or the npm package kubernetes-models is missing")
        return run("node", SOURCE / "tests/kubernetes/check_schema.mjs", TOOLS, input=text)

    def test_the_schemas_accept_it(self):
        checked = self.check_schema(self.text)
        self.assertEqual((checked.returncode, checked.stdout), (0, ""), checked.stderr)

    def test_the_schemas_reject_a_doctored_one(self):
        for right, wrong, words in (("replicas: 2", "replicas: two", "/spec/replicas must be integer"), ("readinessProbe:", "readinesProbe:", "no such key"),
                                    ("kind: PodDisruptionBudget", "kind: PodDisruptonBudget", "no such kind")):
            self.assertIn(right, self.text)
            checked = self.check_schema(self.text.replace(right, wrong))
            self.assertEqual(checked.returncode, 1, checked.stderr)
            self.assertIn(words, checked.stdout)

    def test_images_are_of_this_version(self):
        version = re.search(r"project\(bellwether VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        images = {c["image"] for w in self.workloads().values() for c in w["spec"]["template"]["spec"]["containers"]}
        self.assertEqual(images, {f"bellwether-{name}:{version}" for name in (*SERVICES, "admin")})

    def test_pods_may_do_nothing_that_they_need_not(self):
        for name, workload in self.workloads().items():
            pod = workload["spec"]["template"]["spec"]
            self.assertIs(pod["automountServiceAccountToken"], False, name)
            self.assertIs(pod["enableServiceLinks"], False, name)
            self.assertIs(self.of("ServiceAccount")[pod["serviceAccountName"]]["automountServiceAccountToken"], False, name)
            context = pod["securityContext"]
            self.assertIs(context["runAsNonRoot"], True, name)
            self.assertGreater(context["runAsUser"], 9999, name)
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"}, name)
            for container in pod["containers"]:
                self.assertEqual(container["securityContext"],
                                 {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, name)
                for kind in ("requests", "limits"):
                    self.assertEqual(container["resources"][kind].keys(), {"cpu", "memory"}, name)

    def test_variables_are_flags_of_the_binaries(self):
        [shared] = self.of("ConfigMap").values()
        for service, _, pod, container in self.services():
            given = {e["name"]: e.get("value") for e in container["env"]}
            # Who is no client of Kafka takes of the shared settings what it has.
            common = shared["data"] if "BELLWETHER_KAFKA" in flags_of(service) else {}
            self.assertEqual((common.keys() | given.keys()) - flags_of(service).keys(), set(), service)
            self.assertEqual(container.get("envFrom", []), [{"configMapRef": {"name": shared["metadata"]["name"]}}] if common else [])
            mounts = [m["mountPath"] for m in container["volumeMounts"]]
            for variable, value in (common | given).items():
                if value and value.startswith("/"):
                    self.assertIn(os.path.dirname(value), mounts, f"{service}, {variable}")
            self.assertEqual({m["name"] for m in container["volumeMounts"]}, {v["name"] for v in pod["volumes"]})

    def test_addresses_ports_and_probes_belong_together(self):
        for service, workload, _, container in self.services():
            ports = {p["name"]: p["containerPort"] for p in container["ports"]}
            given = {e["name"]: e.get("value") for e in container["env"]}
            self.assertEqual(given["BELLWETHER_ADMIN"], f"0.0.0.0:{ports['admin']}")
            for name in ports.keys() - {"admin"}:
                self.assertEqual(given[f"BELLWETHER_{service.upper()}_LISTEN"], f"0.0.0.0:{ports[name]}")
            for variable, address in given.items():  # The ports of the binaries themselves.
                if address and address.startswith("0.0.0.0:"):
                    self.assertEqual(flags_of(service)[variable].rpartition(":")[2], address.rpartition(":")[2])
            probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
            # Neither may depend on the brokers: a restart would mend nothing.
            self.assertEqual([probes[kind]["path"] for kind in probes], ["/livez", "/livez", "/readyz"])
            self.assertEqual({probe["port"] for probe in probes.values()}, {"admin"})
            exposed = self.of("Service")[f"bellwether-{service}"]["spec"]["ports"]
            self.assertEqual({p["targetPort"]: p["port"] for p in exposed}, ports)
            self.assertEqual(workload["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"], str(ports["admin"]))

    def test_a_pod_may_take_as_long_as_a_drain(self):
        for service, _, pod, _ in self.services():
            self.assertGreater(pod["terminationGracePeriodSeconds"], int(flags_of(service)["BELLWETHER_DRAIN_TIMEOUT"]))

    def test_selectors_find_their_pods(self):
        for service, workload, pod, _ in self.services():
            name = f"bellwether-{service}"
            labels = workload["spec"]["template"]["metadata"]["labels"]
            selectors = [workload["spec"]["selector"]["matchLabels"], self.of("Service")[name]["spec"]["selector"],
                         self.of("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"],
                         *(c["labelSelector"]["matchLabels"] for c in pod["topologySpreadConstraints"])]
            for selector in selectors:
                self.assertLessEqual(selector.items(), labels.items(), name)
                others = [w["spec"]["template"]["metadata"]["labels"] for n, w in self.workloads().items() if n != name]
                self.assertFalse([o for o in others if selector.items() <= o.items()], name)

    def test_a_scoring_has_the_name_of_its_pod(self):
        """Only a StatefulSet never runs two pods of one name, which the group would fence."""
        self.assertEqual(self.of("StatefulSet").keys(), {"bellwether-scoring"})
        [(_, _, _, container)] = [s for s in self.services() if s[0] == "scoring"]
        [name] = [e["valueFrom"]["fieldRef"]["fieldPath"] for e in container["env"] if e["name"] == "BELLWETHER_INSTANCE_ID"]
        self.assertEqual(name, "metadata.name")


if __name__ == "__main__":
    unittest.main(verbosity=2)
