#include "client/terminal/format.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/proto_time.h"

namespace outerloop::client {
namespace {

// UTF-8: bytes 10xxxxxx continue a character.
bool StartsCharacter(char byte) { return (byte & 0xc0) != 0x80; }

}  // namespace

std::string FormatClock(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration + absl::Milliseconds(500));
  if (seconds < 3600) return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string FormatBytes(uint64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes) / 1024;
  for (const char* unit : {"KiB", "MiB", "GiB"}) {
    if (value < 1024) return absl::StrFormat("%.1f %s", value, unit);
    value /= 1024;
  }
  return absl::StrFormat("%.1f TiB", value);
}

std::string FormatNumber(double value) {
  const bool is_large = std::abs(value) >= 1000 && std::abs(value) < 1e6;
  return is_large ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.4g", value);
}

std::string FormatTimestamp(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", FromTimestamp(time), absl::LocalTimeZone());
}

size_t DisplayWidth(const std::string& text) {
  size_t width = 0;
  for (char byte : text) width += StartsCharacter(byte) ? 1 : 0;
  return width;
}

std::string CutToWidth(const std::string& text, size_t columns) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (StartsCharacter(text[i]) && ++width > columns) return text.substr(0, i);
  }
  return text;
}

}  // namespace outerloop::client
