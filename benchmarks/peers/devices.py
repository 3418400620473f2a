"""What a comparison runs on: how fast its matrix product is, and how busy it is."""

import contextlib
import subprocess
import time

import torch
from gauge import Gauge


def _gemm_rate(size, least_seconds, device, wait):
    """Multiplications and additions per second of torch.mm in single precision: the best."""
    a, b = (torch.randn(size, size, device=device) for _ in range(2))
    best, end = float("inf"), time.perf_counter() + least_seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(a, b)
        wait()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


class Cpu:
    """As many threads as are given."""

    name = "cpu"
    back_ends = ("auto",)  # The engine's that are compared.
    least_seconds = 0.3    # Of one contestant's turn.

    def __init__(self, threads):
        self.threads = threads

    def describe(self):
        return f"{self.threads} threads"

    def gemm_rate(self):
        torch.set_num_threads(self.threads)
        return _gemm_rate(1024, self.least_seconds, self.name, wait=lambda: None)

    def watch(self):
        """A context that watches nothing."""
        return contextlib.nullcontext()

    def divides(self):
        """Whether peers also run as several processes side by side."""
        return True


class Cuda:
    """The first GPU. Products are rounded nowhere, unless a problem asks for it."""

    name = "cuda"
    back_ends = ("aten", "cuda")
    least_seconds = 3  # For some samples of nvidia-smi.
    threads = 1

    def describe(self):
        found = subprocess.run(["nvidia-smi", "--id=0", "--query-gpu=name,driver_version",
                                "--format=csv,noheader"], capture_output=True, text=True,
                               check=True)
        return found.stdout.strip()

    def gemm_rate(self):
        torch.backends.cuda.matmul.allow_tf32 = False
        return _gemm_rate(4096, 0.3, self.name, torch.cuda.synchronize)

    def watch(self):
        return Gauge()

    def divides(self):
        return False


def make(name, threads):
    return Cuda() if name == "cuda" else Cpu(threads)
