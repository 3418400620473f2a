"""MAML by higher: an inner loop on a copy of the module that remembers its past."""

import higher
import torch

from peer import Peer


class Higher(Peer):
    def __init__(self, specification, dtype):
        super().__init__(specification, dtype)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=self.inner_rate)

    def backward(self, support_inputs, support_targets, query_inputs, query_targets):
        with higher.innerloop_ctx(self.network, self.optimizer,
                                  copy_initial_weights=False) as (network, optimizer):
            for _ in range(self.inner_steps):
                optimizer.step(self.loss(network(support_inputs), support_targets))
            loss = self.loss(network(query_inputs), query_targets)
            loss.backward()
        return loss.item()
