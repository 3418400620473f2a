"""What people build on: the client library as `cmake --install` leaves it, and Python's stubs of the
installed protos, each by its program in examples/ against a real coordinator."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import cluster

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def run(*command, **options):
    """The standard output of a command that must succeed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


class Client(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.prefix = cls.folder / "installed"
        run("cmake", "--install", cluster.BIN.parent, "--prefix", cls.prefix)
        cls.cluster = cluster.Cluster(folder.name)
        cls.addClassCleanup(cls.cluster.__exit__)
        cls.cluster.start_worker()

    def trained(self, name, output):
        """Checks that a program printed all steps, and how the job of this name ended."""
        job = self.cluster.client("describe", name)
        lines = output.splitlines()
        self.assertEqual(sum(line.startswith("step ") for line in lines), job["steps"])
        self.assertEqual(lines[-1], f"SUCCEEDED {job['parameters_sha256']}")

    def test_a_program_builds_on_the_installed_library_and_trains_a_job(self):
        build = self.folder / "build"
        run("cmake", "-S", EXAMPLES / "cpp", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        job = self.folder / "from-cpp.yaml"
        job.write_text(cluster.JOB.format(name="from-cpp", steps=20, every=10))
        self.trained("from-cpp", run(build / "train", self.cluster.address, job))

    def test_a_python_program_on_generated_stubs_trains_a_job(self):
        protos = self.prefix / "share" / "outerloop" / "proto"
        stubs = self.folder / "stubs"
        stubs.mkdir()
        run(sys.executable, "-m", "grpc_tools.protoc", "-I", protos, f"--python_out={stubs}",
            f"--grpc_python_out={stubs}", *sorted(protos.glob("outerloop/v1/*.proto")))
        output = run(sys.executable, EXAMPLES / "python" / "train.py", self.cluster.address,
                     env={**os.environ, "PYTHONPATH": str(stubs)})
        self.trained("from-python", output)

    def test_what_is_installed_names_no_path_of_this_repository(self):
        for path in self.prefix.rglob("*.cmake"):
            self.assertNotIn(str(ROOT), path.read_text(), path)


if __name__ == "__main__":
    unittest.main()
