#include "worker/blob_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace outerloop::worker {

BlobCache::BlobCache(std::string folder, WorkerMetrics& metrics)
    : folder_(std::move(folder)), metrics_(metrics) {}

absl::StatusOr<std::shared_ptr<const MappedFile>> BlobCache::Get(const std::string& sha256,
                                                                 const BlobFetcher& fetcher) {
  if (!IsSha256Hex(sha256)) {
    return absl::InvalidArgumentError(absl::StrCat("'", sha256, "' is no SHA-256 digest"));
  }
  absl::MutexLock lock(&mu_);
  const auto open = open_.find(sha256);
  if (open != open_.end() || HasIntactFile(sha256)) {
    metrics_.cache_hits.Increment();
    if (open != open_.end()) return open->second;
  } else {
    metrics_.cache_misses.Increment();
    RETURN_IF_ERROR(FetchFile(sha256, fetcher));
  }
  ASSIGN_OR_RETURN(auto file, MappedFile::Open(PathOf(sha256)));
  open_[sha256] = file;
  return file;
}

bool BlobCache::HasIntactFile(const std::string& sha256) const {
  const absl::StatusOr<std::string> digest = Sha256HexOfFile(PathOf(sha256));
  if (digest.ok() && *digest != sha256) {
    spdlog::warn("{} is damaged (its digest is {}); it is fetched again", PathOf(sha256), *digest);
  }
  return digest.ok() && *digest == sha256;
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
