"""Meta-gradients of second-order MAML by this project and by other libraries: do they agree, how
fast are they, and how much memory do they take?

usage: compare.py --engine build/release/bin/meta_gradient_engine [--rounds N] [--threads N]
                  [--workloads A,B,C,sinusoid] [--json FILE]
       compare.py --device cuda --engine build/release/bin/meta_gradient_engine_cuda
                  [--precision FLOAT32|TF32] [--rounds N] [--workloads ..] [--json FILE]

All have the same weights and tasks and take turns in one run. On a CPU a peer runs as one process of
N threads and as N processes of one thread, with this project's setting of the allocator; its better
way, by the median over rounds, counts. On a GPU there is one process of each, and the engine's back
ends are ways of its own. Ratios are medians of the rounds' ratios; `share` is nominal work
(workloads.py) over the rate of a matrix product in single precision, 1024 x 1024 on N threads or
4096 x 4096 on the GPU; `busy` is the part of a turn's time in which the GPU ran a kernel (gauge.py).
Memory, on a CPU, is the peak of a fresh process with N threads above what it held before its first
meta-gradient. Exits with 1 if gradients differ.
"""

import argparse
import dataclasses
import functools
import json
import os
import sys
import tempfile

import cross_check
import devices
import memory
import race
import report
import workloads
from contestants import Venue

_MEMORY_STEPS = (1, 5, 10, 20)


def check(make_venue, workload):
    found = cross_check.check(make_venue, workload.problem())
    print(f"  gradients agree to {found.double_error:.0e} in double precision; in single precision "
          f"{found.single_close} of {found.single} of stable tasks do to 1e-4", flush=True)
    return found


def run_race(make_venue, workload, device, rounds):
    given = workload.problem()
    with make_venue() as venue:
        ways = [*venue.engines_on(given), *venue.peers_on(given)]
        if device.divides():
            ways += venue.divided_peers_on(given)
        result = race.race(ways, workload.tasks(), device, rounds)
    report.print_speed(result, workload.nominal_flop())
    return result


def compare(make_venue, workload, device, rounds):
    """Checks and times one workload; (JSON of it, whether gradients agree)."""
    found = check(make_venue, workload)
    result = run_race(make_venue, workload, device, rounds)
    return {"check": dataclasses.asdict(found), **dataclasses.asdict(result)}, found.passed()


def measure_memory(make_venue):
    print("\nMemory for a meta-gradient of workload B", flush=True)
    peaks = {steps: memory.peaks(make_venue, workloads.with_steps(steps).problem())
             for steps in _MEMORY_STEPS}
    report.print_memory(peaks)
    return peaks


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", required=True)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["FLOAT32", "TF32"], default="FLOAT32")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--workloads", type=lambda names: names.split(","),
                        default=list(workloads.ALL))
    parser.add_argument("--json")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    device = devices.make(arguments.device, arguments.threads)
    print(f"{device.describe()}, {arguments.precision}, {arguments.rounds} rounds; load average at "
          f"the start {os.getloadavg()[0]:.1f}")
    record, all_agree = {"device": device.describe(), "load": os.getloadavg()}, True
    with tempfile.TemporaryDirectory() as folder:
        make_venue = functools.partial(Venue, arguments.engine, device, folder)
        for name in arguments.workloads:
            workload = workloads.with_precision(workloads.ALL[name], arguments.precision)
            print(f"\n{name}: {workload.title}, {workload.tasks()} tasks", flush=True)
            record[name], agree = compare(make_venue, workload, device, arguments.rounds)
            all_agree = all_agree and agree
        if device.name == "cpu":
            record["memory"] = measure_memory(make_venue)
    if arguments.json:
        with open(arguments.json, "w", encoding="ascii") as file:
            json.dump(record, file, indent=1)
    if not all_agree:
        sys.exit("compare: gradients differ")


if __name__ == "__main__":
    main()
