#ifndef OUTERLOOP_COORDINATOR_SERVICE_DATASET_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_DATASET_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/security/access.h"
#include "coordinator/security/limits.h"
#include "coordinator/security/upload_slots.h"
#include "coordinator/service/blob_metrics.h"
#include "coordinator/service/board.h"
#include "coordinator/service/dataset_catalogue.h"
#include "coordinator/store/blob_store.h"
#include "outerloop/v1/dataset_service.grpc.pb.h"

namespace outerloop::coordinator {

// Data sets, for clients (dataset_service.proto). Thread-safe. All arguments must outlive it.
class DatasetService final : public v1::DatasetService::CallbackService {
 public:
  DatasetService(DatasetCatalogue& catalogue, const BlobStore& blobs, const Board& board,
                 BlobMetrics& blob_metrics, const Access& access, const Limits& limits)
      : catalogue_(catalogue),
        blobs_(blobs),
        board_(board),
        blob_metrics_(blob_metrics),
        access_(access),
        patience_(limits.silence),
        slots_(limits.uploads) {}

  grpc::ServerReadReactor<v1::ImportDatasetRequest>* ImportDataset(
      grpc::CallbackServerContext* context, v1::ImportDatasetResponse* response) override;
  grpc::ServerUnaryReactor* GetUpload(grpc::CallbackServerContext* context,
                                      const v1::GetUploadRequest* request,
                                      v1::GetUploadResponse* response) override;
  grpc::ServerUnaryReactor* GetDataset(grpc::CallbackServerContext* context,
                                       const v1::GetDatasetRequest* request,
                                       v1::GetDatasetResponse* response) override;
  grpc::ServerUnaryReactor* ListDatasets(grpc::CallbackServerContext* context,
                                         const v1::ListDatasetsRequest* request,
                                         v1::ListDatasetsResponse* response) override;
  grpc::ServerWriteReactor<v1::ExportDatasetResponse>* ExportDataset(
      grpc::CallbackServerContext* context, const v1::ExportDatasetRequest* request) override;
  grpc::ServerUnaryReactor* RemoveDataset(grpc::CallbackServerContext* context,
                                          const v1::RemoveDatasetRequest* request,
                                          v1::RemoveDatasetResponse* response) override;

 private:
  absl::StatusOr<std::unique_ptr<BlobStore::Writer>> Begin(const v1::ImportDatasetHeader& header,
                                                           const Caller& caller) const;
  // Whether the content is there for `caller`: to know a digest is not to have the file. What is
  // there for others is sent again, and then found to be the same.
  bool MayClaim(const std::string& sha256, const Caller& caller) const;
  absl::Status Get(const std::string& name, const Caller& caller, v1::GetDatasetResponse* response);

  DatasetCatalogue& catalogue_;
  const BlobStore& blobs_;
  const Board& board_;
  BlobMetrics& blob_metrics_;
  const Access& access_;
  const absl::Duration patience_;
  UploadSlots slots_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_DATASET_SERVICE_H_
