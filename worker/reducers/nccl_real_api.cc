#include <cuda_runtime.h>
#include <nccl.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/reducers/nccl_api.h"

namespace outerloop::worker {
namespace {

static_assert(NCCL_UNIQUE_ID_BYTES == kNcclIdBytes);
static_assert(NCCL_VERSION_CODE >= NCCL_VERSION(2, 14, 0), "the first with ncclConfig_t.blocking");

absl::Status CheckCuda(cudaError_t error, const char* function) {
  if (error == cudaSuccess) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(function, ": ", cudaGetErrorName(error), ": ", cudaGetErrorString(error)));
}

absl::StatusOr<NcclProgress> CheckNccl(ncclResult_t result, const char* function, ncclComm* comm) {
  if (result == ncclSuccess) return NcclProgress::kDone;
  if (result == ncclInProgress) return NcclProgress::kInProgress;
  return absl::UnavailableError(
      absl::StrCat(function, ": ", ncclGetErrorString(result), ": ", ncclGetLastError(comm)));
}

absl::StatusOr<int64_t*> Allocated(cudaError_t error, const char* function, void* memory) {
  RETURN_IF_ERROR(CheckCuda(error, function));
  return static_cast<int64_t*>(memory);
}

class RealNcclApi final : public NcclApi {
 public:
  explicit RealNcclApi(int device) : device_(device) {}

  absl::Status UseDevice() override { return CheckCuda(cudaSetDevice(device_), "cudaSetDevice"); }

  absl::StatusOr<std::string> UniqueId() override {
    ncclUniqueId id;
    RETURN_IF_ERROR(CheckNccl(ncclGetUniqueId(&id), "ncclGetUniqueId", nullptr).status());
    return std::string(id.internal, sizeof(id.internal));
  }

  absl::StatusOr<NcclProgress> InitRank(NcclComm** comm, int size, const std::string& id,
                                        int rank) override {
    if (id.size() != kNcclIdBytes) return absl::UnavailableError("not an ncclUniqueId");
    ncclUniqueId unique_id;
    std::copy(id.begin(), id.end(), unique_id.internal);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    const ncclResult_t result = ncclCommInitRankConfig(comm, size, unique_id, rank, &config);
    return CheckNccl(result, "ncclCommInitRankConfig", *comm);
  }

  absl::StatusOr<NcclProgress> Error(NcclComm* comm) override {
    ncclResult_t state = ncclSuccess;
    RETURN_IF_ERROR(
        CheckNccl(ncclCommGetAsyncError(comm, &state), "ncclCommGetAsyncError", comm).status());
    return CheckNccl(state, "NCCL", comm);
  }

  absl::StatusOr<NcclProgress> AllReduce(int64_t* words, size_t count, NcclComm* comm,
                                         CudaStream* stream) override {
    return CheckNccl(ncclAllReduce(words, words, count, ncclInt64, ncclSum, comm, stream),
                     "ncclAllReduce", comm);
  }

  absl::StatusOr<NcclProgress> Finalize(NcclComm* comm) override {
    return CheckNccl(ncclCommFinalize(comm), "ncclCommFinalize", comm);
  }

  absl::Status Abort(NcclComm* comm) override {
    // The communicator is gone: the reason is not to be had from it.
    return CheckNccl(ncclCommAbort(comm), "ncclCommAbort", nullptr).status();
  }

  absl::StatusOr<CudaStream*> CreateStream() override {
    cudaStream_t stream = nullptr;
    RETURN_IF_ERROR(CheckCuda(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking),
                              "cudaStreamCreateWithFlags"));
    return stream;
  }

  absl::Status DestroyStream(CudaStream* stream) override {
    return CheckCuda(cudaStreamDestroy(stream), "cudaStreamDestroy");
  }

  absl::StatusOr<NcclProgress> QueryStream(CudaStream* stream) override {
    const cudaError_t error = cudaStreamQuery(stream);
    if (error == cudaErrorNotReady) return NcclProgress::kInProgress;
    RETURN_IF_ERROR(CheckCuda(error, "cudaStreamQuery"));
    return NcclProgress::kDone;
  }

  absl::StatusOr<int64_t*> AllocateHost(size_t words) override {
    void* memory = nullptr;
    const cudaError_t error = cudaHostAlloc(&memory, words * sizeof(int64_t), cudaHostAllocDefault);
    return Allocated(error, "cudaHostAlloc", memory);
  }

  absl::Status FreeHost(int64_t* words) override {
    return CheckCuda(cudaFreeHost(words), "cudaFreeHost");
  }

  absl::StatusOr<int64_t*> AllocateDevice(size_t words) override {
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, words * sizeof(int64_t));
    return Allocated(error, "cudaMalloc", memory);
  }

  absl::Status FreeDevice(int64_t* words) override {
    return CheckCuda(cudaFree(words), "cudaFree");
  }

  absl::Status CopyToDevice(int64_t* device, const int64_t* host, size_t words,
                            CudaStream* stream) override {
    return CheckCuda(
        cudaMemcpyAsync(device, host, words * sizeof(int64_t), cudaMemcpyHostToDevice, stream),
        "cudaMemcpyAsync to the GPU");
  }

  absl::Status CopyToHost(int64_t* host, const int64_t* device, size_t words,
                          CudaStream* stream) override {
    return CheckCuda(
        cudaMemcpyAsync(host, device, words * sizeof(int64_t), cudaMemcpyDeviceToHost, stream),
        "cudaMemcpyAsync from the GPU");
  }

 private:
  const int device_;
};

}  // namespace

std::shared_ptr<NcclApi> MakeNcclApi(int device) { return std::make_shared<RealNcclApi>(device); }

}  // namespace outerloop::worker
