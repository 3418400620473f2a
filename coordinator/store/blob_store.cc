#include "coordinator/store/blob_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace outerloop::coordinator {
namespace {

absl::Status CheckDigest(const std::string& sha256) {
  if (IsSha256Hex(sha256)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(sha256.substr(0, 80)),
                   "' is no SHA-256 digest; give 64 digits of 0-9a-f"));
}

absl::Status ClearTemporaryFiles(const std::string& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator it(folder, error); !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) RETURN_IF_ERROR(RemoveTemporaryFiles(it->path().string()));
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

std::string BlobStore::Place(const std::string& sha256) const {
  return absl::StrCat(folder_, "/", sha256.substr(0, 2), "/", sha256);
}

}  // namespace outerloop::coordinator
