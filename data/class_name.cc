#include "data/class_name.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outerloop::data {
namespace {

// Empty if `name` is not UTF-8.
std::string Map(const std::string& name, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                   static_cast<utf8proc_ssize_t>(name.size()), &mapped,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | options));
  if (size < 0) return "";
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return {reinterpret_cast<const char*>(mapped), static_cast<size_t>(size)};
}

}  // namespace

absl::StatusOr<std::string> NormaliseClassName(const std::string& name) {
  std::string normalised = Map(name, 0);
  if (!normalised.empty() || name.empty()) return normalised;
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(name), "' is not UTF-8; rename it"));
}

std::string FoldClassName(const std::string& normalised) {
  return Map(normalised, UTF8PROC_CASEFOLD);
}

}  // namespace outerloop::data
