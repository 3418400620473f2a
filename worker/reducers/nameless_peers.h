// Lets Gloo survive peers that are gone before it looks at them.
#ifndef OUTERLOOP_WORKER_REDUCERS_NAMELESS_PEERS_H_
#define OUTERLOOP_WORKER_REDUCERS_NAMELESS_PEERS_H_

namespace outerloop::worker {

// From now on, getpeername(2) in this process gives a socket whose peer is gone the address 0.0.0.0
// where it would fail with ENOTCONN. Gloo's thread asks for a lost peer's name, only to put it into
// an error message, and throws where nothing can catch it if there is none: a worker that dies
// while a group forms, or a stranger who looks for open ports, would end its peers' processes.
// Idempotent; thread-safe. To be removed together with releases of Gloo without
// Socket::safePeerName.
void TolerateNamelessPeers();

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_NAMELESS_PEERS_H_
