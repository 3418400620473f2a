"""Meta-gradients to compute: the same specification, weights and tasks for everybody.

A problem is a file that this project's engine and the peers read alike (problem.h has its format).
"""

import dataclasses
import json

import torch
from safetensors import safe_open
from safetensors.torch import save_file

IMAGE = (1, 28, 28)  # Channels, height, width.


@dataclasses.dataclass(frozen=True)
class Tasks:
    """T tasks with S support and Q query examples each; rows of all tensors are tasks."""

    support_inputs: torch.Tensor
    support_targets: torch.Tensor
    query_inputs: torch.Tensor
    query_targets: torch.Tensor

    def __len__(self):
        return len(self.support_inputs)

    def __getitem__(self, part):
        """The tasks of a slice."""
        return Tasks(*(tensor[part] for tensor in self.tensors()))

    def __iter__(self):
        """Task by task: support inputs, support targets, query inputs, query targets."""
        return zip(*self.tensors())

    def tensors(self):
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def to(self, dtype):
        """With floating tensors of another type."""
        return Tasks(*(_to(tensor, dtype) for tensor in self.tensors()))

    def on(self, device):
        return Tasks(*(tensor.to(device) for tensor in self.tensors()))


@dataclasses.dataclass(frozen=True)
class Problem:
    """`specification` is a complete JobSpec as a dictionary; `parameters` are tensors by name."""

    specification: dict
    parameters: dict
    tasks: Tasks

    def to(self, dtype):
        parameters = {name: _to(tensor, dtype) for name, tensor in self.parameters.items()}
        return Problem(self.specification, parameters, self.tasks.to(dtype))

    def on(self, device):
        """The same in the memory of a device."""
        parameters = {name: tensor.to(device) for name, tensor in self.parameters.items()}
        return Problem(self.specification, parameters, self.tasks.on(device))

    def __getitem__(self, part):
        """The same with the tasks of a slice."""
        return dataclasses.replace(self, tasks=self.tasks[part])

    def is_classification(self):
        return "classification" in self.specification["episode"]


def _to(tensor, dtype):
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def save(problem, path):
    tensors = {f"parameters.{name}": tensor for name, tensor in problem.parameters.items()}
    for field in dataclasses.fields(Tasks):
        tensors[field.name] = getattr(problem.tasks, field.name)
    tensors = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    save_file(tensors, path, {"specification": json.dumps(problem.specification)})


def load(path):
    with safe_open(path, framework="pt") as file:
        specification = json.loads(file.metadata()["specification"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    parameters = {name.removeprefix("parameters."): tensors[name]
                  for name in tensors if name.startswith("parameters.")}
    return Problem(specification, parameters,
                   Tasks(*(tensors[field.name] for field in dataclasses.fields(Tasks))))


def save_dataset(path):
    """A data set that says how large images are, and has one."""
    save_file({"images": torch.zeros((1, *IMAGE), dtype=torch.uint8),
               "labels": torch.zeros(1, dtype=torch.int32)}, path,
              {"format": "outerloop.dataset.v1", "provenance": "made to give a size",
               "classes": json.dumps([{"name": "blank", "origin": "nowhere"}])})


def maml(inner_steps, inner_rate, order="SECOND"):
    """The algorithm's part of a specification."""
    return {"maml": {"inner_steps": inner_steps, "inner_rate": inner_rate, "order": order}}


def classification(algorithm, ways, shots, tasks, tasks_per_shard=1, filters=64):
    """The specification of images for the four-block network, with as many queries as support
    images."""
    return _specification(
        {"classification": {"ways": ways, "shots": shots, "queries": shots}},
        {"conv4": {"filters": filters}}, algorithm, tasks, tasks_per_shard)


def sinusoid(algorithm, shots, tasks, tasks_per_shard=1, hidden=(40, 40)):
    """The specification of regression for a multi-layer perceptron."""
    return _specification({"sinusoid": {"shots": shots, "queries": shots}},
                          {"mlp": {"hidden": list(hidden)}}, algorithm, tasks, tasks_per_shard)


def _specification(episode, model, algorithm, tasks, tasks_per_shard):
    return {"name": "peers", "episode": episode, "model": model, "algorithm": algorithm,
            "meta_optimizer": {"sgd": {"rate": 1}},
            "training": {"steps": 1, "tasks_per_step": tasks, "tasks_per_shard": tasks_per_shard,
                         "fixed_point_bits": 40}}


def draw_tasks(specification, generator):
    """As many tasks as a step has. Images are a pattern of their class under as much noise; curves
    are sinusoids of random amplitude and phase (Finn et al. 2017, section 5.1)."""
    tasks = specification["training"]["tasks_per_step"]
    episode = specification["episode"]
    if "classification" in episode:
        return _draw_images(tasks, generator=generator, **episode["classification"])
    return _draw_curves(tasks, generator=generator, **episode["sinusoid"])


def _draw_images(tasks, ways, shots, queries, generator):
    patterns = torch.rand((tasks, ways, *IMAGE), generator=generator)

    def draw(of_each):
        noise = torch.rand((tasks, of_each * ways, *IMAGE), generator=generator)
        return (patterns.repeat(1, of_each, 1, 1, 1) + noise) / 2

    def labels(of_each):
        return torch.arange(ways).repeat(of_each).expand(tasks, -1)

    return Tasks(draw(shots), labels(shots), draw(queries), labels(queries))


def _draw_curves(tasks, shots, queries, generator):
    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(shape, generator=generator)

    amplitude, phase = uniform(0.1, 5, tasks, 1, 1), uniform(0, torch.pi, tasks, 1, 1)
    support, query = uniform(-5, 5, tasks, shots, 1), uniform(-5, 5, tasks, queries, 1)
    return Tasks(support, amplitude * torch.sin(support - phase),
                 query, amplitude * torch.sin(query - phase))
