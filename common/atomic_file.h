// Files that are there whole or not at all, whatever dies.
#ifndef OUTERLOOP_COMMON_ATOMIC_FILE_H_
#define OUTERLOOP_COMMON_ATOMIC_FILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace outerloop {

// Writes to a temporary file beside the target and puts it in place with Commit: temporary file,
// fsync, rename, fsync of the folder. Without Commit the destructor removes the temporary file; a
// killed process leaves one named `.tmp-*`, which RemoveTemporaryFiles clears. Thread-compatible.
class AtomicFile {
 public:
  // Makes the folders of `path` where they are missing.
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Create(const std::string& path);
  // The same, but what was written stays when the file is destroyed or its process killed, as
  // `path` + kPartialSuffix, and a later Resume goes on behind its first `keep` bytes; what stands
  // there beyond them is dropped. OUT_OF_RANGE if it holds fewer. At most one at a time for a path.
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Resume(const std::string& path, uint64_t keep);
  static constexpr std::string_view kPartialSuffix = ".partial";
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // RESOURCE_EXHAUSTED if the disk is full. After any error the file is given up: its temporary
  // file is gone, and further calls return FAILED_PRECONDITION.
  absl::Status Append(std::string_view bytes);
  // After OK the file is durable under its name; a file that stood there is replaced.
  absl::Status Commit();
  // Gives the file up, also one from Resume.
  void Discard();

 private:
  AtomicFile(int fd, std::string temporary, std::string path, bool keeps_partial);

  // Discards, and says why.
  absl::Status Fail(int error_number, std::string_view what);
  absl::Status CheckOpen() const;

  int fd_;  // -1 once committed or given up.
  const std::string temporary_;
  const std::string path_;
  const bool keeps_partial_;
};

// All of `bytes` through an AtomicFile.
absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes);

// Makes `folder` and those above it, durably, where they are missing.
absl::Status MakeFolder(const std::string& folder);

// Removes what killed processes left of AtomicFiles in `folder` itself; a missing folder holds
// nothing. Only for the folder's owner: it would also remove the files of those still writing.
absl::Status RemoveTemporaryFiles(const std::string& folder);

// The whole content of a file.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Hands the content of a file to `take` in order, in pieces that fit a cache.
absl::Status ReadFileInPieces(const std::string& path,
                              const std::function<void(std::string_view)>& take);

// "what: path: reason" with the code that fits `error_number`: NOT_FOUND, PERMISSION_DENIED,
// ALREADY_EXISTS, RESOURCE_EXHAUSTED (disk or quota full, or the file larger than is allowed), else
// INTERNAL.
absl::Status FileError(int error_number, std::string_view what, std::string_view path);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_ATOMIC_FILE_H_
