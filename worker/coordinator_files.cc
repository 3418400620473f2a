#include "worker/coordinator_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/grpc_status.h"
#include "common/protocol.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "grpcpp/client_context.h"

namespace outerloop::worker {
namespace {

absl::Status Explain(const grpc::Status& status, const std::string& what) {
  const absl::Status plain = FromGrpcStatus(status);
  return absl::Status(plain.code(), absl::StrCat(what, ": ", plain.message()));
}

// False once the stream is broken; Finish then says why.
bool SendChunks(std::string_view bytes, grpc::ClientWriter<v1::StoreCheckpointRequest>& stream,
                Progress& progress) {
  for (size_t offset = 0; offset < bytes.size(); offset += kBlobChunkBytes) {
    v1::StoreCheckpointRequest request;
    const std::string_view chunk = bytes.substr(offset, kBlobChunkBytes);
    request.mutable_chunk()->set_data(chunk.data(), chunk.size());
    if (!stream.Write(request)) return false;
    progress.Tick();
  }
  return true;
}

}  // namespace

CoordinatorFiles::CoordinatorFiles(const std::shared_ptr<grpc::Channel>& channel,
                                   Progress& progress)
    : stub_(v1::WorkerService::NewStub(channel)), progress_(progress) {}

absl::Status CoordinatorFiles::Fetch(const std::string& sha256, const ByteSink& sink,
                                     Cancellation& cancellation) {
  grpc::ClientContext context;
  Cancellation::Callback on_cancel(cancellation, [&context] { context.TryCancel(); });
  v1::FetchBlobRequest request;
  request.set_sha256(sha256);
  auto stream = stub_->FetchBlob(&context, request);
  v1::BlobChunk chunk;
  absl::Status sunk;
  while (sunk.ok() && stream->Read(&chunk)) {
    sunk = sink(chunk.data());
    progress_.Tick();
  }
  if (!sunk.ok()) context.TryCancel();
  const grpc::Status status = stream->Finish();
  RETURN_IF_ERROR(sunk);
  if (!status.ok()) return Explain(status, absl::StrCat("fetching blob ", sha256));
  return absl::OkStatus();
}

absl::StatusOr<std::string> CoordinatorFiles::FetchToMemory(const std::string& sha256,
                                                            Cancellation& cancellation) {
  std::string bytes;
  const auto append = [&bytes](std::string_view piece) {
    bytes.append(piece);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(Fetch(sha256, append, cancellation));
  const std::string received = Sha256Hex(bytes);
  if (received != sha256) {
    return absl::DataLossError(
        absl::StrCat("blob ", sha256, " arrived with digest ", received, "; it was damaged"));
  }
  return bytes;
}

absl::Status CoordinatorFiles::StoreCheckpoint(const v1::StoreCheckpointHeader& header,
                                               std::string_view bytes, absl::Duration timeout,
                                               Cancellation& cancellation) {
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  Cancellation::Callback on_cancel(cancellation, [&context] { context.TryCancel(); });
  v1::StoreCheckpointResponse response;
  auto stream = stub_->StoreCheckpoint(&context, &response);
  v1::StoreCheckpointRequest first;
  *first.mutable_header() = header;
  if (stream->Write(first) && SendChunks(bytes, *stream, progress_)) stream->WritesDone();
  const grpc::Status status = stream->Finish();
  if (status.ok()) return absl::OkStatus();
  return Explain(status, absl::StrCat("storing the checkpoint of step ", header.step()));
}

}  // namespace outerloop::worker
