"""The peers that are installed, by name."""

import functools
import importlib
import sys

# Way, module, class, and further arguments. A library with several ways stands here with each.
_PEERS = [
    ("learn2learn", "peer_learn2learn", "Learn2Learn", {}),
    ("higher", "peer_higher", "Higher", {}),
    ("torch.func", "peer_torch_func", "TorchFunc", {}),
    ("torch.func, one by one", "peer_torch_func", "TorchFunc", {"chunk": 1}),
    ("TorchOpt", "peer_torchopt", "TorchOpt", {}),
]
# Compiling takes minutes, and pays where launches are what takes time.
_PEERS_ON_GPUS = [
    ("torch.func, compiled", "peer_torch_compile", "CompiledTorchFunc", {}),
]


def library_of(way):
    return way.partition(",")[0]


def load(device="cpu"):
    """{way: function of specification and dtype that makes the peer}, of those for the device of
    that name. Says which are missing."""
    found = {}
    for way, module, kind, arguments in _PEERS + (_PEERS_ON_GPUS if device == "cuda" else []):
        try:
            made_by = getattr(importlib.import_module(module), kind)
        except ImportError as error:
            print(f"peers: {way} is left out: {error}", file=sys.stderr)
            continue
        found[way] = functools.partial(made_by, **arguments)
    return found
