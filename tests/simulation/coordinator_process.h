// The coordinator's process: the real state machine behind simulated edges.
#ifndef OUTERLOOP_TESTS_SIMULATION_COORDINATOR_PROCESS_H_
#define OUTERLOOP_TESTS_SIMULATION_COORDINATOR_PROCESS_H_

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/core/durable_core.h"
#include "coordinator/service/all_reduce_hub.h"
#include "coordinator/service/board.h"
#include "data/task_sampler.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/network.h"

namespace outerloop::simulation {

// Real: DurableCore with Core, the decisions on requests, the messages of the session in both
// directions, the board and the hub of the `coordinator` reducer. Simulated: the store, the
// sessions, the watches, and what service/engine.h does with clock and thread. A supervisor starts
// it again whenever it dies. Thread-compatible.
class CoordinatorProcess : public Process, private coordinator::Edges {
 public:
  // What may go wrong in it. Changed by whoever injects faults.
  struct Condition {
    double crash_chance = 0;  // At each point before and after something becomes durable.
    absl::Time disk_full_until = absl::InfinitePast();
  };

  CoordinatorProcess(Timeline& timeline, Disk& disk);
  ~CoordinatorProcess() override;

  // Call once, before anything else. `cluster` must outlive the process.
  void Join(Cluster& cluster) { cluster_ = &cluster; }
  Condition& condition() { return condition_; }
  // Of workers, for each owner.
  void SetQuota(uint32_t quota) { quota_ = quota; }

  void Start();
  void Kill();

  // ---- What arrives over a stream whose server is this process

  // Of a worker's session. `deliver` runs at the worker.
  using Deliver = std::function<void(const v1::CoordinatorMessage&)>;
  void Receive(const std::shared_ptr<Stream>& stream, const v1::WorkerMessage& message,
               const Deliver& deliver);
  // Of a member's all-reduces. `deliver` runs at the member.
  using DeliverChunk = std::function<void(const v1::ReduceChunk&)>;
  void Reduce(const std::shared_ptr<Stream>& stream, const v1::ReduceChunk& chunk,
              const DeliverChunk& deliver);
  // The beginning of a watch. `show` runs at the client.
  using Show = std::function<void(const v1::WatchJobResponse&)>;
  void Watch(const std::shared_ptr<Stream>& stream, const std::string& job_id, uint64_t after_step,
             const Show& show);

  // ---- Calls. Replies are as in the .proto files.

  // To be held after `hold_step`; 0: not at all.
  void Submit(const std::string& request_id, const v1::JobSpec& spec, uint64_t hold_step,
              const Reply<std::string>& reply);
  // A job that is held goes on to its end.
  void Release(const std::string& request_id, const std::string& job_id,
               const Reply<std::string>& reply);
  void Cancel(const std::string& job_id, const Reply<std::string>& reply);
  void PauseJob(const std::string& request_id, const std::string& job_id,
                const Reply<std::string>& reply);
  void SetPriority(const std::string& request_id, const std::string& job_id, int32_t priority,
                   const Reply<std::string>& reply);
  void Delete(const std::string& request_id, const std::string& job_id,
              const Reply<std::string>& reply);
  void Resume(const std::string& request_id, const std::string& job_id,
              const Reply<std::string>& reply);
  void Evaluate(const std::string& request_id, const std::string& job_id,
                const v1::EvaluationSpec& spec, const Reply<std::string>& reply);
  // As clients see them; none while it is down.
  std::vector<v1::WorkerStatus> Workers() const;
  void FetchBlob(const std::string& sha256, const Reply<TrainingState>& reply);
  void StoreCheckpoint(const v1::StoreCheckpointHeader& header, const TrainingState& state,
                       const Reply<std::string>& reply);

 private:
  struct Crash {};  // Thrown where the process dies.
  struct Session {
    coordinator::SessionId id = 0;
    std::shared_ptr<Stream> stream;
    Deliver deliver;
  };
  class HubMember;
  // The memory of one life.
  struct Memory;

  // Process
  void Execute(const std::function<void()>& what) override;

  // Edges
  absl::Status Commit(const std::vector<coordinator::Write>& writes) override;
  void Send(const coordinator::Core& core, const coordinator::Message& message) override;
  void Publish(const coordinator::Core& core, const std::set<std::string>& jobs,
               bool workers) override;
  void Drop(const std::string& sha256) override;
  void Note(const coordinator::Effects& effects) override;

  // The request waits until the engine's thread comes to it, and is served with all others that
  // wait then.
  void Serve(coordinator::Decide decide, const Reply<std::string>& reply);
  void ServeWaiting();
  // The same for a request about a job, if there is such a job.
  void ServeOnJob(const std::string& job_id, coordinator::Decide decide,
                  const Reply<std::string>& reply);
  void Restore();
  void Tick();
  void Beat();
  void CrashPoint(const char* where);
  void Put(const coordinator::Write& write);
  void Apply(const coordinator::Event& event);
  coordinator::SessionId Greet(const std::shared_ptr<Stream>& stream, const v1::Hello& hello,
                               const Deliver& deliver);
  void NoteAdoption(const v1::CoordinatorMessage& message);
  void AttendHub(const coordinator::Message& message);
  absl::StatusOr<std::shared_ptr<const data::TaskSampler>> SamplerOf(
      const coordinator::JobRecord& job);

  Disk& disk_;
  Cluster* cluster_ = nullptr;
  Condition condition_;
  uint32_t quota_ = coordinator::kNoQuota;
  uint64_t ids_ = 0;  // Given out in all lives.
  std::unique_ptr<Memory> memory_;
  std::vector<coordinator::Write> unsynced_;  // Only under a mutation.
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_COORDINATOR_PROCESS_H_
