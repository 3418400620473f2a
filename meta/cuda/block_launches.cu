#include "meta/cuda/block_launches.h"
#include "meta/cuda/block_rules.h"

namespace outerloop::meta::cuda {
namespace {

// A block of threads has kColumns neighbouring columns, which lie side by side in memory, and
// kLanes windows of each at a time.
constexpr int kColumns = 32;
constexpr int kLanes = 16;
// A sum's windows are divided between this many blocks of threads at most, as the workspace holds a
// pair for each.
constexpr int kMostParts = kWorkspacePerColumn / 2;
constexpr int kWindowsPerLane = 4;  // At least, before a sum is divided.

int Divided(int all, int by) { return (all + by - 1) / by; }

// A function of one column's shape alone: so its sums do not depend on other tasks.
int PartsOf(const BlockShape& shape) {
  const int parts = Divided(shape.windows(), kLanes * kWindowsPerLane);
  return parts < kMostParts ? parts : kMostParts;
}

dim3 GridOf(const BlockShape& shape) {
  return dim3(Divided(shape.columns, kColumns), PartsOf(shape));
}

__device__ int OwnColumn() { return static_cast<int>(blockIdx.x) * kColumns + threadIdx.x; }
__device__ int FirstWindow() { return static_cast<int>(blockIdx.y) * kLanes + threadIdx.y; }
__device__ int WindowStride() { return static_cast<int>(gridDim.y) * kLanes; }

// Each part's sum, [parts, columns] pairs. Lanes, and windows of a lane, are added up in their
// order.
template <typename Pass, typename Real>
__global__ void SumParts(Block<Real> block, Pair<Real>* parts) {
  __shared__ Pair<Real> lanes[kLanes][kColumns];
  const int column = OwnColumn();
  Pair<Real> sum{};
  if (column < block.shape.columns) {
    for (int w = FirstWindow(); w < block.shape.windows(); w += WindowStride()) {
      sum.Add(Pass::Terms(block, WindowAt(block.shape, w, column)));
    }
  }
  lanes[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || column >= block.shape.columns) return;
  for (int lane = 1; lane < kLanes; ++lane) sum.Add(lanes[lane][threadIdx.x]);
  parts[static_cast<int64_t>(blockIdx.y) * block.shape.columns + column] = sum;
}

template <typename Pass, typename Real>
__global__ void FinishSums(Block<Real> block, const Pair<Real>* parts, int count) {
  const int column = OwnColumn();
  if (column >= block.shape.columns) return;
  Pair<Real> sum = parts[column];
  for (int part = 1; part < count; ++part) {
    sum.Add(parts[static_cast<int64_t>(part) * block.shape.columns + column]);
  }
  Pass::Finish(block, column, sum);
}

template <typename Pass, typename Real>
__global__ void ApplyToWindows(Block<Real> block) {
  const int column = OwnColumn();
  if (column >= block.shape.columns) return;
  for (int w = FirstWindow(); w < block.shape.windows(); w += WindowStride()) {
    Pass::Apply(block, WindowAt(block.shape, w, column));
  }
}

class Executor {
 public:
  explicit Executor(cudaStream_t stream) : stream_(stream) {}

  template <typename Pass, typename Real>
  void Sum(const Block<Real>& block) const {
    const dim3 grid = GridOf(block.shape);
    auto* const parts = reinterpret_cast<Pair<Real>*>(block.workspace);
    SumParts<Pass><<<grid, dim3(kColumns, kLanes), 0, stream_>>>(block, parts);
    FinishSums<Pass><<<grid.x, kColumns, 0, stream_>>>(block, parts, static_cast<int>(grid.y));
  }

  template <typename Pass, typename Real>
  void Apply(const Block<Real>& block) const {
    ApplyToWindows<Pass><<<GridOf(block.shape), dim3(kColumns, kLanes), 0, stream_>>>(block);
  }

 private:
  const cudaStream_t stream_;
};

}  // namespace

void Launch(BlockRule rule, const Block<float>& block, cudaStream_t stream) {
  RunRule(rule, block, Executor(stream));
}
void Launch(BlockRule rule, const Block<double>& block, cudaStream_t stream) {
  RunRule(rule, block, Executor(stream));
}

}  // namespace outerloop::meta::cuda
