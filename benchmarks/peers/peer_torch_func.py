"""MAML by torch.func: gradients as functions, tasks in one batch by vmap."""

from torch.func import functional_call, grad, grad_and_value, vmap

from peer import Peer


class TorchFunc(Peer):
    """`chunk` tasks are computed together; None: all."""

    def __init__(self, specification, dtype, chunk=None):
        super().__init__(specification, dtype)
        of_tasks = vmap(grad_and_value(self.query_loss), in_dims=(None, 0, 0, 0, 0),
                        chunk_size=chunk)
        self.of_tasks = of_tasks

    def meta_gradient(self, parameters, tasks):
        gradients, losses = self.of_tasks(parameters, *tasks.tensors())
        return {name: tensor.sum(0) for name, tensor in gradients.items()}, losses.sum().item()

    def loss_of(self, parameters, inputs, targets):
        return self.loss(functional_call(self.network, parameters, (inputs,)), targets)

    def query_loss(self, parameters, support_inputs, support_targets, query_inputs,
                   query_targets):
        for _ in range(self.inner_steps):
            gradient = grad(self.loss_of)(parameters, support_inputs, support_targets)
            parameters = {name: tensor - self.inner_rate * gradient[name]
                          for name, tensor in parameters.items()}
        return self.loss_of(parameters, query_inputs, query_targets)
