"""Meta-gradients written plainly on PyTorch's autograd: what the engine is held to.

A reference is a function (networks, specification, parameters, task) -> query loss after
adaptation, to be differentiated by the meta-parameters; the task is support inputs and targets,
query inputs and targets. An algorithm whose meta-gradient is no such gradient has a function of its
own, which returns what that of `differentiated` does. `REFERENCES` lists them with the networks
that they take; parameters have the engine's names.
"""

import dataclasses
import math
from typing import Callable

import torch
from torch import nn
from torch.func import functional_call, grad, grad_and_value
from torch.nn import functional

import networks


def part(parameters, name):
    """Those under `name`, without it."""
    prefix = name + "."
    return {key.removeprefix(prefix): tensor
            for key, tensor in parameters.items() if key.startswith(prefix)}


def descend(parameters, gradient, rate):
    return {name: tensor - rate * gradient[name] for name, tensor in parameters.items()}


# ---- Algorithms with an inner loop


@dataclasses.dataclass(frozen=True)
class Learner:
    """A network and its loss as functions of parameters by name."""

    module: nn.Module
    loss_of_outputs: Callable

    def loss(self, parameters, inputs, targets):
        return self.loss_of_outputs(functional_call(self.module, parameters, (inputs,)), targets)


def make_learner(specification):
    return Learner(*networks.make(specification))


def learner_parameters(learner, _):
    return dict(learner.module.named_parameters())


def maml(learner, options, parameters, task):
    """Finn, Abbeel & Levine 2017, algorithm 1; of order FIRST, inner gradients are constants."""
    support_inputs, support_targets, query_inputs, query_targets = task
    for _ in range(options["inner_steps"]):
        gradient = grad(learner.loss)(parameters, support_inputs, support_targets)
        if options["order"] == "FIRST":
            gradient = {name: tensor.detach() for name, tensor in gradient.items()}
        parameters = descend(parameters, gradient, options["inner_rate"])
    return learner.loss(parameters, query_inputs, query_targets)


def meta_sgd_parameters(learner, options):
    """The model's, and rates for all of them, each another."""
    model = learner_parameters(learner, options)
    rates = {name: options["initial_rate"] * (0.5 + torch.rand_like(tensor))
             for name, tensor in model.items()}
    return ({f"model.{name}": tensor for name, tensor in model.items()} |
            {f"rate.{name}": tensor for name, tensor in rates.items()})


def meta_sgd(learner, options, parameters, task):
    """Li, Zhou, Chen & Li 2017, algorithm 1."""
    support_inputs, support_targets, query_inputs, query_targets = task
    model, rates = part(parameters, "model"), part(parameters, "rate")
    for _ in range(options["inner_steps"]):
        gradient = grad(learner.loss)(model, support_inputs, support_targets)
        model = {name: tensor - rates[name] * gradient[name] for name, tensor in model.items()}
    return learner.loss(model, query_inputs, query_targets)


def make_body_and_head(specification):
    body = networks.Conv4Body(specification["model"]["conv4"]["filters"])
    ways = specification["episode"]["classification"]["ways"]
    return nn.ModuleDict({"body": body, "head": nn.Linear(body.features, ways)})


def anil(modules, options, parameters, task):
    """Raghu, Raghu, Bengio & Vinyals 2020, section 4: MAML with the inner loop on the head."""
    support_inputs, support_targets, query_inputs, query_targets = task
    body = part(parameters, "body")
    support = functional_call(modules["body"], body, (support_inputs,))
    queries = functional_call(modules["body"], body, (query_inputs,))

    def loss(head, features, targets):
        logits = functional_call(modules["head"], head, (features,))
        return functional.cross_entropy(logits, targets)

    head = part(parameters, "head")
    for _ in range(options["inner_steps"]):
        head = descend(head, grad(loss)(head, support, support_targets), options["inner_rate"])
    return loss(head, queries, query_targets)


def support_batches(options, inputs, targets):
    """Those of Reptile's inner steps: they take turns through the support set, a stride apart."""
    examples = len(inputs)
    size = min(options.get("inner_batch") or examples, examples)
    stride = -(-examples // size)
    order = [i for first in range(stride) for i in range(first, examples, stride)]
    for step in range(options["inner_steps"]):
        batch = [order[i % examples] for i in range(step * size, (step + 1) * size)]
        yield inputs[batch], targets[batch]


def reptile(learner, options, parameters, task):
    """Nichol, Achiam & Schulman 2018, algorithm 2: (the initial parameters minus the trained, query
    loss). Training is by torch.optim."""
    support_inputs, support_targets, query_inputs, query_targets = task
    trained = {name: tensor.clone().requires_grad_() for name, tensor in parameters.items()}
    rate = options["inner_rate"]
    optimizer = (torch.optim.SGD(trained.values(), rate) if options["inner_optimizer"] == "SGD" else
                 torch.optim.Adam(trained.values(), rate, betas=(0.0, 0.999)))
    for inputs, targets in support_batches(options, support_inputs, support_targets):
        optimizer.zero_grad()
        learner.loss(trained, inputs, targets).backward()
        optimizer.step()
    with torch.no_grad():
        return ({name: tensor - trained[name] for name, tensor in parameters.items()},
                learner.loss(trained, query_inputs, query_targets))


# ---- Algorithms that compare queries with the support set


def make_encoder(specification):
    return nn.ModuleDict(
        {"encoder": networks.Conv4Body(specification["model"]["conv4"]["filters"])})


def embed(modules, options, parameters, task):
    """Features of the support set and of the queries, under the statistics of both or of each."""
    support, _, queries, _ = task

    def encode(inputs):
        return functional_call(modules["encoder"], part(parameters, "encoder"), (inputs,))

    if options["statistics"] == "SEPARATE":
        return encode(support), encode(queries)
    return encode(torch.cat([support, queries])).split([len(support), len(queries)])


def squared_distances(a, b):
    return (a.unsqueeze(1) - b.unsqueeze(0)).square().sum(2)


def prototypical(modules, options, parameters, task):
    """Snell, Swersky & Zemel 2017, equations 1 and 2."""
    _, support_targets, _, query_targets = task
    support, queries = embed(modules, options, parameters, task)
    prototypes = torch.stack([support[support_targets == way].mean(0)
                              for way in range(int(support_targets.max()) + 1)])
    return functional.cross_entropy(-squared_distances(queries, prototypes), query_targets)


class Lstm(nn.Module):
    """One cell, with one bias for both of its weights; small random parameters."""

    def __init__(self, inputs, units):
        super().__init__()
        self.input_weight = nn.Parameter(0.1 * torch.randn(4 * units, inputs))
        self.recurrent_weight = nn.Parameter(0.1 * torch.randn(4 * units, units))
        self.bias = nn.Parameter(0.1 * torch.randn(4 * units))

    def forward(self, inputs, state):
        return torch.lstm_cell(inputs, state, self.input_weight, self.recurrent_weight, self.bias,
                               torch.zeros_like(self.bias))


def make_matching(specification):
    modules = make_encoder(specification)
    features = modules["encoder"].features
    if specification["algorithm"]["matching"]["context_steps"] > 0:
        modules["comparison"] = nn.ModuleDict({"query": Lstm(2 * features, features),
                                               "support_backward": Lstm(features, features),
                                               "support_forward": Lstm(features, features)})
    return modules


def full_context(modules, steps, parameters, support, queries):
    """Vinyals et al. 2016, section 2.1.2 and appendix A."""

    def step(name, inputs, state):
        cell = modules["comparison"][name]
        return functional_call(cell, part(parameters, f"comparison.{name}"), (inputs, state))

    def start(like):
        return torch.zeros_like(like), torch.zeros_like(like)

    def outputs(name, sequence):
        state, found = start(sequence[:1]), []
        for example in sequence:
            state = step(name, example.unsqueeze(0), state)
            found.append(state[0])
        return torch.cat(found)

    support = (outputs("support_forward", support) +
               outputs("support_backward", support.flip(0)).flip(0) + support)
    state, read = start(queries), torch.zeros_like(queries)
    for _ in range(steps):
        output, cell = step("query", torch.cat([queries, read], 1), state)
        state = output + queries, cell
        read = torch.softmax(state[0] @ support.T, 1) @ support
    return support, state[0]


def matching(modules, options, parameters, task):
    """Vinyals et al. 2016, equation 1 with the attention of section 2.1.1."""
    _, support_targets, _, query_targets = task
    support, queries = embed(modules, options, parameters, task)
    if options["context_steps"] > 0:
        support, queries = full_context(modules, options["context_steps"], parameters, support,
                                        queries)
    if options["similarity"] == "COSINE":
        similarities = functional.cosine_similarity(queries.unsqueeze(1), support.unsqueeze(0), 2)
    else:
        similarities = -squared_distances(queries, support)
    attention = torch.softmax(options["scale"] * similarities, 1)
    of_classes = attention @ functional.one_hot(support_targets).to(attention.dtype)
    return functional.nll_loss(of_classes.log(), query_targets)


def make_neural_process(specification):
    hidden = specification["model"]["mlp"]["hidden"]
    representation = specification["algorithm"]["cnp"]["representation"]
    return nn.ModuleDict(
        {"decoder": networks.Mlp(hidden, inputs=1 + representation, outputs=2),
         "encoder": networks.Mlp(hidden, inputs=2, outputs=representation)})


def cnp(modules, _, parameters, task):
    """Garnelo et al. 2018, equations 1 to 4, with the published code's bound of sigma."""
    support_inputs, support_targets, query_inputs, query_targets = task

    def call(name, *inputs):
        return functional_call(modules[name], part(parameters, name), (torch.cat(inputs, 1),))

    r = call("encoder", support_inputs, support_targets).mean(0)
    mu, s = call("decoder", query_inputs, r.expand(len(query_inputs), -1)).chunk(2, 1)
    sigma = 0.1 + 0.9 * functional.softplus(s)
    density = (-(query_targets - mu) ** 2 / (2 * sigma ** 2)).exp() / (
        sigma * math.sqrt(2 * math.pi))
    return -density.log().mean()


# ---- All of them


def differentiated(query_loss):
    """The function (networks, options, parameters, task) -> (gradient by name, loss)."""
    return grad_and_value(query_loss, argnums=2)


def module_parameters(modules, _):
    return dict(modules.named_parameters())


@dataclasses.dataclass(frozen=True)
class Reference:
    """`make` gives the networks of a specification, whose weights are random."""

    make: Callable
    meta_gradient: Callable
    initial_parameters: Callable = module_parameters


REFERENCES = {
    "anil": Reference(make_body_and_head, differentiated(anil)),
    "cnp": Reference(make_neural_process, differentiated(cnp)),
    "maml": Reference(make_learner, differentiated(maml), learner_parameters),
    "matching": Reference(make_matching, differentiated(matching)),
    "meta_sgd": Reference(make_learner, differentiated(meta_sgd), meta_sgd_parameters),
    "prototypical": Reference(make_encoder, differentiated(prototypical)),
    "reptile": Reference(make_learner, reptile, learner_parameters),
}


def algorithm_of(specification):
    """(its reference, its options)."""
    ((name, options),) = specification["algorithm"].items()
    return REFERENCES[name], options


def initial_parameters(specification, seed):
    """Of fresh networks, by name."""
    torch.manual_seed(seed)
    reference, options = algorithm_of(specification)
    parameters = reference.initial_parameters(reference.make(specification), options)
    return {name: tensor.detach() for name, tensor in parameters.items()}


def task_gradients(specification, parameters, tasks):
    """([T, P] with parameters in name order, [T] losses): each task's own."""
    reference, options = algorithm_of(specification)
    made = reference.make(specification)
    rows, losses = [], []
    for task in tasks:
        gradient, loss = reference.meta_gradient(made, options, parameters, task)
        rows.append(torch.cat([gradient[name].flatten() for name in sorted(gradient)]))
        losses.append(loss)
    return torch.stack(rows), torch.stack(losses)
