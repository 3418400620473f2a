// A data set file on its way to the coordinator.
#ifndef OUTERLOOP_CLIENT_DATASET_UPLOAD_H_
#define OUTERLOOP_CLIENT_DATASET_UPLOAD_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/connection.h"
#include "outerloop/v1/dataset_service.grpc.pb.h"

namespace outerloop::client {

struct UploadedDataset {
  v1::Dataset dataset;
  uint64_t sent_bytes = 0;  // Of the file: less than all of it if the coordinator had a part.
};

// Sends what the coordinator lacks of the file at `path` as `name`, in chunks, with its digest;
// goes on where it was if the coordinator goes away meanwhile, and waits while somebody else sends
// the same file. `on_bytes` is called with the bytes that the coordinator has and in all. Holds a
// chunk of the file at a time.
absl::StatusOr<UploadedDataset> UploadDataset(const Connection& connection,
                                              v1::DatasetService::StubInterface& stub,
                                              const std::string& name, const std::string& path,
                                              absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_DATASET_UPLOAD_H_
