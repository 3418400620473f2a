"""How far two computations of the same meta-gradients are apart, and where that says something.

A ReLU whose input is next to zero makes a meta-gradient jump. Where a change of the weights by
1e-7, about what single precision resolves, makes it jump, single precision cannot tell the
meta-gradient on one side from that on the other. Other tasks are called stable. Not all that jump
are found, and large networks always have some: rounding moves every activation, a few draws move
the weights alone.
"""

import torch

DOUBLE_TOLERANCE = 1e-9
SINGLE_TOLERANCE = 1e-4

_PERTURBATION = 1e-7
_STABLE = 3e-5  # A perturbed gradient is no further away.


def relative_errors(found, expected):
    """[T]: distance over length of each task's row of [T, P]."""
    found, expected = found.double(), expected.double()
    return (found - expected).norm(dim=1) / expected.norm(dim=1)


def perturbed(parameters, seed):
    """The parameters, each changed by about 1e-7 of itself."""
    generator = torch.Generator().manual_seed(seed)
    return {name: tensor * (1 + _PERTURBATION * torch.randn(
        tensor.shape, generator=generator, dtype=tensor.dtype))
            for name, tensor in parameters.items()}


def stable(gradients_of, parameters, draws=2):
    """[T] of booleans. `gradients_of(parameters)` is [T, P], in double precision."""
    exact = gradients_of(parameters)
    errors = [relative_errors(gradients_of(perturbed(parameters, seed)), exact)
              for seed in range(draws)]
    return torch.stack(errors).amax(0) <= _STABLE
