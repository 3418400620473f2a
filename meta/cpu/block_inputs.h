// Where a block's inputs come from and their gradient goes, some images at a time.
#ifndef OUTERLOOP_META_CPU_BLOCK_INPUTS_H_
#define OUTERLOOP_META_CPU_BLOCK_INPUTS_H_

#include <cstdint>

namespace outerloop::meta::cpu {

struct ImageRange {
  int64_t first;
  int64_t count;
};

// Images are channels last. What is returned for a range is good until the next range. For one
// thread.
template <typename S>
class BlockInputs {
 public:
  virtual ~BlockInputs() = default;

  virtual const S* Values(ImageRange images) = 0;
  // After Values of the same range.
  virtual const S* Tangents(ImageRange images) = 0;

  // Where to write the gradient with respect to the inputs, or its tangent; after Values of the
  // same range. It is to be 0 where `mask`, if there is one, is not positive.
  struct GradientTarget {
    S* gradient;
    const S* mask;
  };
  virtual GradientTarget Gradient(ImageRange images) = 0;
  // The gradient of the range has been written.
  virtual void TakeGradient(ImageRange images) = 0;
};

// Inputs that are all in memory, at `size` values an image. Pointers that no rule asks for may be
// null.
template <typename S>
class StoredInputs final : public BlockInputs<S> {
 public:
  using GradientTarget = typename BlockInputs<S>::GradientTarget;

  StoredInputs(int64_t size, const S* values, const S* tangents, S* gradient)
      : size_(size), values_(values), tangents_(tangents), gradient_(gradient) {}

  const S* Values(ImageRange images) override { return values_ + images.first * size_; }
  const S* Tangents(ImageRange images) override { return tangents_ + images.first * size_; }
  GradientTarget Gradient(ImageRange images) override {
    return {gradient_ + images.first * size_, nullptr};
  }
  void TakeGradient(ImageRange images) override {}

 private:
  const int64_t size_;
  const S* const values_;
  const S* const tangents_;
  S* const gradient_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_BLOCK_INPUTS_H_
