"""How busy a GPU is, by nvidia-smi: for all contestants alike, whatever they are made of."""

import statistics
import subprocess

_INTERVAL_MS = 100


class Gauge:
    """Samples the first GPU's utilisation while it is entered as a context.

    nvidia-smi says in which share of the time before a sample, a sixth of a second to a second, at
    least one kernel ran: not how much of the GPU it used."""

    def __init__(self):
        self.process = None
        self.samples = []

    def __enter__(self):
        self.samples = []
        self.process = subprocess.Popen(
            ["nvidia-smi", "--id=0", "--query-gpu=utilization.gpu",
             "--format=csv,noheader,nounits", f"--loop-ms={_INTERVAL_MS}"],
            stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *details):
        self.process.terminate()
        self.samples = parse(self.process.communicate(timeout=60)[0])

    def busy(self):
        """The mean share, 0 to 1; None if there are fewer than three samples. The first is of the
        time before."""
        return statistics.mean(self.samples[1:]) if len(self.samples) > 2 else None


def parse(text):
    """Shares of a GPU's time, of nvidia-smi's lines of whole percents. A last line that was cut
    short, and what is no number, are left out."""
    lines = text.split("\n")[:-1]
    return [int(line) / 100 for line in lines if line.strip().isdigit()]
