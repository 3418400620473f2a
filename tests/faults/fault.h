// What a worker is to do to itself, and when.
#ifndef OUTERLOOP_TESTS_FAULTS_FAULT_H_
#define OUTERLOOP_TESTS_FAULTS_FAULT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::tests {

// Written PHASE[@STEP][#COUNT]=ACTION, for example ADAPT@17=KILL or TRANSFER#2=HANG.
struct Fault {
  enum class Action {
    kKill,  // SIGKILL.
    kStop,  // SIGSTOP: silent until somebody sends SIGCONT.
    kTerm,  // SIGTERM: an orderly end.
    kHang,  // The compute thread stands still for ever; all others go on.
  };

  v1::Heartbeat::Phase phase = v1::Heartbeat::IDLE;
  std::optional<uint64_t> step;  // Any if absent.
  uint32_t count = 1;            // At the how-manieth entry that fits, from 1.
  Action action = Action::kKill;

  // INVALID_ARGUMENT with the text if it is not written so.
  static absl::StatusOr<Fault> Parse(const std::string& text);
};

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_FAULTS_FAULT_H_
