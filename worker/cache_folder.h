// A folder of files that several processes use, kept below a size.
#ifndef OUTERLOOP_WORKER_CACHE_FOLDER_H_
#define OUTERLOOP_WORKER_CACHE_FOLDER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mapped_file.h"

namespace outerloop::worker {

// Maps a file and, as long as the result lives, holds a shared lock on it (flock), which
// EvictOldest of any process respects. Also marks it as used now. NOT_FOUND if it is not there.
absl::StatusOr<std::shared_ptr<const MappedFile>> OpenCachedFile(const std::string& path);

// Removes the files of `folder` that are named by a digest and that nobody has open, those first
// that were opened longest ago, until all such files take at most `limit_bytes`, or none is left to
// remove. A file's errors do not matter here: what cannot be removed stays.
void EvictOldest(const std::string& folder, uint64_t limit_bytes);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_CACHE_FOLDER_H_
