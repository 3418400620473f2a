// The process outerloop-worker, but for the linker's choice of devices (cuda_devices.h).
#ifndef OUTERLOOP_WORKER_PROCESS_H_
#define OUTERLOOP_WORKER_PROCESS_H_

namespace outerloop::worker {

// Does what the command line says until SIGTERM or SIGINT, after which the step under way is
// finished and the session closed. Returns the exit code: 0 then and after --help or --version, 1
// after a failure, 2 for wrong usage. Once a process. A process that a GPU or NCCL holds up does
// not come back from here: it exits with kExitToBeRestarted (reducers/nccl_factory.h).
int RunWorkerProcess(int argc, const char* const* argv);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_PROCESS_H_
