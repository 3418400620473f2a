#include "coordinator/core/probation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace outerloop::coordinator {

void Probation::Fail(const std::string& label, const std::string& why, absl::Time now) {
  std::erase_if(records_,
                [&](const auto& entry) { return now - entry.second.last > options_.kept_for; });
  Record& record = records_[label];
  record.last = now;
  record.why = why;
  if (++record.failures < options_.failures) return;
  absl::Duration pause = options_.first_pause;
  for (uint32_t n = options_.failures; n < record.failures && pause < options_.longest_pause; ++n) {
    pause *= 2;
  }
  record.until = now + std::min(pause, options_.longest_pause);
}

void Probation::Work(const std::string& label, absl::Time now) {
  const auto record = records_.find(label);
  if (record == records_.end()) return;
  if (now - record->second.last >= options_.forgiven_after) records_.erase(record);
}

absl::Time Probation::Until(const std::string& label) const {
  const auto record = records_.find(label);
  return record == records_.end() ? absl::InfinitePast() : record->second.until;
}

std::string Probation::Why(const std::string& label) const {
  const auto record = records_.find(label);
  if (record == records_.end()) return "";
  return absl::StrCat("failed ", record->second.failures,
                      " times in a row, last: ", record->second.why);
}

}  // namespace outerloop::coordinator
