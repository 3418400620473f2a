// Sums for workers that reach only the coordinator: the meeting point of the `coordinator` reducer.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_ALL_REDUCE_HUB_H_
#define OUTERLOOP_COORDINATOR_SERVICE_ALL_REDUCE_HUB_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// The receiving end of one member's stream. Both calls return at once and must not call the
// exchange.
class AllReduceMember {
 public:
  virtual ~AllReduceMember() = default;
  virtual void Deliver(const v1::ReduceChunk& chunk) = 0;
  virtual void End(const absl::Status& status) = 0;
};

// The all-reduces of one generation. A chunk's sum goes to all members as soon as the last of them
// has sent it, so the chunks of a buffer overlap. Holds at most what the slowest member lacks.
// Thread-safe.
class AllReduceExchange {
 public:
  explicit AllReduceExchange(uint32_t size) : size_(size) {}

  // ABORTED if the exchange has ended. `member` stays valid until Leave has returned.
  absl::Status Join(AllReduceMember* member) ABSL_LOCKS_EXCLUDED(mu_);
  // A member that leaves takes the generation with it: the others end with ABORTED.
  void Leave(AllReduceMember* member) ABSL_LOCKS_EXCLUDED(mu_);
  // Adds a member's chunk. INVALID_ARGUMENT if it does not fit those of the others.
  absl::Status Contribute(const v1::ReduceChunk& chunk) ABSL_LOCKS_EXCLUDED(mu_);
  // Ends all members with ABORTED and `reason`.
  void End(const std::string& reason) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Sum {
    std::string words;  // 64-bit integers, little endian.
    uint32_t terms = 0;
  };

  void EndLocked(const std::string& reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const uint32_t size_;
  absl::Mutex mu_;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  std::set<AllReduceMember*> members_ ABSL_GUARDED_BY(mu_);
  std::map<std::pair<uint64_t, uint64_t>, Sum> sums_ ABSL_GUARDED_BY(mu_);  // By round and offset.
};

// The exchange of every job's present generation. Thread-safe.
class AllReduceHub {
 public:
  // A generation is about to start; an older one of the job ends.
  void Begin(const std::string& job_id, uint64_t generation, uint32_t size)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the job's generation if it is this one or older.
  void End(const std::string& job_id, uint64_t generation) ABSL_LOCKS_EXCLUDED(mu_);
  // ABORTED unless the generation is the present one; INVALID_ARGUMENT if the sizes differ.
  absl::StatusOr<std::shared_ptr<AllReduceExchange>> Find(const v1::ReduceHeader& header)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    uint64_t generation;
    uint32_t size;
    std::shared_ptr<AllReduceExchange> exchange;
  };

  absl::Mutex mu_;  // Never held during calls to an exchange.
  std::map<std::string, Entry> present_ ABSL_GUARDED_BY(mu_);  // By job.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_ALL_REDUCE_HUB_H_
