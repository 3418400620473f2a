"""That checkpoint.py accepts a sound checkpoint and refuses each way of being unsound."""

import os
import tempfile
import unittest

import checkpoint
import numpy
from safetensors.numpy import save_file


def sound():
    """Tensors and metadata of a small checkpoint."""
    parameters = {"a.weight": numpy.arange(6, dtype=numpy.float32).reshape(2, 3),
                  "b.bias": numpy.array([-1.5, 0.25], dtype=numpy.float32)}
    tensors = dict(parameters)
    for buffer in ("m", "v"):
        tensors.update({f"meta_optimizer.{buffer}.{name}": numpy.zeros_like(tensor)
                        for name, tensor in parameters.items()})
    # Of 0, 1, .., 5, -1.5, 0.25 as little-endian floats, computed by sha256sum.
    digest = "92663299cb8f717ab7fe78e6b944ee7cbc54ade5d04ef5d141391c960d574370"
    return tensors, {"format": "outerloop.checkpoint.v1", "job": "small", "step": "7",
                     "parameters_sha256": digest, "specification_sha256": "0" * 64}


class CheckpointTest(unittest.TestCase):
    def check(self, tensors, metadata):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "small.safetensors")
            save_file(tensors, path, metadata)
            return checkpoint.check(path)

    def assert_unsound(self, tensors, metadata, what):
        with self.assertRaisesRegex(checkpoint.Unsound, what):
            self.check(tensors, metadata)

    def test_accepts_a_sound_checkpoint(self):
        parameters, metadata = self.check(*sound())
        self.assertEqual(sorted(parameters), ["a.weight", "b.bias"])
        self.assertEqual(parameters["a.weight"].shape, (2, 3))
        self.assertEqual(metadata["step"], "7")

    def test_refuses_a_changed_bit(self):
        tensors, metadata = sound()
        tensors["b.bias"].view(numpy.uint32)[1] ^= 1
        self.assert_unsound(tensors, metadata, "parameters_sha256")

    def test_the_meta_optimizer_is_no_part_of_the_digest(self):
        tensors, metadata = sound()
        tensors["meta_optimizer.m.b.bias"][0] = 3
        self.check(tensors, metadata)

    def test_refuses_another_type(self):
        tensors, metadata = sound()
        tensors["b.bias"] = tensors["b.bias"].astype(numpy.float64)
        self.assert_unsound(tensors, metadata, "b.bias: dtype is float64")

    def test_refuses_missing_metadata(self):
        tensors, metadata = sound()
        del metadata["specification_sha256"]
        self.assert_unsound(tensors, metadata, "lacks specification_sha256")

    def test_refuses_a_buffer_of_other_shapes(self):
        tensors, metadata = sound()
        tensors["meta_optimizer.v.b.bias"] = numpy.zeros(3, dtype=numpy.float32)
        self.assert_unsound(tensors, metadata, "meta_optimizer.v: not of the names and shapes")

    def test_refuses_a_value_that_is_not_finite(self):
        tensors, metadata = sound()
        tensors["a.weight"][1, 1] = numpy.nan
        self.assert_unsound(tensors, metadata, "a.weight: has values that are not finite")


if __name__ == "__main__":
    unittest.main()
