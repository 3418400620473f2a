// A worker, between its session and its executor.
#ifndef OUTERLOOP_WORKER_AGENT_H_
#define OUTERLOOP_WORKER_AGENT_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/checkpoint_writer.h"
#include "worker/evaluator.h"
#include "worker/executor.h"
#include "worker/group_work.h"
#include "worker/member/member.h"
#include "worker/session.h"
#include "worker/workplace.h"

namespace outerloop::worker {

struct AgentOptions {
  // How long a worker that is told to stop waits for the coordinator to let it go.
  absl::Duration leave_timeout = absl::Seconds(10);
  BackoffOptions store_backoff = {};  // Between two tries to store a checkpoint.
};

// Feeds the control logic (worker/member/) with what session and executor tell, in one order, and
// carries out what it wants done. Nothing here decides anything. Thread-safe.
class Agent final : public SessionListener {
 public:
  // `hello` without `held`. `session`, not yet opened, must outlive the agent.
  Agent(v1::Hello hello, Session& session, Workplace workplace, const AgentOptions& options = {});
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Opens the session and works until it is told to stop and has left in good order; closes the
  // session, and stores the checkpoints that wait. At `leave_timeout` after it was told, it ends in
  // any case. Blocks; once. Returns OK, or why the coordinator refuses this worker.
  absl::Status Run() ABSL_LOCKS_EXCLUDED(mu_);

  // As SIGTERM: to stop in good order. Told again: at once. Does not block.
  void Shutdown() ABSL_LOCKS_EXCLUDED(mu_);

  // SessionListener
  void OnConnected(uint64_t connection) override;
  void OnReceived(uint64_t connection, v1::CoordinatorMessage message) override;
  void OnConnectionLost(uint64_t connection) override;
  void OnRefused() override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Outcome Perform(const Operation& operation, Cancellation& cancellation);

  void Apply(MemberEvent event) ABSL_LOCKS_EXCLUDED(mu_);
  void ApplyLocked(MemberEvent event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CarryOut(Begin& begin) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CarryOut(CancelOperation& cancel) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CarryOut(Send& send) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CarryOut(Finish& finish) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  CheckpointWriterOptions WriterOptions(const BackoffOptions& backoff);
  // Until the worker has finished: when it must have ended.
  absl::Time WaitUntilFinished() ABSL_LOCKS_EXCLUDED(mu_);

  Session& session_;
  const Workplace workplace_;
  const AgentOptions options_;

  absl::Mutex mu_;  // Held during calls to session and executor, which do not block.
  Member member_ ABSL_GUARDED_BY(mu_);
  absl::Time leave_by_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();  // Once told to stop.
  bool finished_ ABSL_GUARDED_BY(mu_) = false;

  // Their threads use the above.
  CheckpointWriter checkpoints_;

  // Of the executor's thread.
  GroupWork work_;
  Evaluator evaluator_;
  Executor executor_;  // Last: its thread uses all of the above.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_AGENT_H_
