// A worker that speaks the session protocol and computes nothing.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_WORKER_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_WORKER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "benchmarks/control_plane/group_table.h"
#include "benchmarks/control_plane/simulated_group.h"
#include "grpcpp/channel.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "worker/session_stream.h"

namespace outerloop::control_plane {

// To the coordinator a worker that can reduce with gloo, so that no sum goes through it. It is
// ready for any group at once, finishes steps as its SimulatedGroup says, and reports digests and
// losses that are a function of job and step. It stores no checkpoints and scores no shards.
// Thread-safe.
class SimulatedWorker final : public GroupMember {
 public:
  // `groups` and `welcomes` must outlive the worker.
  SimulatedWorker(std::string name, std::shared_ptr<grpc::Channel> channel,
                  absl::Duration step_time, GroupTable& groups, std::atomic<uint32_t>& welcomes);
  // The alarm clock of the groups must have been stopped.
  ~SimulatedWorker() override;

  // Starts as a new process of its name would: holds no state. Its Welcome counts in `welcomes`.
  void Connect() ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the stream at once, as the death of the process would; its group ends. Blocks until the
  // stream is gone.
  void Cut() ABSL_LOCKS_EXCLUDED(mu_);
  // Says that it is alive and well. Nothing while it is not connected.
  void SendHeartbeat() ABSL_LOCKS_EXCLUDED(mu_);

  // Whether the stream has ended without Cut: the coordinator gave the worker up.
  bool IsLost() const ABSL_LOCKS_EXCLUDED(mu_);
  // The group it is in; null if none.
  std::shared_ptr<SimulatedGroup> group() const ABSL_LOCKS_EXCLUDED(mu_);

  // GroupMember
  void Finish(uint64_t step) override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // What is to be reported of a step.
  struct Plan {
    uint64_t step;
    uint64_t tasks;
    bool digest;
  };

  void Receive(const v1::CoordinatorMessage& message) ABSL_LOCKS_EXCLUDED(mu_);
  void On(const v1::JoinGroup& join) ABSL_LOCKS_EXCLUDED(mu_);
  void On(const v1::StartGroup& start) ABSL_LOCKS_EXCLUDED(mu_);
  void On(const v1::StepPlan& plan) ABSL_LOCKS_EXCLUDED(mu_);
  void On(const v1::LeaveGroup& leave) ABSL_LOCKS_EXCLUDED(mu_);
  void LeaveGroup() ABSL_LOCKS_EXCLUDED(mu_);

  const std::string name_;
  const absl::Duration step_time_;
  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  GroupTable& groups_;
  std::atomic<uint32_t>& welcomes_;

  mutable absl::Mutex mu_;  // Never held during calls to a group.
  uint64_t starts_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t progress_ ABSL_GUARDED_BY(mu_) = 0;
  std::shared_ptr<SimulatedGroup> group_ ABSL_GUARDED_BY(mu_);
  std::deque<Plan> plans_ ABSL_GUARDED_BY(mu_);  // Of its group, not yet finished.
  std::string held_job_ ABSL_GUARDED_BY(mu_);    // Whose training state it holds, and
  uint64_t held_step_ ABSL_GUARDED_BY(mu_) = 0;  // after which step.
  std::unique_ptr<worker::SessionStream> stream_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_WORKER_H_
