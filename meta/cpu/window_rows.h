// Which rows an activation is of: loops over windows, and the largest value of one. For files
// compiled for one instruction set.
#ifndef OUTERLOOP_META_CPU_WINDOW_ROWS_H_
#define OUTERLOOP_META_CPU_WINDOW_ROWS_H_

#include <cstdint>
#include <type_traits>

#include "meta/cpu/channel_sums.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/tiles.h"

namespace outerloop::meta::cpu {

// The rows of a window in reading order, and the row of its activation. kSize is 1 (every row has
// an activation of its own) or 4 (2x2).
template <int kSize>
struct WindowRows {
  int64_t rows[kSize];
  int64_t activation;
};

// Calls body(integral_constant<int, kSize>) for the windows that `windows` describes.
template <class Body>
[[gnu::always_inline]] inline void WithWindowSize(const Windows& windows, const Body& body) {
  if (windows.width == 0) {
    body(std::integral_constant<int, 1>());
  } else {
    body(std::integral_constant<int, 4>());
  }
}

// Windows side by side, whose sums are taken together.
template <int kSize>
struct WindowBand {
  int64_t row;         // The first of the first window.
  int64_t activation;  // Of the first window.
  int64_t count;       // Of windows.
  int64_t width;       // Of the image.

  [[gnu::always_inline]] WindowRows<kSize> operator[](int64_t i) const {
    if constexpr (kSize == 1) {
      return {{row + i}, activation + i};
    } else {
      const int64_t first = row + 2 * i;
      return {{first, first + 1, first + width, first + width + 1}, activation + i};
    }
  }
};

// Calls body(band) for all windows of `rows` rows.
template <int kSize, class Body>
[[gnu::always_inline]] inline void ForEachBand(int64_t rows, const Windows& windows,
                                               const Body& body) {
  if constexpr (kSize == 1) {
    for (int64_t first = 0; first < rows; first += kRowsSummedTogether) {
      const int64_t rest = rows - first;
      const int64_t count = rest < kRowsSummedTogether ? rest : kRowsSummedTogether;
      body(WindowBand<1>{first, first, count, 0});
    }
  } else {
    const int64_t height = windows.height, width = windows.width;
    int64_t activation = 0;
    for (int64_t image = 0; image < rows; image += height * width) {
      for (int64_t y = 0; y + 1 < height; y += 2, activation += width / 2) {
        body(WindowBand<4>{image + y * width, activation, width / 2, width});
      }
    }
  }
}

// Calls body(window) for all of them.
template <int kSize, class Body>
[[gnu::always_inline]] inline void ForEachWindow(int64_t rows, const Windows& windows,
                                                 const Body& body) {
  ForEachBand<kSize>(rows, windows, [&](const auto& band) {
    for (int64_t i = 0; i < band.count; ++i) body(band[i]);
  });
}

// Calls body(row) for the rows in no window: an odd last column or row of an image.
template <int kSize, class Body>
[[gnu::always_inline]] inline void ForEachRowOutside(int64_t rows, const Windows& windows,
                                                     const Body& body) {
  if constexpr (kSize == 1) return;
  const int64_t height = windows.height, width = windows.width;
  const int64_t even_height = height / 2 * 2, even_width = width / 2 * 2;
  for (int64_t image = 0; image < rows; image += height * width) {
    for (int64_t y = 0; y < even_height && even_width < width; ++y) {
      body(image + y * width + even_width);
    }
    for (int64_t x = 0; x < width && even_height < height; ++x) {
      body(image + even_height * width + x);
    }
  }
}

// Calls add(window, j, sums) for all windows, j < kRow.
template <class V, int kRow, int kSize, class Add>
[[gnu::always_inline]] inline ChannelSums<V, kRow> SumOverWindows(int64_t rows,
                                                                  const Windows& windows,
                                                                  const Add& add) {
  ChannelSums<V, kRow> total;
  total.SetZero();
  ForEachBand<kSize>(rows, windows, [&](const auto& band) {
    ChannelSums<V, kRow> sums;
    sums.SetZero();
    for (int64_t i = 0; i < band.count; ++i) {
      const WindowRows<kSize> window = band[i];
      for (int j = 0; j < kRow; ++j) add(window, j, sums);
    }
    total.Add(sums);
  });
  return total;
}

// The y of a window's rows, lane by lane, and of which row the largest is: the first of equals.
template <class V, int kSize>
struct Largest {
  using Register = typename V::Register;

  Register values[kSize];
  Register so_far[kSize];  // The largest of values[0] .. values[k].

  [[gnu::always_inline]] explicit Largest(const Register (&y)[kSize]) {
    for (int k = 0; k < kSize; ++k) {
      values[k] = y[k];
      if (k == 0) {
        so_far[k] = y[k];
      } else {
        so_far[k] = y[k] > so_far[k - 1] ? y[k] : so_far[k - 1];
      }
    }
  }

  [[gnu::always_inline]] Register value() const { return so_far[kSize - 1]; }

  // Of one value for each row, that of the largest y.
  [[gnu::always_inline]] Register Select(const Register (&of_rows)[kSize]) const {
    Register selected = of_rows[0];
    for (int k = 1; k < kSize; ++k) {
      selected = values[k] > so_far[k - 1] ? of_rows[k] : selected;
    }
    return selected;
  }

  // `value` for the row of the largest y, 0 for the others.
  [[gnu::always_inline]] void Spread(Register value, Register (&to_rows)[kSize]) const {
    const Register zero{};
    for (int k = kSize - 1; k > 0; --k) {
      to_rows[k] = values[k] > so_far[k - 1] ? value : zero;
      value = values[k] > so_far[k - 1] ? zero : value;
    }
    to_rows[0] = value;
  }
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_WINDOW_ROWS_H_
