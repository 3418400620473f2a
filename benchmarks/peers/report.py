"""The comparison's tables."""

from contestants import ENGINE


def _row(cells, widths):
    return "  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths))


def print_table(header, rows):
    """Columns as wide as what stands in them."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        print(_row(line, widths))


def speed_rows(result, flop):
    """Of one workload: name, tasks/s, how many times faster the engine is, share, how busy the GPU
    is (empty on a CPU), setting."""
    rows = []
    for name in result.rates:
        ratio = "" if name == ENGINE else f"{result.ratio(ENGINE, name):.2f}"
        share = f"{result.share(name, flop):.2f}" if flop else ""
        busy = result.busy_share(name)
        rows.append([name, f"{result.tasks_per_second(name):.4g}", ratio, share,
                     "" if busy is None else f"{busy:.2f}", result.best(name)[0]])
    return rows


def print_speed(result, flop):
    print_table(["", "tasks/s", "outerloop is x times as fast", "share", "busy",
                 "its best way"],
                speed_rows(result, flop))


def print_memory(peaks):
    """`peaks` is {inner steps: {name: bytes}}."""
    names = list(next(iter(peaks.values())))
    print_table(["inner steps", *names],
                [[str(steps), *(f"{found[name] / 2**20:.0f} MiB" for name in names)]
                 for steps, found in peaks.items()])
