#include "worker/blob_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"
#include "worker/cache_folder.h"

namespace outerloop::worker {

BlobCache::BlobCache(std::string folder, WorkerMetrics& metrics, uint64_t limit_bytes)
    : folder_(std::move(folder)), metrics_(metrics), limit_bytes_(limit_bytes) {}

absl::StatusOr<std::shared_ptr<const MappedFile>> BlobCache::Get(const std::string& sha256,
                                                                 const BlobFetcher& fetcher) {
  if (!IsSha256Hex(sha256)) {
    return absl::InvalidArgumentError(absl::StrCat("'", sha256, "' is no SHA-256 digest"));
  }
  absl::MutexLock lock(&mu_);
  absl::StatusOr<std::shared_ptr<const MappedFile>> file = Open(sha256);
  if (file.ok()) {
    metrics_.cache_hits.Increment();
    return file;
  }
  metrics_.cache_misses.Increment();
  do {  // Again, should another process have removed it before it was opened here.
    RETURN_IF_ERROR(FetchFile(sha256, fetcher));
    file = OpenCachedFile(PathOf(sha256));
  } while (absl::IsNotFound(file.status()));
  RETURN_IF_ERROR(file.status());
  open_[sha256] = *file;
  if (limit_bytes_ > 0) EvictOldest(folder_, limit_bytes_);
  return file;
}

absl::StatusOr<std::shared_ptr<const MappedFile>> BlobCache::Open(const std::string& sha256) {
  const auto known = open_.find(sha256);
  if (known != open_.end()) {
    if (auto file = known->second.lock(); file != nullptr) return file;
  }
  ASSIGN_OR_RETURN(auto file, OpenCachedFile(PathOf(sha256)));
  if (known == open_.end() && !IsIntact(sha256, *file)) {
    spdlog::warn("{} is damaged; it is fetched again", PathOf(sha256));
    return absl::DataLossError(PathOf(sha256));
  }
  open_[sha256] = file;
  return file;
}

bool BlobCache::IsIntact(const std::string& sha256, const MappedFile& file) {
  Sha256 digest;
  digest.Update(file.bytes());
  return ToHex(digest.Finish()) == sha256;
}

absl::Status BlobCache::FetchFile(const std::string& sha256, const BlobFetcher& fetcher) const {
  ASSIGN_OR_RETURN(std::unique_ptr<AtomicFile> file, AtomicFile::Create(PathOf(sha256)));
  Sha256 digest;
  const auto append = [&](std::string_view piece) {
    digest.Update(piece);
    return file->Append(piece);
  };
  RETURN_IF_ERROR(fetcher(sha256, append));
  const std::string received = ToHex(digest.Finish());
  if (received != sha256) {
    return absl::DataLossError(
        absl::StrCat("blob ", sha256, " arrived with digest ", received, "; nothing was kept"));
  }
  return file->Commit();
}

}  // namespace outerloop::worker
