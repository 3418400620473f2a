#include "worker/device_name.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace outerloop::worker {

std::optional<int> CudaNumber(const std::string& text) {
  absl::string_view digits = text;
  if (digits == "cuda") return 0;
  int number = 0;
  const bool valid = absl::ConsumePrefix(&digits, "cuda:") &&
                     std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
                     absl::SimpleAtoi(digits, &number);
  return valid ? std::optional<int>(number) : std::nullopt;
}

bool IsDeviceName(const std::string& text) {
  return text == "auto" || text == "cpu" || CudaNumber(text).has_value();
}

}  // namespace outerloop::worker
