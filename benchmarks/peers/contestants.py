"""Who takes part in a comparison: processes that compute meta-gradients on demand."""

import contextlib
import os

import all_peers
import line_process
import problem

ENGINE = "outerloop"


class Contestant:
    """One way of computing all tasks of a problem, on one or several processes at once."""

    def __init__(self, name, setting, processes, peer=None):
        self.name = name        # Whose way it is.
        self.setting = setting  # Which of its ways.
        self.processes = processes
        self.suffix = f" {peer}" if peer else ""

    def seconds(self, count):
        """That `count` meta-gradients take: until the last process is done."""
        for process in self.processes:
            process.tell(f"step {count}{self.suffix}")
        return max(float(process.answer()) for process in self.processes)

    def write_gradients(self, path):
        """Each task's, of the first process, which has all tasks."""
        self.processes[0].tell(f"gradients {path}{self.suffix}")
        self.processes[0].expect("written")


class Venue:
    """Where problems become files and processes. Use as a context, which ends all processes."""

    def __init__(self, engine, device, folder):
        self.engine = engine
        self.device = device
        self.folder = folder
        self.dataset = os.path.join(folder, "dataset.safetensors")
        problem.save_dataset(self.dataset)
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *details):
        return self.stack.__exit__(*details)

    def write(self, given):
        path = os.path.join(self.folder, "problem.safetensors")
        problem.save(given, path)
        return path

    def engines_on(self, given):
        """The engine with each of its back ends, on all threads or the GPU."""
        return [self._engine(given, back_end) for back_end in self.device.back_ends]

    def engine_on(self, given):
        """With the last of them."""
        return self._engine(given, self.device.back_ends[-1])

    def _engine(self, given, back_end):
        images = self.dataset if given.is_classification() else None
        process = line_process.engine(
            self.engine, self.write(given), images, self.device.threads,
            "--device", self.device.name, "--backend", back_end)
        setting = f"{self.device.threads} threads" if back_end == "auto" else back_end
        return Contestant(ENGINE, setting, [self.stack.enter_context(process)])

    def peers_on(self, given):
        """Every peer in one process that has all threads, or the GPU."""
        process = self._peers(given, self.device.threads, range(len(given.tasks)))
        return [Contestant(all_peers.library_of(way), f"{way}: 1 x {self.device.threads}",
                           [process], way)
                for way in all_peers.load(self.device.name)]

    def divided_peers_on(self, given):
        """Every peer in as many processes as there are threads, each with a part of the tasks."""
        threads = self.device.threads
        ends = [len(given.tasks) * part // threads for part in range(threads + 1)]
        processes = [self._peers(given, 1, range(first, last))
                     for first, last in zip(ends, ends[1:])]
        return [Contestant(all_peers.library_of(way), f"{way}: {threads} x 1", processes, way)
                for way in all_peers.load(self.device.name)]

    def _peers(self, given, threads, tasks):
        return self.stack.enter_context(
            line_process.peers(self.write(given), threads, tasks, self.device.name))
