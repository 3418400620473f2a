#include "coordinator/security/upload_slots.h"

#include "absl/strings/str_cat.h"

namespace outerloop::coordinator {

absl::StatusOr<UploadSlots::Slot> UploadSlots::Take(const std::string& owner) {
  absl::MutexLock lock(&mu_);
  uint32_t& taken = taken_[owner];
  if (limit_ > 0 && taken >= limit_) {
    return absl::ResourceExhaustedError(
        absl::StrCat(limit_, " uploads of ", owner.empty() ? "nobody in particular" : owner,
                     " are under way, the most at a time (--max-uploads-per-owner); wait until ",
                     "one of them has ended"));
  }
  ++taken;
  static constexpr char kTaken = 0;
  return Slot(&kTaken, [this, owner](const void*) { GiveBack(owner); });
}

void UploadSlots::GiveBack(const std::string& owner) {
  absl::MutexLock lock(&mu_);
  const auto taken = taken_.find(owner);
  if (--taken->second == 0) taken_.erase(taken);
}

}  // namespace outerloop::coordinator
