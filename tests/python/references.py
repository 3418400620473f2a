"""Meta-gradients written plainly on PyTorch's autograd: what the engine is held to.

A reference is a function (network, specification, parameters, task) -> query loss after
adaptation, to be differentiated by the meta-parameters; the task is support inputs and targets,
query inputs and targets. An algorithm whose meta-gradient is no such gradient stands in
`META_GRADIENTS` with a function of its own, which returns what that of `differentiated` does.
"""

import dataclasses
from typing import Callable

import torch
from torch.func import functional_call, grad, grad_and_value


@dataclasses.dataclass(frozen=True)
class Network:
    """A module and its loss as functions of parameters by name."""

    module: torch.nn.Module
    loss_of_outputs: Callable

    def loss(self, parameters, inputs, targets):
        return self.loss_of_outputs(functional_call(self.module, parameters, (inputs,)), targets)


def descend(parameters, gradient, rate):
    return {name: tensor - rate * gradient[name] for name, tensor in parameters.items()}


def maml(network, specification, parameters, task):
    """Finn, Abbeel & Levine 2017, algorithm 1; of order FIRST, inner gradients are constants."""
    options = specification["algorithm"]["maml"]
    support_inputs, support_targets, query_inputs, query_targets = task
    for _ in range(options["inner_steps"]):
        gradient = grad(network.loss)(parameters, support_inputs, support_targets)
        if options["order"] == "FIRST":
            gradient = {name: tensor.detach() for name, tensor in gradient.items()}
        parameters = descend(parameters, gradient, options["inner_rate"])
    return network.loss(parameters, query_inputs, query_targets)


def differentiated(query_loss):
    """The function (network, specification, parameters, task) -> (gradient by name, loss)."""
    return grad_and_value(query_loss, argnums=2)


META_GRADIENTS = {"maml": differentiated(maml)}


def task_gradients(network, specification, parameters, tasks):
    """([T, P] with parameters in name order, [T] losses): each task's own."""
    (algorithm,) = specification["algorithm"]
    rows, losses = [], []
    for task in tasks:
        gradient, loss = META_GRADIENTS[algorithm](network, specification, parameters, task)
        rows.append(torch.cat([gradient[name].flatten() for name in sorted(gradient)]))
        losses.append(loss)
    return torch.stack(rows), torch.stack(losses)
