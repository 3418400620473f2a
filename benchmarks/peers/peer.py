"""What a peer is: another library's second-order MAML behind one function."""

import networks


class Peer:
    """Made for one kind of problem. Classes below differ in `task_losses` alone or in all."""

    def __init__(self, specification, dtype):
        maml = specification["algorithm"]["maml"]
        self.inner_steps = maml["inner_steps"]
        self.inner_rate = maml["inner_rate"]
        network, self.loss = networks.make(specification)
        self.network = network.to(dtype)

    def meta_gradient(self, parameters, tasks):
        """(gradient, loss), summed over the tasks: of the query loss after the inner steps.

        `parameters` and the gradient are tensors by name, the loss is a number."""
        self.set_parameters(parameters)
        self.network.zero_grad()
        loss = sum(self.backward(*task) for task in tasks)
        return {name: tensor.grad for name, tensor in self.network.named_parameters()}, loss

    def backward(self, support_inputs, support_targets, query_inputs, query_targets):
        """Adds one task's meta-gradient to the network's; returns the query loss."""
        raise NotImplementedError

    def set_parameters(self, parameters):
        for name, tensor in self.network.named_parameters():
            tensor.data.copy_(parameters[name])
