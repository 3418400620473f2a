"""Every container of the rendered manifests, started here as a process with the command, arguments and
environment that its manifest gives it: a flag that is gone, a port that nobody listens on or a probe
that can never succeed shows here and not in a cluster."""

import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import certificates
import cluster
import manifests

PATIENCE = 120


def free_port():
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


class Pod:
    """One container on this machine. Its volumes are folders in `folder`; `ports` says what took the
    place of each port, by (host, port) as its arguments name it; `secrets` where the files of each
    Secret are."""

    def __init__(self, workload, folder, ports, name, secrets=None):
        self.container, = manifests.containers(workload)
        self.grace = workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        self.name = name
        self.ports = dict(ports)
        for port in self.container["ports"]:
            self.ports.setdefault(("0.0.0.0", port["containerPort"]), free_port())
        self.folder = pathlib.Path(folder) / name
        for mount in self.container["volumeMounts"]:
            (self.folder / mount["mountPath"].strip("/")).mkdir(parents=True)
        self.fill_secrets(workload["spec"]["template"]["spec"]["volumes"], secrets or {})
        self._log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen(
            self.command(), env=self.environment(), stdout=self._log, stderr=subprocess.STDOUT,
            cwd=self.folder)

    def fill_secrets(self, volumes, secrets):
        paths = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        for volume in volumes:
            if "secret" in volume:
                shutil.copytree(secrets[volume["secret"]["secretName"]],
                                self.folder / paths[volume["name"]].strip("/"), dirs_exist_ok=True)

    def here(self, argument):
        """An argument or variable with this machine's ports and folders in place of the cluster's."""
        paths = "|".join(mount["mountPath"] for mount in self.container["volumeMounts"])
        argument = re.sub(rf"(^|=)({paths})(?=$|/)", rf"\g<1>{self.folder}\g<2>", argument)
        for (host, port), taken in self.ports.items():
            argument = argument.replace(f"{host}:{port}", f"localhost:{taken}")
            argument = re.sub(rf"(port=){port}$", rf"\g<1>{taken}", argument)
        return argument.replace("host=0.0.0.0", "host=localhost")

    def command(self):
        program, *arguments = self.container["command"] + self.container.get("args", [])
        return [str(cluster.BIN / program), *map(self.here, arguments)]

    def environment(self):
        """What the manifest sets and nothing else; fields as the kubelet would fill them in."""
        values = {}
        for variable in self.container.get("env", []):
            source = variable.get("valueFrom", {})
            if "fieldRef" in source:
                assert source["fieldRef"]["fieldPath"] == "metadata.name"
                values[variable["name"]] = self.name
            elif "resourceFieldRef" in source:
                resource = source["resourceFieldRef"]["resource"]
                kind, unit = resource.split(".")
                values[variable["name"]] = self.container["resources"][kind][unit]
            else:
                values[variable["name"]] = self.here(variable["value"])
        return values

    def succeeds(self, probe):
        if "grpc" in probe:
            address = f"localhost:{self.ports['0.0.0.0', probe['grpc']['port']]}"
            return subprocess.run([str(cluster.BIN / "outerloop"), "health", "--address", address],
                                  capture_output=True).returncode == 0
        port = manifests.port_number(self.container, probe["httpGet"]["port"])
        url = f"http://localhost:{self.ports['0.0.0.0', port]}{probe['httpGet']['path']}"
        try:
            with urllib.request.urlopen(url) as answer:
                return 200 <= answer.status < 400
        except urllib.error.URLError:
            return False

    def await_probe(self, name):
        deadline = time.monotonic() + PATIENCE
        while not self.succeeds(self.container[name]):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: {name} never succeeded\n{self.log()}")
            time.sleep(0.2)  # As a kubelet does.

    def await_ready(self):
        for name, _ in manifests.probes(self.container):
            self.await_probe(name)

    def log(self):
        return (self.folder / "log").read_text()

    def stop(self):
        """As the kubelet does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=self.grace)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._log.close()


def has_tls():
    """Whether the programs of this build know the variables of the component `mtls`."""
    return "OUTERLOOP_TLS_CERT" in subprocess.run(
        [str(cluster.BIN / "outerloop-coordinator"), "--help"], capture_output=True, text=True).stdout


def gpu_here():
    return shutil.which("nvidia-smi") and (cluster.BIN / "outerloop-worker-cuda").exists()


class Running(unittest.TestCase):
    def run_overlay(self, overlay, *components):
        resources = manifests.render(overlay, *components, scratch=self.folder)
        self.secrets = certificates.issue_all(resources, self.folder)
        stateful, = manifests.of_kind(resources, "StatefulSet")
        deployment, = manifests.of_kind(resources, "Deployment")
        coordinator = self.start(stateful, {}, "outerloop-coordinator-0")
        coordinator.await_ready()
        service = stateful["spec"]["serviceName"]
        grpc = coordinator.ports["0.0.0.0", 7070]
        workers = [self.start(deployment, {(service, 7070): grpc}, f"outerloop-worker-{i}")
                   for i in range(deployment["spec"]["replicas"])]
        for worker in workers:
            worker.await_ready()
        self.address = f"localhost:{grpc}"
        self.assertEqual(self.train(coordinator.environment()), "SUCCEEDED")
        return coordinator, workers

    def end(self, coordinator, workers):
        for pod in (*workers, coordinator):
            self.assertEqual(pod.stop(), 0, pod.log())

    def start(self, workload, ports, name):
        self.pods.append(Pod(workload, self.folder, ports, name, self.secrets))
        return self.pods[-1]

    def outerloop(self, *arguments, environment):
        return subprocess.run(
            [str(cluster.BIN / "outerloop"), "--address", self.address, *map(str, arguments)],
            env=environment, capture_output=True, text=True)

    def train(self, environment):
        """Submits a job as one would from the coordinator's pod; the state in which it ended."""
        job = pathlib.Path(self.folder) / "job.yaml"
        job.write_text(cluster.JOB.format(name="deployed", steps=20, every=10))
        done = self.outerloop("submit", job, "--wait", environment=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = self.outerloop("describe", "deployed", "--output", "json", environment=environment)
        return re.search(r'"state": *"(\w+)"', listed.stdout).group(1)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.pods = []
        self.addCleanup(lambda: [pod.kill() for pod in self.pods])
        self.secrets = {}

    def test_the_cpu_overlay_trains_and_every_pod_ends_in_time(self):
        self.end(*self.run_overlay("cpu"))

    @unittest.skipUnless(has_tls(), "this build has no TLS")
    def test_with_mtls_nobody_gets_in_without_a_certificate(self):
        coordinator, workers = self.run_overlay("cpu", "mtls")
        self.assertNotEqual(self.outerloop("list", environment={}).returncode, 0)
        self.end(coordinator, workers)

    @unittest.skipUnless(gpu_here(), "needs an NVIDIA GPU and outerloop-worker-cuda")
    def test_the_gpu_overlay_trains_and_every_pod_ends_in_time(self):
        self.end(*self.run_overlay("gpu"))

    def test_the_gpu_overlays_worker_takes_its_arguments(self):
        """Where there is no GPU: the CPU worker, of the same flags, gets as far as asking for one."""
        deployment, = manifests.of_kind(manifests.render("gpu"), "Deployment")
        manifests.containers(deployment)[0]["command"] = ["outerloop-worker"]
        pod = self.start(deployment, {("outerloop-coordinator", 7070): free_port()}, "worker-0")
        self.assertEqual(pod.process.wait(timeout=PATIENCE), 1, pod.log())
        self.assertIn("outerloop-worker-cuda", pod.log())


if __name__ == "__main__":
    unittest.main()
