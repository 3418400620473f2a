#include "client/incoming_file.h"

#include "absl/strings/str_cat.h"

namespace outerloop::client {

absl::StatusOr<IncomingFile> IncomingFile::Create(const std::string& path) {
  ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  return IncomingFile(std::move(file));
}

absl::Status IncomingFile::Append(const std::string& bytes) {
  size_ += bytes.size();
  digest_.Update(bytes);
  return file_->Append(bytes);
}

absl::Status IncomingFile::Commit(uint64_t size_bytes, const std::string& sha256) {
  const std::string digest = ToHex(digest_.Finish());
  if (size_ == size_bytes && digest == sha256) return file_->Commit();
  return absl::DataLossError(absl::StrCat("received ", size_, " bytes with SHA-256 ", digest,
                                          ", but the file has ", size_bytes, " with ", sha256,
                                          "; nothing was written"));
}

}  // namespace outerloop::client
