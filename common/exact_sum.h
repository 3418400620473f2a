// Sums of floats that do not depend on the order of the summands.
//
// A value is turned into 64-bit fixed point before anything is added to it; integer addition is
// associative, so any partition of the summands over workers, any reducer and any ring order give
// the same bits.
#ifndef OUTERLOOP_COMMON_EXACT_SUM_H_
#define OUTERLOOP_COMMON_EXACT_SUM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace outerloop {

// A vector of `size` sums and, behind them in the same buffer, the counts of summands that could
// not be added: what one all-reduce adds up over a group. Thread-compatible.
class ExactSum {
 public:
  // Resolution 2^-bits, 1 <= bits <= 62. At most `max_terms` summands (>= 1) will be added to an
  // element, over the whole group; each must be below 2^63 / (max_terms * 2^bits) in magnitude, so
  // that no sum can wrap. A larger one counts as an overflow.
  ExactSum(size_t size, int bits, uint64_t max_terms);

  size_t size() const { return words_.size() - 2; }

  // All sums and counts to zero.
  void Clear();

  // Adds values[i] to element first + i, rounding to nearest, ties to even. NaN, infinities and
  // overflows are left out and counted.
  void Add(size_t first, std::span<const float> values);
  void Add(size_t element, double value);

  // Adds the sums and counts of `other`, which has the same size and bits.
  void Merge(const ExactSum& other);

  // Element `i` times `factor`, in double.
  double Get(size_t i, double factor = 1.0) const;
  // out[i] = float(element(first + i) * factor), the product taken in double.
  void Get(size_t first, double factor, std::span<float> out) const;

  // Summands left out because they were NaN or infinite; because they were too large.
  int64_t non_finite() const { return words_[size()]; }
  int64_t overflows() const { return words_[size() + 1]; }

  // The whole buffer, counts included, for a reducer to add up in place.
  std::span<int64_t> words() { return words_; }
  std::span<const int64_t> words() const { return words_; }

 private:
  void AddBlock(int64_t* words, std::span<const float> values);
  void AddOne(int64_t& word, double value);
  void GetBlock(size_t first, double factor, std::span<float> out) const;

  double scale_;       // 2^bits
  double resolution_;  // 2^-bits
  double limit_;       // Largest magnitude of a scaled summand.
  std::vector<int64_t> words_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_EXACT_SUM_H_
