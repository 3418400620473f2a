"""Computes meta-gradients by peers, step by step on the demand of compare.py.

usage: peer_process.py PROBLEM [--threads N] [--tasks FIRST LAST] [--device cpu|cuda]

Says `ready`, then answers lines on standard input as the engine does (meta_gradient_engine.cc),
with the peer's name at the end of each:
  step COUNT PEER       computes the meta-gradient of all tasks COUNT times; the seconds it took
  gradients FILE PEER   writes each task's meta-gradient; `written`
"""

import argparse
import ctypes
import sys
import time

import all_peers
import problem
import torch
from safetensors.torch import save_file


def keep_freed_memory():
    """As the engine does (worker/allocator.cc): it helps the peers as well."""
    arena_max, mmap_max, top_pad, trim_threshold = -8, -4, -2, -1  # As in malloc.h.
    libc = ctypes.CDLL(None)
    for option, value in ((arena_max, 1), (mmap_max, 0), (trim_threshold, 2**31 - 1),
                          (top_pad, 64 << 20)):
        libc.mallopt(option, value)


def round_as_asked(specification):
    """Products as `training.product_precision` says: not at all, unless it is TF32."""
    precision = specification["training"].get("product_precision", "FLOAT32")
    if precision == "BFLOAT16":
        raise ValueError("peers have no products of bfloat16 with sums in float32")
    torch.backends.cuda.matmul.allow_tf32 = precision == "TF32"
    torch.backends.cudnn.allow_tf32 = precision == "TF32"


class PeerProcess:
    def __init__(self, given, device):
        self.problem = given.on(device)
        self.device = device
        self.makers = all_peers.load(device)
        self.peers = {}
        round_as_asked(given.specification)

    def wait(self):
        """Until the device has done what it was given."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    def peer(self, name):
        if name not in self.peers:
            dtype = next(iter(self.problem.parameters.values())).dtype
            with torch.device(self.device):
                self.peers[name] = self.makers[name](self.problem.specification, dtype)
        return self.peers[name]

    def step(self, count, name):
        peer = self.peer(name)
        self.wait()
        start = time.perf_counter()
        for _ in range(int(count)):
            peer.meta_gradient(self.problem.parameters, self.problem.tasks)
        self.wait()
        return f"{time.perf_counter() - start:.9f}"

    def gradients(self, path, name):
        """In the order of names, as the engine writes them."""
        rows, losses = [], []
        for number in range(len(self.problem.tasks)):
            gradient, loss = self.peer(name).meta_gradient(
                self.problem.parameters, self.problem.tasks[number:number + 1])
            rows.append(torch.cat([gradient[key].flatten() for key in sorted(gradient)]))
            losses.append(loss)
        save_file({"gradients": torch.stack(rows).cpu(),
                   "losses": torch.tensor(losses, dtype=torch.float64)}, path)
        return "written"

    def serve(self, lines):
        print("ready", flush=True)
        for line in lines:
            command, argument, peer = line.strip().split(" ", 2)
            answer = {"step": self.step, "gradients": self.gradients}[command]
            print(answer(argument, peer), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("problem")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tasks", type=int, nargs=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments = parser.parse_args()
    keep_freed_memory()
    torch.set_num_threads(arguments.threads)
    given = problem.load(arguments.problem)
    if arguments.tasks:
        given = given[slice(*arguments.tasks)]
    PeerProcess(given, arguments.device).serve(sys.stdin)


if __name__ == "__main__":
    main()
