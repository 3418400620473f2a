#include "client/dataset_upload.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/protocol.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

using Writer = grpc::ClientWriterInterface<v1::ImportDatasetRequest>;
using OnBytes = absl::FunctionRef<void(uint64_t, uint64_t)>;

// One upload, whatever attempts it takes.
class Upload {
 public:
  Upload(v1::DatasetService::StubInterface& stub, v1::ImportDatasetHeader header, std::string path,
         OnBytes on_bytes)
      : stub_(stub), header_(std::move(header)), path_(std::move(path)), on_bytes_(on_bytes) {}

  absl::Status Try(Connection::Attempt& attempt, grpc::ClientContext& asking) {
    RETURN_IF_ERROR(FindOffset(attempt, asking));
    on_bytes_(header_.offset(), header_.size_bytes());
    const auto stream = stub_.ImportDataset(&attempt.context, &response_);
    const absl::Status read = Send(attempt, *stream);
    if (!read.ok()) attempt.context.TryCancel();
    absl::Status status = FromGrpcStatus(stream->Finish());
    RETURN_IF_ERROR(read);
    // What the coordinator had kept was damaged, which it has found out now and dropped.
    const bool is_damaged = absl::IsDataLoss(status) && header_.offset() > 0;
    return is_damaged ? absl::UnavailableError(status.message()) : status;
  }

  UploadedDataset Finish() && {
    return {.dataset = std::move(*response_.mutable_dataset()), .sent_bytes = sent_};
  }

 private:
  // Where to go on. UNAVAILABLE while somebody else is at it: to be asked again.
  absl::Status FindOffset(Connection::Attempt& attempt, grpc::ClientContext& context) {
    v1::GetUploadRequest request;
    request.set_sha256(header_.sha256());
    request.set_size_bytes(header_.size_bytes());
    v1::GetUploadResponse upload;
    RETURN_IF_ERROR(FromGrpcStatus(stub_.GetUpload(&context, request, &upload)));
    const bool has_advanced = upload.received_bytes() != header_.offset();
    header_.set_offset(upload.received_bytes());
    if (!upload.in_progress()) return absl::OkStatus();
    attempt.progress = has_advanced;
    on_bytes_(upload.received_bytes(), header_.size_bytes());
    return absl::UnavailableError("the same file is being sent by another import");
  }

  // Stops early if the coordinator has ended the stream; it then says why.
  absl::Status Send(Connection::Attempt& attempt, Writer& stream) {
    v1::ImportDatasetRequest request;
    *request.mutable_header() = header_;
    if (!stream.Write(request)) return absl::OkStatus();
    std::ifstream file(path_, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(header_.offset()));
    std::string& chunk = *request.mutable_chunk()->mutable_data();
    for (uint64_t done = header_.offset(); done < header_.size_bytes(); done += chunk.size()) {
      chunk.resize(std::min<uint64_t>(kBlobChunkBytes, header_.size_bytes() - done));
      if (!file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()))) {
        return absl::AbortedError(absl::StrCat(path_, ": became shorter while it was sent"));
      }
      if (!stream.Write(request)) return absl::OkStatus();
      attempt.progress = true;
      sent_ += chunk.size();
      on_bytes_(done + chunk.size(), header_.size_bytes());
    }
    stream.WritesDone();
    return absl::OkStatus();
  }

  v1::DatasetService::StubInterface& stub_;
  v1::ImportDatasetHeader header_;
  const std::string path_;
  const OnBytes on_bytes_;
  v1::ImportDatasetResponse response_;
  uint64_t sent_ = 0;  // In all attempts.
};

absl::StatusOr<v1::ImportDatasetHeader> HeaderOf(const std::string& name, const std::string& path) {
  v1::ImportDatasetHeader header;
  header.set_name(name);
  ASSIGN_OR_RETURN(*header.mutable_sha256(), Sha256HexOfFile(path));
  std::error_code error;
  header.set_size_bytes(std::filesystem::file_size(path, error));
  if (error) return FileError(error.value(), "cannot measure", path);
  return header;
}

}  // namespace

absl::StatusOr<UploadedDataset> UploadDataset(const Connection& connection,
                                              v1::DatasetService::StubInterface& stub,
                                              const std::string& name, const std::string& path,
                                              OnBytes on_bytes) {
  ASSIGN_OR_RETURN(v1::ImportDatasetHeader header, HeaderOf(name, path));
  Upload upload(stub, std::move(header), path, on_bytes);
  const auto attempt = [&](Connection::Attempt& attempt) {
    grpc::ClientContext asking;
    SetTimeout(asking, connection.options().call_timeout);
    return upload.Try(attempt, asking);
  };
  RETURN_IF_ERROR(connection.Retry(connection.options().transfer_timeout, attempt));
  return std::move(upload).Finish();
}

}  // namespace outerloop::client
