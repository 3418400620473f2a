"""A program that answers lines with lines: the engine, or a process of peers."""

import os
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))


class LineProcess:
    """Started and waited for. Use as a context, which ends it."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        self.command = command
        self.expect("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """The exit status."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=60)

    def tell(self, line):
        self.process.stdin.write(line + "\n")

    def answer(self):
        """The next line. RuntimeError if the process ended instead; it has said why."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.command)}: ended with {self.end()}")
        return line.strip()

    def expect(self, wanted):
        answer = self.answer()
        if answer != wanted:
            raise RuntimeError(f"{self.command[0]} said '{answer}' instead of '{wanted}'")

    def memory(self, field):
        """VmRSS or VmHWM (the most it has been) in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith(field + ":"))
        return int(line.split()[1]) * 1024


def engine(binary, problem, dataset, threads, *flags):
    """The engine on a problem's file. `dataset` is None for the sinusoid. Without flags that name
    others, device and back end are those of OUTERLOOP_DEVICE and OUTERLOOP_BACKEND."""
    images = ["--dataset", dataset] if dataset else []
    return LineProcess([binary, "--problem", problem, "--threads", str(threads), *images, *flags])


def peers(problem, threads, tasks, device):
    """All peers on the tasks of a range of a problem's file, on the device of that name."""
    return LineProcess([sys.executable, "-B", os.path.join(FOLDER, "peer_process.py"), problem,
                        "--threads", str(threads), "--tasks", str(tasks.start), str(tasks.stop),
                        "--device", device])
