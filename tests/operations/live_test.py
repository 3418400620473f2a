"""Every expression of panels, rules and alerts, asked of a real Prometheus that watches a real cluster
while a job trains and one of its workers is killed. A series that nobody exports, a label that is
spelled differently: here it shows."""

import json
import pathlib
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

import cluster
import expressions

STEPS = 4000
PATIENCE = 300
# Only a worker on a GPU has this, and here workers are on CPUs.
NEEDS_A_GPU = "outerloop_worker_gpu_memory_bytes"


class Prometheus:
    """With the rules of deploy/prometheus, scraping and evaluating once a second."""

    def __init__(self, folder, metrics):
        self._write_configuration(folder, metrics)
        self._log = open(folder / "prometheus.log", "w+")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yaml",
             f"--storage.tsdb.path={folder}/tsdb", "--web.listen-address=127.0.0.1:0"],
            stdout=self._log, stderr=subprocess.STDOUT)
        self.address = self._await_address(folder / "prometheus.log")

    @staticmethod
    def _write_configuration(folder, metrics):
        configuration = yaml.safe_load((expressions.PROMETHEUS / "prometheus.yaml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        configuration["rule_files"] = [str(expressions.PROMETHEUS / "rules" / "*.yaml")]
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(configuration))
        (folder / "targets").mkdir()
        for name, targets in (("coordinator", metrics[:1]), ("workers", metrics[1:])):
            (folder / "targets" / f"{name}.yaml").write_text(yaml.safe_dump([{"targets": targets}]))

    def _await_address(self, log):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in log.read_text().splitlines():
                if "Listening on" in line and "address=" in line:
                    return line.split("address=")[1].split()[0]
            time.sleep(0.1)  # Polls: the log is all that says the port.
        raise AssertionError(log.read_text())

    def query(self, expression):
        """The vector, or an AssertionError with Prometheus' own words."""
        query = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{query}") as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from error

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self._log.close()


def asked():
    """(where, expression) of all that must have a value."""
    yield from expressions.panel_expressions(rate_interval="30s")
    for rule in expressions.rules():
        if "record" in rule:
            yield rule["record"], rule["expr"]
        else:
            for operand in expressions.operands(rule["expr"]):
                yield rule["alert"], operand


class Live(unittest.TestCase):
    maxDiff = None  # All that is unanswered.

    def test_every_expression_has_a_value_while_a_job_trains_and_recovers(self):
        with tempfile.TemporaryDirectory() as name:
            with cluster.Cluster(name) as running:
                running.start_worker()
                victim = running.start_worker()
                prometheus = Prometheus(pathlib.Path(name), running.metrics)
                try:
                    self.train_and_ask(running, victim, prometheus)
                finally:
                    prometheus.stop()

    def train_and_ask(self, running, victim, prometheus):
        # A rate needs a sample from before what it counts.
        self.await_scrapes(prometheus, len(running.metrics))
        running.submit("watched", STEPS)
        self.await_steps(running, 100)
        victim.process.kill()
        unanswered = [(where, expression) for where, expression in asked()
                      if NEEDS_A_GPU not in expression]
        deadline = time.monotonic() + PATIENCE
        while unanswered and time.monotonic() < deadline:
            unanswered = [(where, expression) for where, expression in unanswered
                          if not self.has_value(prometheus, expression)]
            time.sleep(1)  # Scrapes come once a second.
        self.assertEqual(unanswered, [])

    @staticmethod
    def has_value(prometheus, expression):
        return any(sample["value"][1] != "NaN" for sample in prometheus.query(expression))

    @staticmethod
    def await_scrapes(prometheus, targets):
        deadline = time.monotonic() + PATIENCE
        while len(prometheus.query("up == 1")) < targets:
            assert time.monotonic() < deadline, "targets are not scraped"
            time.sleep(0.2)  # Scrapes come once a second.

    @staticmethod
    def await_steps(running, steps):
        deadline = time.monotonic() + PATIENCE
        while cluster.scrape(running.metrics[0], "outerloop_steps_total") < steps:
            assert time.monotonic() < deadline, "no steps"
            time.sleep(0.2)


if __name__ == "__main__":
    unittest.main()
