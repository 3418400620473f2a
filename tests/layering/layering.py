"""Checks that every folder includes only what the layering of docs/design.md allows it.

usage: layering.py REPOSITORY

Each #include is put down to a library: a folder of this repository, a library from outside, or a
part of the standard library or the system that is forbidden somewhere. Two things are checked:
  - what a file includes itself is in its folder's list (ALLOWED);
  - what it reaches through headers of this repository is in no way forbidden to it (NEVER).
Exits 1 and names file, line and chain of includes if something is not.
"""

import os
import re
import sys

# By the first prefix that fits the text between quotes or angle brackets.
LIBRARIES = [
    ("outerloop/v1/", "proto"), ("google/protobuf/", "proto"), ("grpc", "grpc"),
    ("common/", "common"), ("data/", "data"), ("meta/", "meta"), ("coordinator/", "coordinator"),
    ("worker/", "worker"), ("client/", "client"), ("tests/", "tests"),
    ("torch/", "torch"), ("ATen/", "torch"), ("c10/", "torch"), ("caffe2/", "torch"),
    ("cuda", "cuda"), ("nccl", "nccl"), ("gloo/", "gloo"),
    ("absl/", "absl"), ("spdlog/", "spdlog"), ("nlohmann/", "json"), ("prometheus/", "prometheus"),
    ("openssl/", "openssl"), ("sqlite3", "sqlite"), ("yaml-cpp/", "yaml"), ("CLI/", "cli11"),
    ("archive", "libarchive"), ("stb/", "stb"), ("png.h", "png"), ("jpeglib.h", "jpeg"),
    ("jerror.h", "jpeg"), ("utf8proc.h", "utf8proc"), ("boost/math/", "boost"),
    ("gtest/", "gtest"), ("gmock/", "gtest"), ("benchmark/", "benchmark"),
]
FILES = {"fstream", "filesystem", "cstdio", "stdio.h", "fcntl.h", "unistd.h", "dirent.h",
         "sys/stat.h", "sys/mman.h", "sys/file.h", "common/atomic_file.h", "common/mapped_file.h"}
THREADS = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "latch",
           "barrier", "stop_token", "pthread.h", "sched.h"}
THREAD_PREFIXES = ("absl/synchronization/", "common/shutdown_signal.h")

BASE = {"standard", "files", "threads", "absl", "spdlog", "json", "common", "proto"}
ALLOWED = {
    "common": BASE | {"boost", "cli11", "grpc", "openssl", "prometheus"},
    "data": BASE | {"data", "libarchive", "stb", "png", "jpeg", "utf8proc"},
    "meta": {"standard", "absl", "common", "meta", "proto", "torch", "cuda"},
    "coordinator": BASE | {"grpc", "data", "coordinator", "sqlite", "prometheus", "cli11"},
    "worker": BASE | {"grpc", "data", "meta", "worker", "torch", "cuda", "gloo", "nccl", "prometheus",
                      "cli11"},
    "client": BASE | {"grpc", "data", "client", "yaml", "cli11"},
}
# Forbidden at any distance.
WITHOUT_TORCH = {"torch", "cuda", "nccl", "gloo", "meta", "worker"}
NEVER = {
    "common": WITHOUT_TORCH | {"data", "coordinator", "client"},
    "data": WITHOUT_TORCH | {"grpc", "coordinator", "client"},
    "meta": {"grpc", "files", "threads", "data", "coordinator", "worker", "client"},
    "coordinator": WITHOUT_TORCH | {"client"},
    "worker": {"coordinator", "client"},
    "client": WITHOUT_TORCH | {"coordinator"},
}
# Tests and their helpers may use a test framework, and files and threads to put their subject to the
# test. What is shipped may not reach the framework, and so no helper either.
TEST_FILE = re.compile(r"(^|/)(testing/.*|test_[^/]*|[^/]*_(test|testing)\.(h|cc|cu))$")
TEST_EXTRAS = {"gtest", "files", "threads"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
IMPORT = re.compile(r'^\s*import\s+(?:public\s+)?"([^"]+)"')


def library_of(name, quoted):
    if name.endswith(".grpc.pb.h"):
        return "grpc"
    if name in FILES:
        return "files"
    if name in THREADS or name.startswith(THREAD_PREFIXES):
        return "threads"
    for prefix, library in LIBRARIES:
        if name.startswith(prefix):
            return library
    return "unknown" if quoted else "standard"


def includes_of(path):
    """(line number, name, library) of each #include."""
    found = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if match:
                quoted = match.group(1) == '"'
                found.append((number, match.group(2), library_of(match.group(2), quoted)))
    return found


def sources(root, folder, endings):
    for directory, folders, names in os.walk(os.path.join(root, folder)):
        folders.sort()
        for name in sorted(names):
            if name.endswith(endings):
                yield os.path.relpath(os.path.join(directory, name), root)


class Checker:
    def __init__(self, root):
        self.root = root
        self.violations = []
        self.files = 0
        self._includes = {}

    def includes(self, path):
        if path not in self._includes:
            full = os.path.join(self.root, path)
            self._includes[path] = includes_of(full) if os.path.isfile(full) else []
        return self._includes[path]

    def report(self, path, line, text):
        self.violations.append(f"{path}:{line}: {text}")

    def check_direct(self, path, folder, extras):
        for line, name, library in self.includes(path):
            if library == "unknown":
                self.report(path, line, f'"{name}": no known library; write includes from the root '
                            "of the repository, or add the library to tests/layering/layering.py")
            elif library not in ALLOWED[folder] | extras:
                self.report(path, line, f'"{name}": {folder}/ may not include {library}')

    def check_reached(self, path, folder, extras):
        """Follows this repository's own headers, breadth first, each once."""
        forbidden = (NEVER[folder] | {"gtest"}) - extras
        seen = {path}
        chains = [(path,)]
        while chains:
            chain = chains.pop(0)
            for line, name, library in self.includes(chain[-1]):
                if library in forbidden and len(chain) > 1:
                    self.report(path, 1, f"{folder}/ may not reach {library}, but does by "
                                + " > ".join(chain[1:] + (name,)))
                if name not in seen and os.path.isfile(os.path.join(self.root, name)):
                    seen.add(name)
                    chains.append(chain + (name,))

    def check_folder(self, folder):
        for path in sources(self.root, folder, (".h", ".cc", ".cu", ".cuh")):
            extras = TEST_EXTRAS if TEST_FILE.search(path) else set()
            self.files += 1
            self.check_direct(path, folder, extras)
            self.check_reached(path, folder, extras)

    def check_proto(self):
        for path in sources(self.root, "proto", (".proto",)):
            self.files += 1
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                for line, text in enumerate(file, 1):
                    match = IMPORT.match(text)
                    if match and not match.group(1).startswith(("outerloop/v1/", "google/protobuf/")):
                        self.report(path, line, f'"{match.group(1)}": proto/ may import only '
                                    "outerloop/v1/ and google/protobuf/")


def check(root):
    """Every violation as a line of text, and the number of files looked at."""
    checker = Checker(root)
    for folder in ALLOWED:
        checker.check_folder(folder)
    checker.check_proto()
    return checker.violations, checker.files


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    violations, files = check(sys.argv[1])
    for violation in violations:
        print(violation)
    if files == 0:
        sys.exit(f"layering: no source file under {sys.argv[1]}")
    print(f"layering: {files} files, {len(violations)} violations")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
