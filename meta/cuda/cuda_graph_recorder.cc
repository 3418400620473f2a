#include "meta/cuda/cuda_graph_recorder.h"

#include <optional>

#include "ATen/cuda/CUDAEvent.h"
#include "ATen/cuda/CUDAGraph.h"
#include "c10/cuda/CUDAFunctions.h"
#include "c10/cuda/CUDAGuard.h"
#include "c10/cuda/CUDAStream.h"
#include "c10/util/Exception.h"

namespace outerloop::meta::cuda {
namespace {

using c10::cuda::CUDAStream;

// `then` goes on when it has done what `first` has now.
void Wait(const CUDAStream& then, const CUDAStream& first) {
  at::cuda::CUDAEvent event;
  event.record(first);
  event.block(then);
}

// `work` on `stream`, in the order of the calling thread's current stream.
template <typename Work>
void InOrder(const CUDAStream& stream, const Work& work) {
  const CUDAStream current = c10::cuda::getCurrentCUDAStream(stream.device_index());
  Wait(stream, current);
  {
    const c10::cuda::CUDAStreamGuard guard(stream);
    work();
  }
  Wait(current, stream);
}

class CudaGraph final : public Recording {
 public:
  CudaGraph(const CUDAStream& stream, c10::MempoolId_t pool) : stream_(stream), pool_(pool) {}

  void Record(const std::function<void()>& work) {
    c10::cuda::device_synchronize();
    const c10::cuda::CUDAStreamGuard guard(stream_);
    // Other threads, such as NCCL's, may do meanwhile what this one may not.
    graph_.capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      Abandon();
      throw;
    }
    graph_.capture_end();
  }

  void Replay() override {
    InOrder(stream_, [this] { graph_.replay(); });
  }

 private:
  // Ends a recording that has failed, so that the stream can be used again.
  void Abandon() {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {
      // That the recording is invalid is why it is abandoned.
    }
    static_cast<void>(cudaGetLastError());  // Or the next call would report it.
  }

  const CUDAStream stream_;
  const c10::MempoolId_t pool_;
  at::cuda::CUDAGraph graph_;
};

class CudaGraphRecorder final : public GraphRecorder {
 public:
  explicit CudaGraphRecorder(int device) : device_(static_cast<c10::DeviceIndex>(device)) {}

  void WarmUp(const std::function<void()>& work) override { InOrder(stream(), work); }

  std::unique_ptr<Recording> Record(const std::function<void()>& work) override {
    auto graph = std::make_unique<CudaGraph>(stream(), pool_);
    graph->Record(work);
    return graph;
  }

 private:
  // Made when it is needed, as that may fail.
  const CUDAStream& stream() {
    if (!stream_) stream_ = c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device_);
    return *stream_;
  }

  const c10::DeviceIndex device_;
  const c10::MempoolId_t pool_ = at::cuda::graph_pool_handle();
  std::optional<CUDAStream> stream_;
};

}  // namespace

std::unique_ptr<GraphRecorder> MakeCudaGraphRecorder(int device) {
  return std::make_unique<CudaGraphRecorder>(device);
}

}  // namespace outerloop::meta::cuda
