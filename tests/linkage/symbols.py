"""Checks that a binary's calls into a namespace of C++ are bound to one library.

usage: symbols.py BINARY NAMESPACE LIBRARY [PRELOADED]

LibTorch exports a copy of Gloo's symbols, of another version. Which one is used depends on the order
in which the two are loaded, so the dynamic loader is asked to bind everything at once and to say
where (LD_DEBUG, ld.so(8)), while BINARY prints its version. What BINARY and LIBRARY use of NAMESPACE
must come from LIBRARY, or from BINARY's own inline functions. PRELOADED is loaded before all others.
Exits 1 and names what does not.
"""

import os
import re
import subprocess
import sys
import tempfile

BINDING = re.compile(r"binding file (\S+) \[0\] to (\S+) \[0\]: normal symbol [`'](\S+)'")


def bindings_of(binary, preloaded):
    """[(from, to, symbol)], files by their names without folder and version."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, LD_BIND_NOW="1", LD_DEBUG="bindings",
                           LD_DEBUG_OUTPUT=os.path.join(folder, "log"), LD_PRELOAD=preloaded)
        subprocess.run([binary, "--version"], check=True, env=environment, capture_output=True)
        logs = [os.path.join(folder, name) for name in os.listdir(folder)]
        text = "".join(open(log, encoding="utf-8", errors="replace").read() for log in logs)
    return [(name_of(user), name_of(provider), symbol)
            for user, provider, symbol in BINDING.findall(text)]


def name_of(path):
    return re.sub(r"\.so(\.\d+)*$", "", os.path.basename(path))


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    binary, namespace, library = sys.argv[1:4]
    mangled = re.compile(rf"_Z\w*?N?K?{len(namespace)}{namespace}\d")
    users = {name_of(binary), library}
    bound = [(user, provider, symbol)
             for user, provider, symbol in bindings_of(binary, "".join(sys.argv[4:]))
             if user in users and mangled.match(symbol)]
    wrong = [binding for binding in bound if binding[1] not in users]
    for user, provider, symbol in wrong:
        print(f"{user} uses {symbol} of {provider}")
    if not any(provider == library for _, provider, _ in bound):
        sys.exit(f"{name_of(binary)} uses nothing of {library}")
    print(f"{len(bound) - len(wrong)} symbols of {namespace} come from where they should")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
