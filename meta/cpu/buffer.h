// Memory for kernels.
#ifndef OUTERLOOP_META_CPU_BUFFER_H_
#define OUTERLOOP_META_CPU_BUFFER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>

namespace outerloop::meta::cpu {

// `size` values of S, aligned to the widest registers, uninitialised. Movable; empty when moved
// from or made without a size.
template <typename S>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(int64_t size)
      : values_(static_cast<S*>(
            ::operator new(static_cast<size_t>(size) * sizeof(S), std::align_val_t(kAlignment)))),
        size_(size) {}

  S* data() const { return values_.get(); }
  int64_t size() const { return size_; }
  S& operator[](int64_t index) const { return values_.get()[index]; }
  void Fill(S value) { std::fill_n(data(), size_, value); }

 private:
  static constexpr size_t kAlignment = 64;

  struct Free {
    void operator()(S* values) const { ::operator delete(values, std::align_val_t(kAlignment)); }
  };

  std::unique_ptr<S, Free> values_;
  int64_t size_ = 0;
};

// `size` rounded up to a multiple of `step`.
inline int64_t RoundUp(int64_t size, int64_t step) { return (size + step - 1) / step * step; }

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_BUFFER_H_
