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

// Sends the file at `path` as `name`, in chunks, with its digest; begins anew if the coordinator
// goes away meanwhile. `on_bytes` is called with the bytes sent so far and in all.
absl::StatusOr<v1::Dataset> UploadDataset(const Connection& connection,
                                          v1::DatasetService::StubInterface& stub,
                                          const std::string& name, const std::string& path,
                                          absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_DATASET_UPLOAD_H_
