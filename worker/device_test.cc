#include "worker/device.h"

#include "gtest/gtest.h"
#include "worker/device_name.h"

namespace outerloop::worker {
namespace {

TEST(DeviceNameTest, KnowsTheDevices) {
  for (const char* name : {"auto", "cpu", "cuda", "cuda:0", "cuda:12"}) {
    EXPECT_TRUE(IsDeviceName(name)) << name;
  }
  for (const char* name : {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:+1", "cuda:1x", "cuda0"}) {
    EXPECT_FALSE(IsDeviceName(name)) << name;
  }
  EXPECT_EQ(CudaNumber("cuda"), 0);
  EXPECT_EQ(CudaNumber("cuda:3"), 3);
  EXPECT_EQ(CudaNumber("cpu"), std::nullopt);
}

TEST(DeviceTest, StatesHowItRounds) {
  const auto device = SelectDevice("auto");
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->name(), "cpu");
  EXPECT_EQ(device->numerics.device(), "cpu");
  EXPECT_EQ(device->numerics.backend(), device->back_end.name());
  EXPECT_FALSE(device->numerics.capability().empty());
  EXPECT_FALSE(device->numerics.libtorch().empty());
}

TEST(DeviceTest, TakesTheKernelsWhereThereAreAnyUnlessTold) {
  const auto best = meta::cpu::BestInstructionSet();
  const std::string kernels = best ? meta::BackEnd(*best).name() : "aten";
  EXPECT_EQ(SelectDevice("cpu")->numerics.backend(), kernels);
  EXPECT_EQ(SelectDevice("cpu", "aten")->numerics.backend(), "aten");
  if (best) {
    EXPECT_EQ(SelectDevice("cpu", "cpu")->numerics.backend(), kernels);
  } else {
    EXPECT_TRUE(absl::IsFailedPrecondition(SelectDevice("cpu", "cpu").status()));
  }
}

TEST(DeviceTest, HasNoKernelsForGpusOnACpu) {
  EXPECT_TRUE(absl::IsFailedPrecondition(SelectDevice("cpu", "cuda").status()));
}

TEST(DeviceTest, SaysWhatToDoWhenABuildForTheCpuIsAskedForAGpu) {
  const auto device = SelectDevice("cuda:1");
  EXPECT_TRUE(absl::IsFailedPrecondition(device.status()));
  EXPECT_NE(device.status().message().find("outerloop-worker-cuda"), std::string::npos);
}

TEST(DeviceTest, RoundsProductsWhereItsHardwareDoesAlone) {
  const Device cpu = *SelectDevice("cpu");
  EXPECT_TRUE(CheckPrecision(v1::Training::FLOAT32, cpu).ok());
  EXPECT_TRUE(CheckPrecision(v1::Training::PRODUCT_PRECISION_UNSPECIFIED, cpu).ok());
  Device gpu = cpu;
  gpu.has_rounded_products = true;
  for (const auto precision : {v1::Training::TF32, v1::Training::BFLOAT16}) {
    EXPECT_TRUE(CheckPrecision(precision, gpu).ok());
    const absl::Status refused = CheckPrecision(precision, cpu);
    EXPECT_TRUE(absl::IsUnimplemented(refused)) << refused;
    EXPECT_NE(refused.message().find("training.product_precision"), std::string::npos);
    EXPECT_NE(refused.message().find("computes on cpu"), std::string::npos);
  }
}

}  // namespace
}  // namespace outerloop::worker
