// Blobs that nothing names any more.
#ifndef OUTERLOOP_COORDINATOR_STORE_BLOB_COLLECTOR_H_
#define OUTERLOOP_COORDINATOR_STORE_BLOB_COLLECTOR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/blob_store.h"
#include "coordinator/store/store.h"

namespace outerloop::coordinator {

// A blob is written before the record that names it, and removed after the last such record is: a
// coordinator that is killed in between leaves a blob too many, which the next one sweeps up, and
// never a record without its blob. Not to be called while a record that names the blob is being
// made: those of checkpoints are made by the engine's thread, which is to call Collect too.
// Thread-safe otherwise. Calls block for the disk.
class BlobCollector {
 public:
  // Both must outlive the collector.
  BlobCollector(const Store& store, const BlobStore& blobs) : store_(store), blobs_(blobs) {}

  // Removes the blob unless a record names it. On an error the blob stays until the next Sweep.
  absl::Status Collect(const std::string& sha256) const;
  // Removes all blobs that no record names; returns how many. To be called before anything serves.
  absl::StatusOr<int> Sweep() const;

 private:
  const Store& store_;
  const BlobStore& blobs_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_BLOB_COLLECTOR_H_
