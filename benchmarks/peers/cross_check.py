"""Whether all contestants compute the same meta-gradients."""

import dataclasses
import os

import agreement
import torch
from safetensors.torch import load_file

_TASKS = 4  # In double precision a peer takes its time.
_LEAST_CLOSE = 0.75


@dataclasses.dataclass(frozen=True)
class Check:
    double_error: float  # The largest distance of a peer's gradient of a task from the engine's.
    single: int          # Gradients in single precision of tasks that are stable ..
    single_close: int    # .. and those among them that are near the one in double precision.

    def passed(self):
        """Not all of `single` need be close: agreement.py says why."""
        return (self.double_error <= agreement.DOUBLE_TOLERANCE
                and self.single_close >= _LEAST_CLOSE * self.single)


def _gradients(venue, contestant):
    path = os.path.join(venue.folder, "gradients.safetensors")
    contestant.write_gradients(path)
    return load_file(path)["gradients"]


def _engines_gradients(make_venue, given):
    with make_venue() as venue:
        return _gradients(venue, venue.engine_on(given))


def _peers_gradients(make_venue, given):
    with make_venue() as venue:
        return [_gradients(venue, peer) for peer in venue.peers_on(given)]


def _stable(make_venue, exact):
    def gradients_of(parameters):
        return _engines_gradients(make_venue, dataclasses.replace(exact, parameters=parameters))

    return agreement.stable(gradients_of, exact.parameters)


def check(make_venue, given):
    """Of the first few tasks of a problem. `make_venue()` is a new Venue."""
    single = given[:_TASKS]
    double = single.to(torch.float64)
    expected = _engines_gradients(make_venue, double)
    double_errors = [agreement.relative_errors(found, expected)
                     for found in _peers_gradients(make_venue, double)]
    stable = _stable(make_venue, double)
    single_errors = [agreement.relative_errors(found, expected)[stable]
                     for found in [_engines_gradients(make_venue, single),
                                   *_peers_gradients(make_venue, single)]]
    close = torch.cat(single_errors) <= agreement.SINGLE_TOLERANCE
    return Check(torch.stack(double_errors).max().item(), close.numel(), close.sum().item())
