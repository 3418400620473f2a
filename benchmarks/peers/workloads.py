"""What is timed: three kinds of image tasks and the sinusoid."""

import copy
import dataclasses

import networks
import problem
import torch

_FLOP_PER_IMAGE = 5.3e6  # One forward pass of the four-block network on 28 x 28 pixels.


@dataclasses.dataclass(frozen=True)
class Workload:
    title: str
    specification: dict

    def problem(self):
        """The same every time; in single precision."""
        generator = torch.Generator().manual_seed(1)
        return problem.Problem(self.specification,
                               networks.initial_parameters(self.specification, seed=1),
                               problem.draw_tasks(self.specification, generator))

    def tasks(self):
        return self.specification["training"]["tasks_per_step"]

    def nominal_flop(self):
        """Of a task's meta-gradient; None for the sinusoid. An inner step is a forward pass (1),
        backward (2), tangent forward (2) and tangent backward (4); the query set, as large as the
        support set, is forward and backward (3)."""
        images = self.specification["episode"].get("classification")
        if images is None:
            return None
        inner_steps = self.specification["algorithm"]["maml"]["inner_steps"]
        return images["ways"] * images["shots"] * (9 * inner_steps + 3) * _FLOP_PER_IMAGE


def image_workload(title, ways, shots, inner_steps, tasks, tasks_per_shard=1):
    return Workload(title, problem.classification(problem.maml(inner_steps, inner_rate=0.1), ways,
                                                  shots, tasks, tasks_per_shard))


def with_steps(inner_steps):
    """Workload B with another number of inner steps."""
    return image_workload(f"20-way 1-shot, {inner_steps} inner steps", 20, 1, inner_steps, 16)


def with_precision(workload, precision):
    """The same with products of another precision; FLOAT32 is what a specification has without."""
    if precision == "FLOAT32":
        return workload
    specification = copy.deepcopy(workload.specification)
    specification["training"]["product_precision"] = precision
    return dataclasses.replace(workload, specification=specification)


ALL = {
    "A": image_workload("5-way 1-shot, 1 inner step", 5, 1, 1, tasks=32, tasks_per_shard=4),
    "B": with_steps(5),
    "C": image_workload("20-way 5-shot, 5 inner steps", 20, 5, 5, tasks=4),
    "sinusoid": Workload("sinusoid, 10 points, 1 inner step",
                         problem.sinusoid(problem.maml(1, inner_rate=0.01), shots=10, tasks=25,
                                          tasks_per_shard=13)),
}
