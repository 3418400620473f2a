// Files named by their content: data sets and checkpoints.
#ifndef OUTERLOOP_COORDINATOR_STORE_BLOB_STORE_H_
#define OUTERLOOP_COORDINATOR_STORE_BLOB_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/atomic_file.h"
#include "common/sha256.h"

namespace outerloop::coordinator {

// A folder FOLDER/ab/abcdef.. of blobs, each under the SHA-256 of its bytes. A blob never changes
// until it is removed, and is there whole or not at all. Thread-safe: blobs are independent, and
// putting one twice is harmless.
class BlobStore {
 public:
  // Makes the folder if needed and clears what killed writers left.
  static absl::StatusOr<std::unique_ptr<BlobStore>> Open(const std::string& folder);

  // Takes a blob piece by piece. Nothing is visible before Finish.
  class Writer {
   public:
    // RESOURCE_EXHAUSTED if the disk is full; OUT_OF_RANGE past the announced size.
    absl::Status Append(std::string_view bytes);
    // Call once, last. DATA_LOSS if size or digest are not those announced. After OK the blob is
    // durable.
    absl::Status Finish();

   private:
    friend class BlobStore;
    Writer(std::unique_ptr<AtomicFile> file, std::string sha256, uint64_t size_bytes);

    std::unique_ptr<AtomicFile> file_;
    Sha256 digest_;
    const std::string sha256_;
    const uint64_t size_bytes_;
    uint64_t written_ = 0;
  };
  // INVALID_ARGUMENT unless `sha256` is a digest in hexadecimal.
  absl::StatusOr<std::unique_ptr<Writer>> Create(const std::string& sha256,
                                                 uint64_t size_bytes) const;

  // Puts a whole blob; returns its digest.
  absl::StatusOr<std::string> Put(std::string_view bytes) const;

  // Removes a blob, if it is there. Readers that have opened it keep it.
  absl::Status Remove(const std::string& sha256) const;
  // The digests of all blobs, in no order.
  absl::StatusOr<std::vector<std::string>> List() const;

  bool Contains(const std::string& sha256) const;
  // Where the blob lies. NOT_FOUND if there is none; INVALID_ARGUMENT if `sha256` is no digest.
  absl::StatusOr<std::string> PathOf(const std::string& sha256) const;

 private:
  explicit BlobStore(std::string folder) : folder_(std::move(folder)) {}
  std::string Place(const std::string& sha256) const;

  const std::string folder_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_BLOB_STORE_H_
