// How many uploads an owner has going.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_UPLOAD_SLOTS_H_
#define OUTERLOOP_COORDINATOR_SECURITY_UPLOAD_SLOTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace outerloop::coordinator {

// Thread-safe. Must outlive what it gives out.
class UploadSlots {
 public:
  // So many for each owner at a time; 0: any number.
  explicit UploadSlots(uint32_t limit) : limit_(limit) {}

  // Counts for as long as it lives.
  using Slot = std::shared_ptr<const void>;
  // RESOURCE_EXHAUSTED, saying the limit, if the owner has as many.
  absl::StatusOr<Slot> Take(const std::string& owner) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void GiveBack(const std::string& owner) ABSL_LOCKS_EXCLUDED(mu_);

  const uint32_t limit_;
  absl::Mutex mu_;
  std::map<std::string, uint32_t> taken_ ABSL_GUARDED_BY(mu_);  // By owner; more than none.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_UPLOAD_SLOTS_H_
