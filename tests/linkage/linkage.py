"""Checks that binaries load no library of LibTorch, CUDA or NCCL, directly or through others.

usage: linkage.py BINARY [BINARY ..]

Asks the dynamic loader (ldd). Exits 1 and names each binary with the libraries it must not load, or
that are missing.
"""

import os
import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"lib(torch|c10|caffe2|shm\b|gloo|nccl|cuda|cudart|cublas|cudnn|cufft|cupti|curand|cusolver|"
    r"cusparse|nvrtc|nvToolsExt|nvJitLink|nvshmem)")


def loaded_libraries(binary):
    """[(name, found)] of every library that the loader maps for `binary`; [] if it is no program."""
    output = subprocess.run(["ldd", binary], check=False, capture_output=True, text=True).stdout
    lines = [line.split() for line in output.splitlines()]
    return [(os.path.basename(words[0]), "not found" not in " ".join(words))
            for words in lines if words]


def problems_of(binary):
    libraries = loaded_libraries(binary)
    if not any(name.startswith("libc.so") for name, _ in libraries):
        return ["is no dynamically linked program"]
    return ([f"loads {name}" for name, _ in libraries if FORBIDDEN.match(name)] +
            [f"does not find {name}" for name, found in libraries if not found])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    failed = False
    for binary in sys.argv[1:]:
        problems = problems_of(binary)
        failed = failed or bool(problems)
        for problem in problems or ["loads nothing that it must not"]:
            print(f"{os.path.basename(binary)} {problem}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
