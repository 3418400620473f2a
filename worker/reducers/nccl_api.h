// The functions of NCCL and of the CUDA runtime that a sum over GPUs takes, behind one interface,
// so that what is done with them is built and tested without a GPU.
#ifndef OUTERLOOP_WORKER_REDUCERS_NCCL_API_H_
#define OUTERLOOP_WORKER_REDUCERS_NCCL_API_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The types behind ncclComm_t and cudaStream_t, which are pointers to them.
struct ncclComm;
struct CUstream_st;

namespace outerloop::worker {

using NcclComm = ncclComm;
using CudaStream = CUstream_st;

// Bytes of an ncclUniqueId.
inline constexpr size_t kNcclIdBytes = 128;

// How far something is that was started.
enum class NcclProgress { kInProgress, kDone };

// One GPU. A function stands for the one that its comment names and does nothing else; none waits
// for work on the GPU or for another process unless the comment says so. Communicators are
// non-blocking: what InitRank, AllReduce and Finalize start is not done, and for AllReduce not even
// in the stream's queue, before they or Error say kDone. Errors are UNAVAILABLE and name the
// function and the library's reason. Thread-safe, but a communicator may be used by one thread at a
// time.
//
// There is no ncclCommDestroy here on purpose: it waits for peers. A communicator ends by Abort.
class NcclApi {
 public:
  virtual ~NcclApi() = default;

  // cudaSetDevice: what the calling thread does from now on happens on this GPU.
  virtual absl::Status UseDevice() = 0;

  // ncclGetUniqueId: kNcclIdBytes bytes that no other call ever gave.
  virtual absl::StatusOr<std::string> UniqueId() = 0;

  // ncclCommInitRankConfig, blocking = 0: a communicator of `size` ranks, all of which give the
  // same `id`. *comm may be set even on an error and is then to be aborted; it is written until the
  // communicator is there or has been aborted, so it stays where it is that long.
  virtual absl::StatusOr<NcclProgress> InitRank(NcclComm** comm, int size, const std::string& id,
                                                int rank) = 0;
  // ncclCommGetAsyncError: whether what was started last is done; an error of any rank that it
  // knows.
  virtual absl::StatusOr<NcclProgress> Error(NcclComm* comm) = 0;
  // ncclAllReduce of `count` ncclInt64 by ncclSum, in place in the GPU's memory. Wraps around.
  virtual absl::StatusOr<NcclProgress> AllReduce(int64_t* words, size_t count, NcclComm* comm,
                                                 CudaStream* stream) = 0;
  // ncclCommFinalize: lets peers have what they still need of this rank.
  virtual absl::StatusOr<NcclProgress> Finalize(NcclComm* comm) = 0;
  // ncclCommAbort: stops what runs and frees the communicator. Meant not to wait for peers, but it
  // has been seen to hang (github.com/NVIDIA/nccl issues 549 and 1013).
  virtual absl::Status Abort(NcclComm* comm) = 0;

  // cudaStreamCreateWithFlags(cudaStreamNonBlocking) and cudaStreamDestroy.
  virtual absl::StatusOr<CudaStream*> CreateStream() = 0;
  virtual absl::Status DestroyStream(CudaStream* stream) = 0;
  // cudaStreamQuery: whether all that is in the stream's queue is done.
  virtual absl::StatusOr<NcclProgress> QueryStream(CudaStream* stream) = 0;

  // cudaHostAlloc and cudaFreeHost, cudaMalloc and cudaFree. Any of them may wait for all that runs
  // on the GPU.
  virtual absl::StatusOr<int64_t*> AllocateHost(size_t words) = 0;
  virtual absl::Status FreeHost(int64_t* words) = 0;
  virtual absl::StatusOr<int64_t*> AllocateDevice(size_t words) = 0;
  virtual absl::Status FreeDevice(int64_t* words) = 0;
  // cudaMemcpyAsync between the two, in the order of the stream.
  virtual absl::Status CopyToDevice(int64_t* device, const int64_t* host, size_t words,
                                    CudaStream* stream) = 0;
  virtual absl::Status CopyToHost(int64_t* host, const int64_t* device, size_t words,
                                  CudaStream* stream) = 0;
};

// NCCL on GPU number `device`. Implemented by nccl_real_api.cc, or by no_nccl_api.cc in a program
// that is linked without NCCL, where it returns null.
std::shared_ptr<NcclApi> MakeNcclApi(int device);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_NCCL_API_H_
