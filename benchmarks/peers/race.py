"""Contestants by turns, round after round, so that whatever else the machine does meets all."""

import dataclasses
import statistics
import time

import torch

_LEAST_SECONDS = 0.3  # Of one turn.
_GEMM_SIZE = 1024


def gemm_rate(threads):
    """Multiplications and additions per second of torch.mm in single precision: a turn's best."""
    torch.set_num_threads(threads)
    a, b = torch.randn(_GEMM_SIZE, _GEMM_SIZE), torch.randn(_GEMM_SIZE, _GEMM_SIZE)
    best, end = float("inf"), time.perf_counter() + _LEAST_SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - start)
    return 2 * _GEMM_SIZE**3 / best


@dataclasses.dataclass
class Result:
    """Rates of each round: tasks per second by name and setting; `gemm` in 1/s."""

    gemm: list
    rates: dict  # {name: {setting: [rate of a round]}}

    def best(self, name):
        """(setting, rates) of the name's setting with the highest median."""
        return max(self.rates[name].items(), key=lambda item: statistics.median(item[1]))

    def tasks_per_second(self, name):
        return statistics.median(self.best(name)[1])

    def ratio(self, name, other):
        """Median over rounds of how many times faster `name` is."""
        pairs = zip(self.best(name)[1], self.best(other)[1])
        return statistics.median(mine / others for mine, others in pairs)

    def share(self, name, flop):
        """Median over rounds of work per second over the matrix product's."""
        pairs = zip(self.best(name)[1], self.gemm)
        return statistics.median(rate * flop / gemm for rate, gemm in pairs)


def _count(contestant):
    """Meta-gradients of a turn, after a first one that warms up."""
    contestant.seconds(1)
    return max(1, round(_LEAST_SECONDS / contestant.seconds(1)))


def race(contestants, tasks, threads, rounds):
    counts = [_count(contestant) for contestant in contestants]
    result = Result(gemm=[], rates={})
    for _ in range(rounds):
        result.gemm.append(gemm_rate(threads))
        for contestant, count in zip(contestants, counts):
            rate = tasks * count / contestant.seconds(count)
            settings = result.rates.setdefault(contestant.name, {})
            settings.setdefault(contestant.setting, []).append(rate)
    return result
