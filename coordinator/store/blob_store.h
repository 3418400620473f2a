// Files named by their content: data sets and checkpoints.
#ifndef OUTERLOOP_COORDINATOR_STORE_BLOB_STORE_H_
#define OUTERLOOP_COORDINATOR_STORE_BLOB_STORE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/atomic_file.h"
#include "common/sha256.h"

namespace outerloop::coordinator {

// A folder FOLDER/ab/abcdef.. of blobs, each under the SHA-256 of its bytes. A blob never changes
// until it is removed, and is there whole or not at all. Thread-safe: blobs are independent, and
// putting one twice is harmless. Must outlive its writers.
class BlobStore {
 public:
  // Makes the folder if needed and clears what killed writers left, but for what may yet be
  // resumed: that goes after a week.
  static absl::StatusOr<std::unique_ptr<BlobStore>> Open(const std::string& folder);

  // That its holder alone writes a blob that may be resumed.
  class Claim;

  // Takes a blob piece by piece. Nothing is visible before Finish.
  class Writer {
   public:
    // RESOURCE_EXHAUSTED if the disk is full; OUT_OF_RANGE past the announced size.
    absl::Status Append(std::string_view bytes);
    // Call once, last. DATA_LOSS if size or digest are not those announced. After OK the blob is
    // durable.
    absl::Status Finish();
    ~Writer();

   private:
    friend class BlobStore;
    Writer(std::unique_ptr<AtomicFile> file, std::string sha256, uint64_t size_bytes);

    std::unique_ptr<Claim> claim_;  // Of one that resumes.
    std::unique_ptr<AtomicFile> file_;
    Sha256 digest_;
    const std::string sha256_;
    const uint64_t size_bytes_;
    uint64_t written_ = 0;
  };
  // INVALID_ARGUMENT unless `sha256` is a digest in hexadecimal.
  absl::StatusOr<std::unique_ptr<Writer>> Create(const std::string& sha256,
                                                 uint64_t size_bytes) const;

  // A writer for a blob that may come in several goes: what has come is kept when the writer is
  // destroyed, or the process killed, until it is whole, is found to have another digest, or the
  // disk is full. Goes on behind the first `offset` bytes that are kept. UNAVAILABLE if fewer are,
  // or while another such writer of this blob lives.
  absl::StatusOr<std::unique_ptr<Writer>> Resume(const std::string& sha256, uint64_t size_bytes,
                                                 uint64_t offset) const ABSL_LOCKS_EXCLUDED(mu_);
  // How far a blob has come.
  struct Progress {
    uint64_t bytes = 0;  // `size_bytes` if it is there.
    bool is_being_written = false;
  };
  absl::StatusOr<Progress> ProgressOf(const std::string& sha256, uint64_t size_bytes) const
      ABSL_LOCKS_EXCLUDED(mu_);

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
  std::string PlaceOfPartial(const std::string& sha256) const;
  const std::string folder_;
  mutable absl::Mutex mu_;
  mutable std::set<std::string> claims_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_BLOB_STORE_H_
