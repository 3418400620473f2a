// Zip archives, read whole into memory.
#ifndef OUTERLOOP_DATA_ZIP_ARCHIVE_H_
#define OUTERLOOP_DATA_ZIP_ARCHIVE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace outerloop::data {

struct ArchiveLimits {
  uint64_t entries = 1'000'000;                // Files.
  uint64_t entry_bytes = uint64_t{1} << 20;    // Of one file, unpacked.
  uint64_t total_bytes = uint64_t{256} << 20;  // Of all files, unpacked.
};

struct ArchiveEntry {
  std::string path;  // Relative, with '/'; no component is empty, "." or "..".
  std::string bytes;
};

// The files of a zip archive, in its order; folders are left out. Reads by the directory at the
// archive's end, so an archive that is cut off is no archive.
//
// NOT_FOUND or another status if the file cannot be opened. INVALID_ARGUMENT, naming the archive
// and the entry, if it is no zip archive or a broken one, a checksum is wrong, a limit is exceeded,
// a path leads out of the archive, or an entry is neither a file nor a folder.
absl::StatusOr<std::vector<ArchiveEntry>> ReadZip(const std::string& path,
                                                  const ArchiveLimits& limits);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_ZIP_ARCHIVE_H_
