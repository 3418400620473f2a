"""Reads a checkpoint as a Python program would, and checks that it is what it says.

usage: checkpoint.py FILE

Needs the packages safetensors and numpy; nothing of this repository. The format is described in
docs/design.md, "Files". Prints one line for each parameter, then step and digest; exits 1, naming
what is wrong, if it is not a sound checkpoint.
"""

import hashlib
import sys

import numpy
from safetensors import safe_open

STATE_PREFIX = "meta_optimizer."
METADATA = {"format", "job", "step", "parameters_sha256", "specification_sha256"}


class Unsound(Exception):
    """What is wrong with a checkpoint."""


def read(path):
    """(tensors by name, metadata) of a safetensors file."""
    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}


def split(tensors):
    """The parameters, and the meta-optimizer's buffers as {buffer: {parameter: tensor}}."""
    parameters, buffers = {}, {}
    for name, tensor in tensors.items():
        if not name.startswith(STATE_PREFIX):
            parameters[name] = tensor
            continue
        buffer, _, parameter = name[len(STATE_PREFIX):].partition(".")
        buffers.setdefault(buffer, {})[parameter] = tensor
    return parameters, buffers


def parameters_sha256(parameters):
    """SHA-256 of the parameters in name order, little endian."""
    digest = hashlib.sha256()
    for name in sorted(parameters, key=str.encode):
        digest.update(parameters[name].astype("<f4", copy=False).tobytes(order="C"))
    return digest.hexdigest()


def check_metadata(metadata):
    missing = METADATA - metadata.keys()
    if missing:
        raise Unsound(f"metadata lacks {', '.join(sorted(missing))}")
    if metadata["format"] != "outerloop.checkpoint.v1":
        raise Unsound(f"metadata: format is '{metadata['format']}'")
    if not metadata["step"].isdecimal():
        raise Unsound(f"metadata: step is '{metadata['step']}'")


def check_tensors(tensors, parameters, buffers):
    if not parameters:
        raise Unsound("no parameters")
    for name, tensor in tensors.items():
        if tensor.dtype != numpy.float32:
            raise Unsound(f"{name}: dtype is {tensor.dtype}, expected float32")
    shapes = {name: tensor.shape for name, tensor in parameters.items()}
    for buffer, members in buffers.items():
        if {name: tensor.shape for name, tensor in members.items()} != shapes:
            raise Unsound(f"{STATE_PREFIX}{buffer}: not of the names and shapes of the parameters")
    for name, tensor in parameters.items():
        if not numpy.isfinite(tensor).all():
            raise Unsound(f"{name}: has values that are not finite")


def check(path):
    """(parameters, metadata) of a sound checkpoint; raises Unsound."""
    tensors, metadata = read(path)
    parameters, buffers = split(tensors)
    check_metadata(metadata)
    check_tensors(tensors, parameters, buffers)
    digest = parameters_sha256(parameters)
    if digest != metadata["parameters_sha256"]:
        raise Unsound(f"parameters_sha256 is {metadata['parameters_sha256']} in the metadata, "
                      f"but {digest} of the parameters")
    return parameters, metadata


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        parameters, metadata = check(sys.argv[1])
    except Exception as error:  # pylint: disable=broad-except  # Any of the library's, too.
        sys.exit(f"{sys.argv[1]}: {error}")
    for name in sorted(parameters):
        print(name, parameters[name].dtype, list(parameters[name].shape))
    print(f"step {metadata['step']} parameters_sha256 {metadata['parameters_sha256']}")


if __name__ == "__main__":
    main()
