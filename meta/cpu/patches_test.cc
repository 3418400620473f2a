#include "meta/cpu/patches.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/instruction_set.h"

namespace outerloop::meta::cpu {
namespace {

class PatchesTest : public testing::Test {
 protected:
  static constexpr int64_t kImages = 3;

  void SetUp() override {
    if (!BestInstructionSet()) GTEST_SKIP() << "no kernels for this CPU";
    kernels_ = &KernelsFor<double>(*BestInstructionSet());
    shape_ = {.channels = 3, .image = {7, 6}, .stride = 2, .lanes = kernels_->lanes};
    std::mt19937 generator(3);
    std::uniform_real_distribution<double> uniform(0, 1);
    images_.resize(kImages * shape_.channels * shape_.image.pixels());
    for (double& value : images_) value = uniform(generator);
  }

  // The value of the image, or the padding, that column `value` of row `row` shows.
  double Seen(int64_t row, int64_t value) const {
    const ImageSize out = shape_.outputs(), in = shape_.image;
    const int64_t image = row / out.pixels(), pixel = row % out.pixels();
    const int64_t tap = value / shape_.channels, channel = value % shape_.channels;
    const int64_t y = pixel / out.width * shape_.stride - 1 + tap / 3;
    const int64_t x = pixel % out.width * shape_.stride - 1 + tap % 3;
    if (y < 0 || y >= in.height || x < 0 || x >= in.width) return 0;
    return images_[((image * shape_.channels + channel) * in.height + y) * in.width + x];
  }

  double Mean(int64_t value) const {
    double sum = 0;
    for (int64_t row = 0; row < rows(); ++row) sum += Seen(row, value);
    return sum / static_cast<double>(rows());
  }
  int64_t rows() const { return kImages * shape_.outputs().pixels(); }

  const Kernels<double>* kernels_ = nullptr;
  PatchShape shape_;
  std::vector<double> images_;
};

TEST_F(PatchesTest, AreCentredWithAOneAtTheEnd) {
  const auto patches = ExtractPatches(shape_, *kernels_, images_.data(), kImages);
  for (int64_t row = 0; row < rows(); ++row) {
    const double* const actual = patches.rows.data() + row * shape_.row_size();
    for (int64_t value = 0; value < shape_.values(); ++value) {
      EXPECT_NEAR(actual[value], Seen(row, value) - Mean(value), 1e-14);
    }
    EXPECT_EQ(actual[shape_.values()], 1);
    for (int64_t i = shape_.values() + 1; i < shape_.row_size(); ++i) EXPECT_EQ(actual[i], 0);
  }
}

TEST_F(PatchesTest, HaveTheCovarianceOfTheirValues) {
  const auto patches = ExtractPatches(shape_, *kernels_, images_.data(), kImages);
  for (int64_t a = 0; a < shape_.values(); ++a) {
    for (int64_t b = 0; b < shape_.values(); ++b) {
      double sum = 0;
      for (int64_t row = 0; row < rows(); ++row) {
        sum += (Seen(row, a) - Mean(a)) * (Seen(row, b) - Mean(b));
      }
      EXPECT_NEAR(patches.covariance[a * shape_.row_size() + b], sum / rows(), 1e-14);
    }
  }
}

TEST_F(PatchesTest, TakeTheMeanOfAnotherBatch) {
  const auto batch = ExtractPatches(shape_, *kernels_, images_.data(), kImages);
  const auto first = ExtractPatches(shape_, *kernels_, images_.data(), 1, &batch.mean);
  for (int64_t i = 0; i < first.rows.size(); ++i) EXPECT_EQ(first.rows[i], batch.rows[i]);
}

}  // namespace
}  // namespace outerloop::meta::cpu
