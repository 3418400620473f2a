"""docker/ as far as it can be checked without building an image (scripts/test_images.sh does that)."""

import re
import subprocess
import unittest

import yaml

import cluster
import manifests

DOCKER = manifests.ROOT / "docker"
DOCKERFILES = (DOCKER / "Dockerfile", DOCKER / "cuda.Dockerfile")
PROGRAMS = {"coordinator": "outerloop-coordinator", "worker": "outerloop-worker"}


def variables_of(program):
    """What the program says that it reads from its environment."""
    return set(re.findall(r"Env:(\w+)", subprocess.run(
        [str(cluster.BIN / program), "--help"], capture_output=True, text=True, check=True).stdout))


def final_stage(text):
    return text[text.rindex("\nFROM "):]


class Dockerfiles(unittest.TestCase):
    def test_hadolint_finds_nothing(self):
        done = subprocess.run(["hadolint", *map(str, DOCKERFILES)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_programs_run_as_nobody_and_get_signals_themselves(self):
        for path in DOCKERFILES:
            stage = final_stage(path.read_text())
            self.assertRegex(stage, r"\nUSER [1-9]\d*:[1-9]\d*\n", path)
            self.assertRegex(stage, r'\nENTRYPOINT \["outerloop-[\w-]+"\]\n', path)

    def test_every_variable_is_one_that_a_program_reads(self):
        known = variables_of("outerloop-coordinator") | variables_of("outerloop-worker")
        for path in DOCKERFILES:
            used = set(re.findall(r"\b(OUTERLOOP_(?!CUDA|TESTS|BENCHMARKS)\w+)=", path.read_text()))
            self.assertTrue(used, path)
            self.assertLessEqual(used, known, path)


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
        cls.services = cls.compose["services"]

    def own(self):
        return {name: service for name, service in self.services.items() if "build" in service}

    def test_has_a_coordinator_two_workers_and_who_watches_them(self):
        targets = [service["build"]["target"] for service in self.own().values()]
        self.assertEqual(sorted(targets), ["coordinator", "worker", "worker"])
        self.assertLessEqual({"prometheus", "grafana"}, set(self.services))

    def test_own_images_are_hardened_and_get_time_to_end(self):
        for name, service in self.own().items():
            self.assertTrue(service["read_only"], name)
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertEqual(service["security_opt"], ["no-new-privileges:true"], name)
            self.assertGreaterEqual(int(service["stop_grace_period"].rstrip("s")), 30, name)

    def test_every_image_has_a_version(self):
        for name, service in self.services.items():
            self.assertRegex(service["image"], r":v?\d+\.\d+\.\d+$", name)

    def test_every_variable_is_one_that_the_program_reads(self):
        for name, service in self.own().items():
            known = variables_of(PROGRAMS[service["build"]["target"]])
            self.assertLessEqual(set(service.get("environment", {})), known, name)

    def test_ports_are_opened_to_this_machine_alone(self):
        for name, service in self.services.items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), name)

    def test_prometheus_scrapes_every_service(self):
        text = DOCKER.joinpath("Dockerfile").read_text()
        ports = {target: re.search(rf"AS {target}\n.*?EXPOSE [\d ]*?(\d+)\n", text, re.S).group(1)
                 for target in PROGRAMS}
        wanted = {f"{name}:{ports[service['build']['target']]}"
                  for name, service in self.own().items()}
        scraped = {target for path in (DOCKER / "targets").glob("*.yaml")
                   for group in yaml.safe_load(path.read_text()) for target in group["targets"]}
        self.assertEqual(scraped, wanted)

    def test_every_file_that_is_mounted_is_there(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((DOCKER / source).exists(), f"{name}: {source}")
                else:
                    self.assertIn(source, self.compose["volumes"], name)


if __name__ == "__main__":
    unittest.main()
