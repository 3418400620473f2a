"""That meta-gradients are those of PyTorch's autograd, for the same weights and tasks.

usage: agreement_test.py ENGINE [unittest's arguments]

ENGINE is the program meta_gradient_engine, which computes them as a worker does. In double
precision the distance of every task's gradient is at most 1e-9 of its length; in single precision
at most 1e-4 for tasks that are stable (agreement.py). To hold another algorithm to its definition,
add it to references.py and a test here.
"""

import os
import sys
import tempfile
import unittest

import torch
from safetensors.torch import load_file

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "benchmarks", "peers"))

# pylint: disable=wrong-import-position
import agreement
import line_process
import problem
import references

ENGINE = None  # Given on the command line.
THREADS = 2


def make_problem(specification):
    generator = torch.Generator().manual_seed(5)
    return problem.Problem(specification, references.initial_parameters(specification, seed=3),
                           problem.draw_tasks(specification, generator))


def engines_gradients(given):
    """([T, P], [T]): gradients and losses of each task."""
    with tempfile.TemporaryDirectory() as folder:
        path, dataset, result = (os.path.join(folder, name) for name in ("in", "images", "out"))
        problem.save(given, path)
        problem.save_dataset(dataset)
        images = dataset if given.is_classification() else None
        with line_process.engine(ENGINE, path, images, THREADS) as engine:
            engine.tell(f"gradients {result}")
            engine.expect("written")
        found = load_file(result)
    return found["gradients"], found["losses"]


def reference_gradients(given):
    """The same by autograd, in the problem's own precision."""
    return references.task_gradients(given.specification, given.parameters, given.tasks)


def images(algorithm, filters=16):
    return problem.classification(algorithm, ways=5, shots=1, tasks=4, filters=filters)


def points(algorithm):
    return problem.sinusoid(algorithm, shots=10, tasks=6, tasks_per_shard=4)


def reptile(optimizer, inner_rate, inner_batch=0):
    return {"reptile": {"inner_steps": 3, "inner_rate": inner_rate, "inner_optimizer": optimizer,
                        "inner_batch": inner_batch}}


def matching(similarity, scale=1, context_steps=0, statistics="JOINT"):
    return {"matching": {"similarity": similarity, "scale": scale,
                         "context_steps": context_steps, "statistics": statistics}}


class AgreementTest(unittest.TestCase):
    def assert_agrees_in_double_precision(self, given):
        exact = given.to(torch.float64)
        (gradients, losses), (expected, expected_losses) = (
            engines_gradients(exact), reference_gradients(exact))
        errors = agreement.relative_errors(gradients, expected)
        self.assertLessEqual(errors.max().item(), agreement.DOUBLE_TOLERANCE)
        torch.testing.assert_close(losses, expected_losses, rtol=1e-9, atol=0)
        return exact, expected

    def assert_agrees(self, specification):
        given = make_problem(specification)
        exact, expected = self.assert_agrees_in_double_precision(given)
        stable = agreement.stable(
            lambda parameters: reference_gradients(
                problem.Problem(specification, parameters, exact.tasks))[0], exact.parameters)
        self.assertGreaterEqual(stable.sum().item(), len(stable) / 2, "too few stable tasks")
        errors = agreement.relative_errors(engines_gradients(given)[0], expected)[stable]
        self.assertLessEqual(errors.max().item(), agreement.SINGLE_TOLERANCE)

    def test_maml_on_images(self):
        self.assert_agrees(images(problem.maml(inner_steps=3, inner_rate=0.1)))

    def test_maml_with_as_many_filters_as_published(self):
        self.assert_agrees(images(problem.maml(inner_steps=1, inner_rate=0.4), filters=64))

    def test_maml_of_first_order(self):
        self.assert_agrees(images(problem.maml(inner_steps=2, inner_rate=0.1, order="FIRST")))

    def test_maml_on_the_sinusoid(self):
        self.assert_agrees(points(problem.maml(inner_steps=5, inner_rate=0.01)))

    def test_maml_without_inner_steps(self):
        self.assert_agrees(points(problem.maml(inner_steps=0, inner_rate=0.01)))

    def test_anil(self):
        self.assert_agrees(images({"anil": {"inner_steps": 3, "inner_rate": 0.1}}))

    def test_meta_sgd_on_images(self):
        self.assert_agrees(images({"meta_sgd": {"inner_steps": 2, "initial_rate": 0.1}}))

    def test_meta_sgd_on_the_sinusoid(self):
        self.assert_agrees(points({"meta_sgd": {"inner_steps": 2, "initial_rate": 0.01}}))

    def test_reptile_by_gradient_descent(self):
        self.assert_agrees(images(reptile("SGD", inner_rate=0.1)))

    def test_reptile_by_adam_in_batches(self):
        # Adam divides by gradients as small as single precision resolves.
        self.assert_agrees_in_double_precision(
            make_problem(images(reptile("ADAM", inner_rate=0.001, inner_batch=2))))

    def test_prototypical_networks(self):
        self.assert_agrees(images({"prototypical": {"statistics": "JOINT"}}))

    def test_prototypical_networks_with_separate_statistics(self):
        self.assert_agrees(images({"prototypical": {"statistics": "SEPARATE"}}))

    def test_matching_networks(self):
        self.assert_agrees(images(matching("COSINE", scale=10)))

    def test_matching_networks_with_full_contexts(self):
        self.assert_agrees(images(matching("EUCLIDEAN", context_steps=2, statistics="SEPARATE")))

    def test_conditional_neural_processes(self):
        self.assert_agrees(points({"cnp": {"representation": 16}}))

    def test_another_inner_rate_does_not_agree(self):
        given = make_problem(points(problem.maml(inner_steps=1, inner_rate=0.01))).to(torch.float64)
        other = points(problem.maml(inner_steps=1, inner_rate=0.01001))
        expected, _ = reference_gradients(problem.Problem(other, given.parameters, given.tasks))
        errors = agreement.relative_errors(engines_gradients(given)[0], expected)
        self.assertGreater(errors.min().item(), agreement.DOUBLE_TOLERANCE)


class EngineTest(unittest.TestCase):
    def test_refuses_parameters_of_another_model(self):
        given = make_problem(points(problem.maml(inner_steps=1, inner_rate=0.01)))
        given.parameters["linear2.bias"] = torch.zeros(3)
        with self.assertRaisesRegex(RuntimeError, "ended with 1"):
            engines_gradients(given)


if __name__ == "__main__":
    ENGINE = sys.argv.pop(1)
    torch.set_num_threads(1)
    unittest.main()
