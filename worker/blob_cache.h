// A worker's copies of data sets, on disk under their digests.
#ifndef OUTERLOOP_WORKER_BLOB_CACHE_H_
#define OUTERLOOP_WORKER_BLOB_CACHE_H_

#include <cstdint>
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
// files appear whole by rename and never change. Where there is a limit, those that nobody uses are
// removed, the longest unused first, whenever one is added. Thread-safe; one call at a time does
// its work.
class BlobCache {
 public:
  // The folder is made when the first blob is kept. `metrics` must outlive the cache.
  // `limit_bytes` is what all files may take, but for those in use and the one that comes; 0: any.
  BlobCache(std::string folder, WorkerMetrics& metrics, uint64_t limit_bytes = 0);

  // The blob, mapped: as somebody here has it mapped, or from the folder, or through `fetcher` into
  // the folder. A file in the folder is digested once, when this process first opens it, and
  // fetched again if it is damaged. It is in use as long as the result lives. INVALID_ARGUMENT if
  // `sha256` is no digest; DATA_LOSS if what the fetcher gave has another digest, of which nothing
  // is kept; the fetcher's and the file system's errors.
  absl::StatusOr<std::shared_ptr<const MappedFile>> Get(const std::string& sha256,
                                                        const BlobFetcher& fetcher)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& sha256)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Whether what is mapped is what it should be.
  static bool IsIntact(const std::string& sha256, const MappedFile& file);
  absl::Status FetchFile(const std::string& sha256, const BlobFetcher& fetcher) const;
  std::string PathOf(const std::string& sha256) const { return folder_ + "/" + sha256; }

  const std::string folder_;
  WorkerMetrics& metrics_;
  const uint64_t limit_bytes_;

  absl::Mutex mu_;
  // Those handed out before, which were intact then.
  std::map<std::string, std::weak_ptr<const MappedFile>> open_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_BLOB_CACHE_H_
