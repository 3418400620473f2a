// outerloop-worker-faulty FAULT [flags of outerloop-worker]: the worker, but for one fault that it
// commits on itself (fault.h). Says so on standard output first: `fault: ADAPT@17=KILL`.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/faults/fault.h"
#include "worker/process.h"

namespace outerloop::tests {
namespace {

void Commit(Fault::Action action) {
  switch (action) {
    case Fault::Action::kKill:
      kill(getpid(), SIGKILL);
      return;
    case Fault::Action::kStop:
      kill(getpid(), SIGSTOP);
      return;
    case Fault::Action::kTerm:
      kill(getpid(), SIGTERM);
      return;
    case Fault::Action::kHang:
      while (true) pause();
  }
}

int Run(int argc, char** argv) {
  const auto fault = Fault::Parse(argc > 1 ? argv[1] : "");
  if (!fault.ok()) {
    std::fprintf(stderr, "%s\n", fault.status().ToString().c_str());
    return 2;
  }
  std::vector<const char*> arguments(argv, argv + argc);
  arguments.erase(arguments.begin() + 1);
  std::atomic<uint32_t> entries = 0;
  return worker::RunWorkerProcess(
      static_cast<int>(arguments.size()), arguments.data(),
      [&, text = std::string(argv[1])](v1::Heartbeat::Phase phase, uint64_t step) {
        if (phase != fault->phase || (fault->step && step != *fault->step)) return;
        if (++entries != fault->count) return;
        std::printf("fault: %s\n", text.c_str());
        std::fflush(stdout);
        Commit(fault->action);
      });
}

}  // namespace
}  // namespace outerloop::tests

int main(int argc, char** argv) { return outerloop::tests::Run(argc, argv); }
