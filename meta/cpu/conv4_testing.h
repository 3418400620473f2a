// Four-block networks of all forms, for tests that hold the kernels to LibTorch's layers.
#ifndef OUTERLOOP_META_CPU_CONV4_TESTING_H_
#define OUTERLOOP_META_CPU_CONV4_TESTING_H_

#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/conv4.h"
#include "torch/torch.h"

namespace outerloop::meta::cpu {

struct Conv4Case {
  const char* name;
  Conv4Options options;
  int64_t images;
  int64_t tasks = 2;
  // Large ones have so many maxima and ReLUs that one always turns under rounding.
  bool has_stable_tasks = true;
};

inline std::ostream& operator<<(std::ostream& out, const Conv4Case& c) { return out << c.name; }

inline const Conv4Case kConv4Cases[] = {
    {"Omniglot5Way", {}, /*images=*/5},
    {"Filters32", {.filters = 32, .ways = 7}, /*images=*/7},
    {"Filters48Ways20", {.height = 20, .width = 13, .filters = 48, .ways = 20}, /*images=*/11},
    {"Filters16TwoImages", {.height = 17, .width = 17, .filters = 16, .ways = 2}, /*images=*/2},
    {"Colour84", {.channels = 3, .height = 84, .width = 84, .filters = 32, .ways = 5}, 3, 1},
    {"Pooled28", {.filters = 16, .ways = 5, .pooling = Pooling::kMax}, /*images=*/5},
    {"PooledOddSizes",
     {.channels = 2, .height = 17, .width = 31, .filters = 48, .ways = 7, .pooling = Pooling::kMax},
     /*images=*/3},
    {"PooledColour44",
     {.channels = 3, .height = 44, .width = 44, .filters = 32, .ways = 5, .pooling = Pooling::kMax},
     /*images=*/2,
     /*tasks=*/1,
     /*has_stable_tasks=*/false},
};

// Every network with every instruction set; skips those that the CPU has not.
class Conv4Test : public testing::TestWithParam<std::tuple<Conv4Case, InstructionSet>> {
 protected:
  void SetUp() override {
    if (!IsAvailable(instruction_set())) GTEST_SKIP() << "not on this CPU";
    at::set_num_threads(1);  // More would only wait for each other.
    torch::manual_seed(4);
    MakeNetworks();
  }
  // Both back ends' of one network, and `parameters_`.
  virtual void MakeNetworks() = 0;

  const Conv4Case& c() const { return std::get<0>(GetParam()); }
  const Conv4Options& options() const { return c().options; }
  int64_t tasks() const { return c().tasks; }
  InstructionSet instruction_set() const { return std::get<1>(GetParam()); }

  void MoveApart(const torch::Tensor& initial) {
    parameters_ = initial + 0.1 * torch::randn({tasks(), initial.size(0)}, torch::kDouble);
  }

  torch::Tensor Images() const {
    return torch::rand({tasks(), c().images, options().channels, options().height, options().width},
                       torch::kDouble);
  }
  torch::Tensor Labels() const {
    return torch::randint(options().ways, {tasks(), c().images}, torch::kLong);
  }

  torch::Tensor parameters_;  // [T, P] in double precision, different for every task.
};

// The tasks of `tasks` [T, ...] one after the other, again and again, until there are `count`.
inline torch::Tensor RepeatTasks(const torch::Tensor& tasks, int64_t count) {
  std::vector<int64_t> times(static_cast<size_t>(tasks.dim()), 1);
  times[0] = (count + tasks.size(0) - 1) / tasks.size(0);
  return tasks.repeat(times);
}

inline auto AllConv4Cases() {
  return testing::Combine(testing::ValuesIn(kConv4Cases),
                          testing::Values(InstructionSet::kAvx2, InstructionSet::kAvx512));
}

inline std::string NameOfConv4Case(
    const testing::TestParamInfo<std::tuple<Conv4Case, InstructionSet>>& info) {
  const bool wide = std::get<1>(info.param) == InstructionSet::kAvx512;
  return std::string(std::get<0>(info.param).name) + (wide ? "Avx512" : "Avx2");
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CONV4_TESTING_H_
