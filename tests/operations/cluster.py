"""A coordinator and workers of this build as child processes."""

import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.request

BIN = pathlib.Path(os.environ["OUTERLOOP_BIN"])

# Half a minute or so on two workers of one thread each.
JOB = """\
name: {name}
dataset: {{name: strokes, split: {{random: {{train: 40, validation: 10, test: 10}}}}}}
episode: {{classification: {{ways: 5, shots: 1, queries: 2}}}}
model: {{conv4: {{filters: 8}}}}
algorithm: {{maml: {{inner_rate: 0.4}}}}
meta_optimizer: {{adam: {{}}}}
training: {{steps: {steps}, tasks_per_step: 8, tasks_per_shard: 2}}
checkpoints: {{every_steps: {every}}}
evaluations: [{{split: TEST, tasks: 20}}]
"""


class Child:
    """A program whose standard output says where it serves. Its errors go to `log`."""

    def __init__(self, arguments, log, environment=None):
        self._log = open(log, "w")
        self.process = subprocess.Popen(
            list(map(str, arguments)), stdout=subprocess.PIPE, stderr=self._log, text=True,
            env=environment)

    def await_line(self, prefix):
        """The rest of the first line of output that begins so."""
        for line in self.process.stdout:
            if line.startswith(prefix):
                return line[len(prefix):].strip()
        raise AssertionError(f"{self.process.args[0]} ended without saying '{prefix}'")

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self._log.close()


class Cluster:
    """Kills what it has started when it is left."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.children = []
        self.coordinator = self.start(
            "outerloop-coordinator", "--listen", "localhost:0", "--metrics-port", "0",
            "--data-dir", self.folder / "data")
        self.address = self.coordinator.await_line("listening on ")
        self.metrics = [self.coordinator.await_line("metrics on ")]
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.kill()

    def start(self, program, *arguments, environment=None):
        log = self.folder / f"{len(self.children)}-{program}.log"
        self.children.append(Child([BIN / program, *arguments], log, environment))
        return self.children[-1]

    def start_worker(self):
        name = f"worker-{len(self.workers)}"
        worker = self.start(
            "outerloop-worker", "--coordinator", self.address, "--name", name, "--metrics-port", "0",
            "--cache-dir", self.folder / "cache", "--threads", "1", "--device", "cpu")
        self.workers.append(worker)
        self.metrics.append(worker.await_line("metrics on "))
        return worker

    def submit(self, name, steps, every=50):
        path = self.folder / f"{name}.yaml"
        path.write_text(JOB.format(name=name, steps=steps, every=every))
        self.client("submit", path)

    def client(self, *arguments):
        done = subprocess.run(
            [str(BIN / "outerloop"), "--address", self.address, "--output", "json",
             *map(str, arguments)], capture_output=True, text=True, check=True)
        return json.loads(done.stdout) if done.stdout.strip() else None


def scrape(address, metric):
    """The sum over all series of a metric."""
    with urllib.request.urlopen(f"http://{address}/metrics") as answer:
        text = answer.read().decode()
    values = re.findall(rf"^{metric}(?:\{{.*\}})? (\S+)$", text, re.M)
    return sum(map(float, values))
