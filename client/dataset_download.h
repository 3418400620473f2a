// A data set file on its way from the coordinator to a path here.
#ifndef OUTERLOOP_CLIENT_DATASET_DOWNLOAD_H_
#define OUTERLOOP_CLIENT_DATASET_DOWNLOAD_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/connection.h"
#include "outerloop/v1/dataset_service.grpc.pb.h"

namespace outerloop::client {

// Writes the file of the data set `name` to `path`; begins anew if the coordinator goes away
// meanwhile. The file appears whole and with the right digest or not at all. `on_bytes` is called
// with the bytes received so far and in all.
absl::StatusOr<v1::Dataset> DownloadDataset(const Connection& connection,
                                            v1::DatasetService::StubInterface& stub,
                                            const std::string& name, const std::string& path,
                                            absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_DATASET_DOWNLOAD_H_
