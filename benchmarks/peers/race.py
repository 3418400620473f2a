"""Contestants by turns, round after round, so that whatever else the machine does meets all."""

import dataclasses
import statistics


@dataclasses.dataclass
class Result:
    """Rates of each round: tasks per second by name and setting; `gemm` in 1/s. `busy` are shares of
    a GPU's time, alike; empty on a CPU."""

    gemm: list
    rates: dict  # {name: {setting: [rate of a round]}}
    busy: dict

    def best(self, name):
        """(setting, rates) of the name's setting with the highest median."""
        return max(self.rates[name].items(), key=lambda item: statistics.median(item[1]))

    def tasks_per_second(self, name):
        return statistics.median(self.best(name)[1])

    def busy_share(self, name):
        """The median of the best setting's; None where there is none."""
        shares = self.busy.get(name, {}).get(self.best(name)[0])
        return statistics.median(shares) if shares else None

    def ratio(self, name, other):
        """Median over rounds of how many times faster `name` is."""
        pairs = zip(self.best(name)[1], self.best(other)[1])
        return statistics.median(mine / others for mine, others in pairs)

    def share(self, name, flop):
        """Median over rounds of work per second over the matrix product's."""
        pairs = zip(self.best(name)[1], self.gemm)
        return statistics.median(rate * flop / gemm for rate, gemm in pairs)


def _count(contestant, least_seconds):
    """Meta-gradients of a turn, after some that warm up: recordings and compilers take two."""
    for _ in range(3):
        contestant.seconds(1)
    return max(1, round(least_seconds / contestant.seconds(1)))


def _turn(contestant, count, device):
    """(seconds that `count` meta-gradients take, how busy the GPU is meanwhile or None)"""
    with device.watch() as gauge:
        seconds = contestant.seconds(count)
    return seconds, gauge.busy() if gauge else None


def race(contestants, tasks, device, rounds):
    counts = [_count(contestant, device.least_seconds) for contestant in contestants]
    result = Result(gemm=[], rates={}, busy={})
    for _ in range(rounds):
        result.gemm.append(device.gemm_rate())
        for contestant, count in zip(contestants, counts):
            seconds, busy = _turn(contestant, count, device)
            place = contestant.name, contestant.setting
            _note(result.rates, place, tasks * count / seconds)
            if busy is not None:
                _note(result.busy, place, busy)
    return result


def _note(table, place, value):
    name, setting = place
    table.setdefault(name, {}).setdefault(setting, []).append(value)
