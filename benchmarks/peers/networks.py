"""This project's networks as PyTorch modules, with the same names of parameters."""

import torch
from torch import nn
from torch.nn import functional

from problem import IMAGE


class BatchNorm(nn.Module):
    """Normalisation by the batch's own statistics."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, inputs):
        return functional.batch_norm(inputs, None, None, self.scale, self.shift, training=True)


class Block(nn.Module):
    def __init__(self, channels, filters):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, kernel_size=3, stride=2, padding=1, bias=False)
        self.norm = BatchNorm(filters)

    def forward(self, inputs):
        return functional.relu(self.norm(self.conv(inputs)))


class Conv4Body(nn.Module):
    """Four blocks, which leave 2 x 2 pixels of 28 x 28."""

    def __init__(self, filters):
        super().__init__()
        self.features = filters * 4
        self.block1 = Block(IMAGE[0], filters)
        self.block2 = Block(filters, filters)
        self.block3 = Block(filters, filters)
        self.block4 = Block(filters, filters)

    def forward(self, inputs):
        return self.block4(self.block3(self.block2(self.block1(inputs)))).flatten(1)


class Conv4(Conv4Body):
    """The same and a linear layer."""

    def __init__(self, filters, ways):
        super().__init__(filters)
        self.linear = nn.Linear(self.features, ways)

    def forward(self, inputs):
        return self.linear(super().forward(inputs))


class Mlp(nn.Module):
    """Linear layers `linear1`, `linear2`, .. with ReLU between."""

    def __init__(self, hidden, inputs=1, outputs=1):
        super().__init__()
        widths = [inputs, *hidden, outputs]
        self.names = [f"linear{number}" for number in range(1, len(widths))]
        for name, inputs, outputs in zip(self.names, widths, widths[1:]):
            setattr(self, name, nn.Linear(inputs, outputs))

    def forward(self, inputs):
        for name in self.names[:-1]:
            inputs = functional.relu(getattr(self, name)(inputs))
        return getattr(self, self.names[-1])(inputs)


def make(specification):
    """(network, loss) of a specification. Weights are random."""
    model, episode = specification["model"], specification["episode"]
    if "conv4" in model:
        network = Conv4(model["conv4"]["filters"], episode["classification"]["ways"])
        return network, functional.cross_entropy
    return Mlp(model["mlp"]["hidden"]), functional.mse_loss


def initial_parameters(specification, seed):
    """Of a fresh network, by name."""
    torch.manual_seed(seed)
    network, _ = make(specification)
    return {name: tensor.detach() for name, tensor in network.named_parameters()}
