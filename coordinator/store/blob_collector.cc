#include "coordinator/store/blob_collector.h"

#include <vector>

#include "common/status_macros.h"

namespace outerloop::coordinator {

absl::Status BlobCollector::Collect(const std::string& sha256) const {
  ASSIGN_OR_RETURN(const bool is_named, store_.IsNamed(sha256));
  return is_named ? absl::OkStatus() : blobs_.Remove(sha256);
}

absl::StatusOr<int> BlobCollector::Sweep() const {
  ASSIGN_OR_RETURN(const std::vector<std::string> blobs, blobs_.List());
  int removed = 0;
  for (const std::string& sha256 : blobs) {
    ASSIGN_OR_RETURN(const bool is_named, store_.IsNamed(sha256));
    if (is_named) continue;
    RETURN_IF_ERROR(blobs_.Remove(sha256));
    ++removed;
  }
  return removed;
}

}  // namespace outerloop::coordinator
