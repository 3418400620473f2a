"""MAML by torch.func, compiled whole: kernels fused by Inductor, launched as CUDA graphs."""

import torch
import triton  # noqa: F401 pylint: disable=unused-import  # Without it there is no compiling.

from peer_torch_func import TorchFunc


class CompiledTorchFunc(TorchFunc):
    def __init__(self, specification, dtype, chunk=None):
        super().__init__(specification, dtype, chunk)
        self.of_tasks = torch.compile(self.of_tasks, mode="reduce-overhead")
