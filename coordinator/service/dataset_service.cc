#include "coordinator/service/dataset_service.h"

#include <utility>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/service/blob_receiver.h"

namespace outerloop::coordinator {

grpc::ServerReadReactor<v1::ImportDatasetRequest>* DatasetService::ImportDataset(
    grpc::CallbackServerContext* context, v1::ImportDatasetResponse* response) {
  using Receiver = BlobReceiver<v1::ImportDatasetRequest, v1::ImportDatasetHeader>;
  // The name is refused before the upload where that is possible already.
  auto begin = [this](const v1::ImportDatasetHeader& header) {
    return catalogue_.CheckName(header.name(), header.sha256());
  };
  auto complete = [this, response](const v1::ImportDatasetHeader& header,
                                   const Receiver::Finished& finished) {
    absl::StatusOr<v1::Dataset> dataset = catalogue_.Add(header.name(), header.sha256());
    if (dataset.ok()) *response->mutable_dataset() = *std::move(dataset);
    finished(dataset.status());
  };
  return new Receiver(blobs_, std::move(begin), std::move(complete));
}

absl::Status DatasetService::Get(const std::string& name, v1::GetDatasetResponse* response) {
  ASSIGN_OR_RETURN(*response->mutable_dataset(), catalogue_.Find(name));
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
  reactor->Finish(ToGrpcStatus(Get(request->name(), response)));
  return reactor;
}

grpc::ServerUnaryReactor* DatasetService::ListDatasets(grpc::CallbackServerContext* context,
                                                       const v1::ListDatasetsRequest* request,
                                                       v1::ListDatasetsResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<std::vector<v1::Dataset>> datasets = catalogue_.List();
  if (datasets.ok()) {
    for (v1::Dataset& dataset : *datasets) *response->add_datasets() = std::move(dataset);
  }
  reactor->Finish(ToGrpcStatus(datasets.status()));
  return reactor;
}

}  // namespace outerloop::coordinator
