#include "client/dataset_upload.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "common/mapped_file.h"
#include "common/protocol.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

using Writer = grpc::ClientWriterInterface<v1::ImportDatasetRequest>;

// Stops early if the coordinator has ended the stream; it then says why.
void Send(const v1::ImportDatasetRequest& header, std::span<const uint8_t> bytes,
          absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes, Writer& stream) {
  if (!stream.Write(header)) return;
  v1::ImportDatasetRequest request;
  for (size_t sent = 0; sent < bytes.size();) {
    const auto piece = bytes.subspan(sent, std::min(kBlobChunkBytes, bytes.size() - sent));
    request.mutable_chunk()->set_data(piece.data(), piece.size());
    if (!stream.Write(request)) return;
    sent += piece.size();
    on_bytes(sent, bytes.size());
  }
  stream.WritesDone();
}

}  // namespace

absl::StatusOr<v1::Dataset> UploadDataset(const Connection& connection,
                                          v1::DatasetService::StubInterface& stub,
                                          const std::string& name, const std::string& path,
                                          absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes) {
  ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  Sha256 digest;
  digest.Update(file->bytes());
  v1::ImportDatasetRequest header;
  header.mutable_header()->set_name(name);
  header.mutable_header()->set_sha256(ToHex(digest.Finish()));
  header.mutable_header()->set_size_bytes(file->bytes().size());

  v1::ImportDatasetResponse response;
  const auto upload = [&](Connection::Attempt& attempt) {
    const auto stream = stub.ImportDataset(&attempt.context, &response);
    Send(header, file->bytes(), on_bytes, *stream);
    return FromGrpcStatus(stream->Finish());
  };
  RETURN_IF_ERROR(connection.Retry(connection.options().transfer_timeout, upload));
  return std::move(*response.mutable_dataset());
}

}  // namespace outerloop::client
