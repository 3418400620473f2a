// A worker's copies of data sets, on disk under their digests.
#ifndef OUTERLOOP_WORKER_BLOB_CACHE_H_
#define OUTERLOOP_WORKER_BLOB_CACHE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/mapped_file.h"
#include "common/safetensors.h"
#include "worker/worker_metrics.h"

namespace outerloop::worker {

// Gives the pieces of a blob, in order, to a sink. Need not check the digest.
using BlobFetcher = std::function<absl::Status(const std::string& sha256, const ByteSink& sink)>;

// A folder of files, each named by the SHA-256 of its content. Several processes may share it:
// files appear whole by rename and never change. Nothing is ever removed. Thread-safe; one call at
// a time does its work.
class BlobCache {
 public:
  // The folder is made when the first blob is kept. `metrics` must outlive the cache.
  BlobCache(std::string folder, WorkerMetrics& metrics);

  // The blob, mapped: as it was mapped before, or from the folder, or through `fetcher` into the
  // folder. A file in the folder is digested once, when this process first opens it, and fetched
  // again if it is damaged. INVALID_ARGUMENT if `sha256` is no digest; DATA_LOSS if what the
  // fetcher gave has another digest, of which nothing is kept; the fetcher's and the file system's
  // errors.
  absl::StatusOr<std::shared_ptr<const MappedFile>> Get(const std::string& sha256,
                                                        const BlobFetcher& fetcher)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  bool HasIntactFile(const std::string& sha256) const;
  absl::Status FetchFile(const std::string& sha256, const BlobFetcher& fetcher) const;
  std::string PathOf(const std::string& sha256) const { return folder_ + "/" + sha256; }

  const std::string folder_;
  WorkerMetrics& metrics_;

  absl::Mutex mu_;
  // Those handed out before. Kept mapped: that costs addresses, not memory.
  std::map<std::string, std::shared_ptr<const MappedFile>> open_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_BLOB_CACHE_H_
