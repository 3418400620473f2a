"""MAML by TorchOpt: a differentiable optimizer on functional parameters."""

import torchopt
from torch.func import functional_call

from peer import Peer


class TorchOpt(Peer):
    def backward(self, support_inputs, support_targets, query_inputs, query_targets):
        names = [name for name, _ in self.network.named_parameters()]
        adapted = tuple(self.network.parameters())
        optimizer = torchopt.FuncOptimizer(torchopt.sgd(lr=self.inner_rate))
        for _ in range(self.inner_steps):
            outputs = functional_call(self.network, dict(zip(names, adapted)), (support_inputs,))
            adapted = optimizer.step(self.loss(outputs, support_targets), adapted)
        outputs = functional_call(self.network, dict(zip(names, adapted)), (query_inputs,))
        loss = self.loss(outputs, query_targets)
        loss.backward()
        return loss.item()
