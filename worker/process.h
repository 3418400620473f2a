// The process outerloop-worker, but for the linker's choice of devices (cuda_devices.h).
#ifndef OUTERLOOP_WORKER_PROCESS_H_
#define OUTERLOOP_WORKER_PROCESS_H_

#include "worker/progress.h"

namespace outerloop::worker {

// Does what the command line says until SIGTERM or SIGINT, after which it leaves its group in good
// order: the coordinator lets it go at a step boundary, or 10 s pass. A second signal ends the
// waiting. Returns the exit code: 0 then and after --help or --version, 1 after a failure, 2 for
// wrong usage. A process that a GPU or NCCL holds up does not come back from here: it exits with
// kExitToBeRestarted (reducers/nccl_factory.h). `observer` is told of each phase of the work, for
// tests. Once a process.
int RunWorkerProcess(int argc, const char* const* argv, Progress::Observer observer = {});

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_PROCESS_H_
