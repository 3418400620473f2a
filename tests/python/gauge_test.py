"""That benchmarks/peers/gauge.py reads what nvidia-smi prints."""

import os
import stat
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "benchmarks", "peers"))

import gauge  # pylint: disable=wrong-import-position

# Prints samples, then nothing more until it is told to end; says so by a file when it has printed.
SUBSTITUTE = """#!/bin/sh
printf '%s\\n' {samples}
touch {printed}
exec sleep 60
"""


class GaugeTest(unittest.TestCase):
    def test_reads_whole_lines_of_numbers(self):
        self.assertEqual(gauge.parse("0\n50\n100\n7"), [0, 0.5, 1])
        self.assertEqual(gauge.parse("[N/A]\n20\n"), [0.2])
        self.assertEqual(gauge.parse(""), [])

    def busy_by(self, samples):
        with tempfile.TemporaryDirectory() as folder:
            program, printed = os.path.join(folder, "nvidia-smi"), os.path.join(folder, "printed")
            with open(program, "w", encoding="ascii") as file:
                file.write(SUBSTITUTE.format(samples=" ".join(samples), printed=printed))
            os.chmod(program, stat.S_IRWXU)
            path = folder + os.pathsep + os.environ["PATH"]
            with mock.patch.dict(os.environ, {"PATH": path}):
                with gauge.Gauge() as found:
                    while not os.path.exists(printed):
                        os.sched_yield()
            return found.busy()

    def test_is_the_mean_without_the_first_sample(self):
        self.assertAlmostEqual(self.busy_by(["100", "40", "60"]), 0.5)

    def test_says_nothing_of_too_few_samples(self):
        self.assertIsNone(self.busy_by(["100", "40"]))


if __name__ == "__main__":
    unittest.main()
