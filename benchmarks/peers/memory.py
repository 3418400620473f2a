"""How much memory a meta-gradient takes on a CPU."""

import all_peers
from contestants import ENGINE


def _peak(make_venue, start):
    """Bytes: the most that a fresh process held above what it held before its first meta-gradient.
    `start(venue)` is a contestant of one process."""
    with make_venue() as venue:
        contestant = start(venue)
        process = contestant.processes[0]
        before = process.memory("VmRSS")
        contestant.seconds(1)
        return process.memory("VmHWM") - before


def peaks(make_venue, given):
    """{name: bytes} of the engine, and of each peer's least demanding way."""
    found = {ENGINE: _peak(make_venue, lambda venue: venue.engine_on(given))}
    for number, way in enumerate(all_peers.load()):
        needed = _peak(make_venue, lambda venue, number=number: venue.peers_on(given)[number])
        name = all_peers.library_of(way)
        found[name] = min(needed, found.get(name, needed))
    return found
