"""Meta-gradients of second-order MAML by this project and by other libraries: do they agree, how
fast are they, and how much memory do they take?

usage: compare.py --engine build/release/bin/meta_gradient_engine [--rounds N] [--threads N]
                  [--workloads A,B,C,sinusoid] [--json FILE]

All have the same weights and tasks and take turns in one run. A peer runs as one process of N
threads and as N processes of one thread, with this project's setting of the allocator; its better
way, by the median over rounds, counts. Ratios are medians of the rounds' ratios; `share` is nominal
work (workloads.py) over the rate of a 1024 x 1024 matrix product on N threads. Memory is the peak
of a fresh process with N threads above what it held before its first meta-gradient. Exits with 1 if
gradients differ.
"""

import argparse
import dataclasses
import functools
import json
import os
import sys
import tempfile

import cross_check
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


def run_race(make_venue, workload, arguments):
    given = workload.problem()
    with make_venue() as venue:
        ways = [venue.engine_on(given), *venue.peers_on(given), *venue.divided_peers_on(given)]
        result = race.race(ways, workload.tasks(), arguments.threads, arguments.rounds)
    report.print_speed(result, workload.nominal_flop())
    return result


def compare(make_venue, name, arguments):
    """Checks and times one workload; (JSON of it, whether gradients agree)."""
    workload = workloads.ALL[name]
    print(f"\n{name}: {workload.title}, {workload.tasks()} tasks", flush=True)
    found = check(make_venue, workload)
    result = run_race(make_venue, workload, arguments)
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
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--workloads", type=lambda names: names.split(","),
                        default=list(workloads.ALL))
    parser.add_argument("--json")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    print(f"{arguments.threads} threads, {arguments.rounds} rounds; load average at the start "
          f"{os.getloadavg()[0]:.1f}")
    record, all_agree = {"threads": arguments.threads, "load": os.getloadavg()}, True
    with tempfile.TemporaryDirectory() as folder:
        make_venue = functools.partial(Venue, arguments.engine, arguments.threads, folder)
        for name in arguments.workloads:
            record[name], agree = compare(make_venue, name, arguments)
            all_agree = all_agree and agree
        record["memory"] = measure_memory(make_venue)
    if arguments.json:
        with open(arguments.json, "w", encoding="ascii") as file:
            json.dump(record, file, indent=1)
    if not all_agree:
        sys.exit("compare: gradients differ")


if __name__ == "__main__":
    main()
