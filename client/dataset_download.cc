#include "client/dataset_download.h"

#include "client/incoming_file.h"
#include "common/status_macros.h"

namespace outerloop::client {

absl::StatusOr<v1::Dataset> DownloadDataset(const Connection& connection,
                                            v1::DatasetService::StubInterface& stub,
                                            const std::string& name, const std::string& path,
                                            absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes) {
  v1::ExportDatasetRequest request;
  request.set_name(name);
  v1::Dataset dataset;
  const auto take = [&](const v1::ExportDatasetResponse& response) -> const v1::Dataset& {
    return dataset = response.dataset();
  };
  const auto download = [&](Connection::Attempt& attempt) {
    const auto stream = stub.ExportDataset(&attempt.context, request);
    return ReceiveFile(*stream, path, take, on_bytes);
  };
  RETURN_IF_ERROR(connection.Retry(connection.options().transfer_timeout, download));
  return dataset;
}

}  // namespace outerloop::client
