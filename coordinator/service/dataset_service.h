#ifndef OUTERLOOP_COORDINATOR_SERVICE_DATASET_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_DATASET_SERVICE_H_

#include "coordinator/service/dataset_catalogue.h"
#include "coordinator/store/blob_store.h"
#include "outerloop/v1/dataset_service.grpc.pb.h"

namespace outerloop::coordinator {

// Data sets, for clients (dataset_service.proto). Thread-safe. All arguments must outlive it.
class DatasetService final : public v1::DatasetService::CallbackService {
 public:
  DatasetService(DatasetCatalogue& catalogue, const BlobStore& blobs)
      : catalogue_(catalogue), blobs_(blobs) {}

  grpc::ServerReadReactor<v1::ImportDatasetRequest>* ImportDataset(
      grpc::CallbackServerContext* context, v1::ImportDatasetResponse* response) override;
  grpc::ServerUnaryReactor* GetDataset(grpc::CallbackServerContext* context,
                                       const v1::GetDatasetRequest* request,
                                       v1::GetDatasetResponse* response) override;
  grpc::ServerUnaryReactor* ListDatasets(grpc::CallbackServerContext* context,
                                         const v1::ListDatasetsRequest* request,
                                         v1::ListDatasetsResponse* response) override;

 private:
  absl::Status Get(const std::string& name, v1::GetDatasetResponse* response);

  DatasetCatalogue& catalogue_;
  const BlobStore& blobs_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_DATASET_SERVICE_H_
