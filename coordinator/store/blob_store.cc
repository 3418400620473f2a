#include "coordinator/store/blob_store.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/string_view.h"

namespace outerloop::coordinator {
namespace {

constexpr std::chrono::hours kKeepPartials{7 * 24};

absl::Status CheckDigest(const std::string& sha256) {
  if (IsSha256Hex(sha256)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(sha256.substr(0, 80)),
                   "' is no SHA-256 digest; give 64 digits of 0-9a-f"));
}

// Removes partial blobs that nobody has gone on with for a week.
void ClearOldPartials(const std::string& folder) {
  const auto oldest = std::filesystem::file_time_type::clock::now() - kKeepPartials;
  std::error_code error;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator it(folder, error); !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    const bool is_partial = it->path().string().ends_with(AtomicFile::kPartialSuffix);
    if (is_partial && it->last_write_time(ignored) < oldest) {
      std::filesystem::remove(it->path(), ignored);
    }
  }
}

absl::Status ClearTemporaryFiles(const std::string& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator it(folder, error); !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (!it->is_directory(ignored)) continue;
    RETURN_IF_ERROR(RemoveTemporaryFiles(it->path().string()));
    ClearOldPartials(it->path().string());
  }
  return error ? FileError(error.value(), "cannot list", folder) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlobStore>> BlobStore::Open(const std::string& folder) {
  RETURN_IF_ERROR(MakeFolder(folder));
  RETURN_IF_ERROR(ClearTemporaryFiles(folder));
  return std::unique_ptr<BlobStore>(new BlobStore(folder));
}

BlobStore::Writer::Writer(std::unique_ptr<AtomicFile> file, std::string sha256, uint64_t size_bytes)
    : file_(std::move(file)), sha256_(std::move(sha256)), size_bytes_(size_bytes) {}

absl::Status BlobStore::Writer::Append(std::string_view bytes) {
  if (bytes.size() > size_bytes_ - written_) {
    return absl::OutOfRangeError(
        absl::StrCat("blob ", sha256_, ": more than the ", size_bytes_, " bytes announced"));
  }
  RETURN_IF_ERROR(file_->Append(bytes));
  digest_.Update(bytes);
  written_ += bytes.size();
  return absl::OkStatus();
}

absl::Status BlobStore::Writer::Finish() {
  if (written_ != size_bytes_) {
    return absl::DataLossError(absl::StrCat("blob ", sha256_, ": got ", written_, " of the ",
                                            size_bytes_, " bytes announced; send it again"));
  }
  const std::string sha256 = ToHex(digest_.Finish());
  if (sha256 != sha256_) {
    file_->Discard();  // Going on would not mend it.
    return absl::DataLossError(
        absl::StrCat("blob ", sha256_, ": its content has digest ", sha256, "; send it again"));
  }
  return file_->Commit();
}

absl::StatusOr<std::unique_ptr<BlobStore::Writer>> BlobStore::Create(const std::string& sha256,
                                                                     uint64_t size_bytes) const {
  RETURN_IF_ERROR(CheckDigest(sha256));
  ASSIGN_OR_RETURN(std::unique_ptr<AtomicFile> file, AtomicFile::Create(Place(sha256)));
  return std::unique_ptr<Writer>(new Writer(std::move(file), sha256, size_bytes));
}

class BlobStore::Claim {
 public:
  // Null if somebody holds it.
  static std::unique_ptr<Claim> Take(const BlobStore& store, const std::string& sha256) {
    absl::MutexLock lock(&store.mu_);
    if (!store.claims_.insert(sha256).second) return nullptr;
    return std::unique_ptr<Claim>(new Claim(store, sha256));
  }
  ~Claim() {
    absl::MutexLock lock(&store_.mu_);
    store_.claims_.erase(sha256_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  Claim(const BlobStore& store, std::string sha256) : store_(store), sha256_(std::move(sha256)) {}

  const BlobStore& store_;
  const std::string sha256_;
};

BlobStore::Writer::~Writer() = default;

absl::StatusOr<std::unique_ptr<BlobStore::Writer>> BlobStore::Resume(const std::string& sha256,
                                                                     uint64_t size_bytes,
                                                                     uint64_t offset) const {
  RETURN_IF_ERROR(CheckDigest(sha256));
  std::unique_ptr<Claim> claim = Claim::Take(*this, sha256);
  if (claim == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("blob ", sha256, ": somebody else is sending it; waiting for them"));
  }
  absl::StatusOr<std::unique_ptr<AtomicFile>> file = AtomicFile::Resume(Place(sha256), offset);
  if (absl::IsOutOfRange(file.status())) {
    return absl::UnavailableError(file.status().message());
  }
  RETURN_IF_ERROR(file.status());
  std::unique_ptr<Writer> writer(new Writer(*std::move(file), sha256, size_bytes));
  writer->claim_ = std::move(claim);
  RETURN_IF_ERROR(ReadFileInPieces(PlaceOfPartial(sha256), [&writer](std::string_view piece) {
    writer->digest_.Update(piece);
    writer->written_ += piece.size();
  }));
  return writer;
}

absl::StatusOr<BlobStore::Progress> BlobStore::ProgressOf(const std::string& sha256,
                                                          uint64_t size_bytes) const {
  RETURN_IF_ERROR(CheckDigest(sha256));
  if (Contains(sha256)) return Progress{.bytes = size_bytes};
  std::error_code missing;
  const uint64_t bytes = std::filesystem::file_size(PlaceOfPartial(sha256), missing);
  Progress progress{.bytes = missing ? 0 : std::min(bytes, size_bytes)};
  absl::MutexLock lock(&mu_);
  progress.is_being_written = claims_.contains(sha256);
  return progress;
}

absl::StatusOr<std::string> BlobStore::Put(std::string_view bytes) const {
  const std::string sha256 = Sha256Hex(bytes);
  ASSIGN_OR_RETURN(const std::unique_ptr<Writer> writer, Create(sha256, bytes.size()));
  RETURN_IF_ERROR(writer->Append(bytes));
  RETURN_IF_ERROR(writer->Finish());
  return sha256;
}

absl::Status BlobStore::Remove(const std::string& sha256) const {
  RETURN_IF_ERROR(CheckDigest(sha256));
  std::error_code error;
  std::filesystem::remove(Place(sha256), error);
  return error ? FileError(error.value(), "cannot remove", Place(sha256)) : absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> BlobStore::List() const {
  std::vector<std::string> blobs;
  std::error_code error;
  const std::filesystem::recursive_directory_iterator end;
  for (std::filesystem::recursive_directory_iterator it(folder_, error); !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (IsSha256Hex(name) && Place(name) == it->path().string()) blobs.push_back(name);
  }
  if (error) return FileError(error.value(), "cannot list", folder_);
  return blobs;
}

bool BlobStore::Contains(const std::string& sha256) const { return PathOf(sha256).ok(); }

absl::StatusOr<std::string> BlobStore::PathOf(const std::string& sha256) const {
  RETURN_IF_ERROR(CheckDigest(sha256));
  std::string path = Place(sha256);
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return path;
  return absl::NotFoundError(absl::StrCat("blob ", sha256, ": not in ", folder_));
}

std::string BlobStore::PlaceOfPartial(const std::string& sha256) const {
  return absl::StrCat(Place(sha256), AbslView(AtomicFile::kPartialSuffix));
}

std::string BlobStore::Place(const std::string& sha256) const {
  return absl::StrCat(folder_, "/", sha256.substr(0, 2), "/", sha256);
}

}  // namespace outerloop::coordinator
