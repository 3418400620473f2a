// The rules of fused blocks on the CPU, one window after the other. For tests.
#ifndef OUTERLOOP_META_CUDA_BLOCK_TESTING_H_
#define OUTERLOOP_META_CUDA_BLOCK_TESTING_H_

#include "meta/cuda/block_rules.h"

namespace outerloop::meta::cuda {

class HostBlockKernels final : public BlockKernels {
 public:
  void Run(BlockRule rule, const Block<float>& block) const override {
    RunRule(rule, block, Executor());
  }
  void Run(BlockRule rule, const Block<double>& block) const override {
    RunRule(rule, block, Executor());
  }

 private:
  struct Executor {
    template <typename Pass, typename Real>
    void Sum(const Block<Real>& block) const {
      for (int column = 0; column < block.shape.columns; ++column) {
        Pair<Real> sum{};
        for (int window = 0; window < block.shape.windows(); ++window) {
          sum.Add(Pass::Terms(block, WindowAt(block.shape, window, column)));
        }
        Pass::Finish(block, column, sum);
      }
    }

    template <typename Pass, typename Real>
    void Apply(const Block<Real>& block) const {
      for (int window = 0; window < block.shape.windows(); ++window) {
        for (int column = 0; column < block.shape.columns; ++column) {
          Pass::Apply(block, WindowAt(block.shape, window, column));
        }
      }
    }
  };
};

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_BLOCK_TESTING_H_
