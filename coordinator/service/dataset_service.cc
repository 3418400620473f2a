#include "coordinator/service/dataset_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/grpc_status.h"
#include "common/mapped_file.h"
#include "common/status_macros.h"
#include "coordinator/service/blob_receiver.h"
#include "coordinator/service/blob_sender.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {
namespace {

bool NeedsItsDataset(const v1::Job& job) {
  if (!IsFinal(job.state())) return true;
  return std::any_of(job.evaluations().begin(), job.evaluations().end(),
                     [](const v1::Evaluation& e) { return e.state() == v1::EVALUATION_PENDING; });
}

// The job that needs a data set, for people; empty if none does.
std::string UserOf(const Board& board, const std::string& sha256) {
  for (const Board::JobView& job : board.Jobs()) {
    if (job->dataset_sha256() != sha256 || !NeedsItsDataset(*job)) continue;
    return absl::StrCat("job ", job->job_id(), " (", job->spec().name(), ")");
  }
  return "";
}

}  // namespace

grpc::ServerReadReactor<v1::ImportDatasetRequest>* DatasetService::ImportDataset(
    grpc::CallbackServerContext* context, v1::ImportDatasetResponse* response) {
  using Receiver = BlobReceiver<v1::ImportDatasetRequest, v1::ImportDatasetHeader>;
  // The name is refused before the upload where that is possible already.
  const Caller caller = access_.CallerOf(*context);
  const auto slot = std::make_shared<UploadSlots::Slot>();  // As long as the call is there.
  auto begin = [this, caller, slot](const v1::ImportDatasetHeader& header)
      -> absl::StatusOr<std::unique_ptr<BlobStore::Writer>> {
    ASSIGN_OR_RETURN(*slot, slots_.Take(caller.name));
    return Begin(header, caller);
  };
  auto complete = [this, response, caller](const v1::ImportDatasetHeader& header,
                                           const Receiver::Finished& finished) {
    absl::StatusOr<v1::Dataset> dataset = catalogue_.Add(header.name(), header.sha256(), caller);
    if (dataset.ok()) *response->mutable_dataset() = *std::move(dataset);
    finished(dataset.status());
  };
  return new Receiver(blob_metrics_.received, patience_, std::move(begin), std::move(complete));
}

absl::StatusOr<std::unique_ptr<BlobStore::Writer>> DatasetService::Begin(
    const v1::ImportDatasetHeader& header, const Caller& caller) const {
  RETURN_IF_ERROR(catalogue_.CheckName(header.name(), header.sha256(), caller));
  const bool has_all = header.offset() == header.size_bytes();
  if (has_all && MayClaim(header.sha256(), caller)) return nullptr;
  return blobs_.Resume(header.sha256(), header.size_bytes(), header.offset());
}

bool DatasetService::MayClaim(const std::string& sha256, const Caller& caller) const {
  const bool is_admin = caller.role == Role::kAdmin;
  return blobs_.Contains(sha256) && (is_admin || catalogue_.Knows(sha256, caller));
}

grpc::ServerUnaryReactor* DatasetService::GetUpload(grpc::CallbackServerContext* context,
                                                    const v1::GetUploadRequest* request,
                                                    v1::GetUploadResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto progress = blobs_.ProgressOf(request->sha256(), request->size_bytes());
  const auto is_hidden = [&] {
    return blobs_.Contains(request->sha256()) &&
           !MayClaim(request->sha256(), access_.CallerOf(*context));
  };
  if (progress.ok() && !is_hidden()) {
    response->set_received_bytes(progress->bytes);
    response->set_in_progress(progress->is_being_written);
  }
  reactor->Finish(ToGrpcStatus(progress.status()));
  return reactor;
}

absl::Status DatasetService::Get(const std::string& name, const Caller& caller,
                                 v1::GetDatasetResponse* response) {
  ASSIGN_OR_RETURN(*response->mutable_dataset(), catalogue_.Find(name, caller));
  ASSIGN_OR_RETURN(const auto index, catalogue_.Index(response->dataset().sha256()));
  for (const data::DatasetClass& entry : index->classes) {
    v1::DatasetClass* out = response->add_classes();
    out->set_name(entry.name);
    out->set_origin(entry.origin);
    out->set_examples(entry.examples);
    out->set_split(entry.split);
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* DatasetService::GetDataset(grpc::CallbackServerContext* context,
                                                     const v1::GetDatasetRequest* request,
                                                     v1::GetDatasetResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(Get(request->name(), access_.CallerOf(*context), response)));
  return reactor;
}

grpc::ServerUnaryReactor* DatasetService::ListDatasets(grpc::CallbackServerContext* context,
                                                       const v1::ListDatasetsRequest* request,
                                                       v1::ListDatasetsResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<std::vector<v1::Dataset>> datasets = catalogue_.List(access_.CallerOf(*context));
  if (datasets.ok()) {
    for (v1::Dataset& dataset : *datasets) *response->add_datasets() = std::move(dataset);
  }
  reactor->Finish(ToGrpcStatus(datasets.status()));
  return reactor;
}

grpc::ServerWriteReactor<v1::ExportDatasetResponse>* DatasetService::ExportDataset(
    grpc::CallbackServerContext* context, const v1::ExportDatasetRequest* request) {
  using Sender = BlobSender<v1::ExportDatasetResponse>;
  const auto open = [&]() -> absl::StatusOr<Sender*> {
    v1::ExportDatasetResponse first;
    ASSIGN_OR_RETURN(*first.mutable_dataset(),
                     catalogue_.Find(request->name(), access_.CallerOf(*context)));
    ASSIGN_OR_RETURN(const std::string path, blobs_.PathOf(first.dataset().sha256()));
    ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
    return new Sender(
        std::move(first), std::move(file),
        [](v1::ExportDatasetResponse* out) { return out->mutable_chunk(); }, blob_metrics_.sent);
  };
  absl::StatusOr<Sender*> sender = open();
  return sender.ok() ? *sender : new Sender(sender.status());
}

grpc::ServerUnaryReactor* DatasetService::RemoveDataset(grpc::CallbackServerContext* context,
                                                        const v1::RemoveDatasetRequest* request,
                                                        v1::RemoveDatasetResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto user_of = [this](const std::string& sha256) { return UserOf(board_, sha256); };
  const Caller caller = access_.CallerOf(*context);
  reactor->Finish(ToGrpcStatus(catalogue_.Remove(request->name(), caller, user_of)));
  return reactor;
}

}  // namespace outerloop::coordinator
