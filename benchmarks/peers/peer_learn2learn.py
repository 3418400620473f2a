"""MAML by learn2learn: clone, adapt, differentiate."""

import importlib
import importlib.util
import os
import sys
import types

from peer import Peer


def _without_init(name, folder):
    """Stands in for a package whose own __init__ would import gym, torchvision and more."""
    package = types.ModuleType(name)
    package.__path__ = [folder]
    sys.modules[name] = package


def _import_maml():
    folder = importlib.util.find_spec("learn2learn").submodule_search_locations[0]
    _without_init("learn2learn", folder)
    _without_init("learn2learn.algorithms", os.path.join(folder, "algorithms"))
    return importlib.import_module("learn2learn.algorithms.maml").MAML


MAML = _import_maml()


class Learn2Learn(Peer):
    def __init__(self, specification, dtype):
        super().__init__(specification, dtype)
        self.maml = MAML(self.network, lr=self.inner_rate)

    def backward(self, support_inputs, support_targets, query_inputs, query_targets):
        learner = self.maml.clone()
        for _ in range(self.inner_steps):
            learner.adapt(self.loss(learner(support_inputs), support_targets))
        loss = self.loss(learner(query_inputs), query_targets)
        loss.backward()
        return loss.item()
