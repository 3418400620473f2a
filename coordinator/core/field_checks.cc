#include "coordinator/core/field_checks.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/core/identifier.h"

namespace outerloop::coordinator {
namespace {

constexpr size_t kLongestQuote = 80;

}  // namespace

std::string Quote(const std::string& text) {
  return absl::StrCat("'", absl::Utf8SafeCEscape(text.substr(0, kLongestQuote)), "'");
}

absl::Status CheckInteger(const std::string& path, uint64_t value, uint64_t min, uint64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return Refuse(path, absl::StrCat(value), absl::StrCat(min, " to ", max));
}

absl::Status CheckNumber(const std::string& path, double value, double min, double max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return Refuse(path, absl::StrCat(value), absl::StrCat(min, " to ", max));
}

absl::Status CheckLength(const std::string& path, const std::string& text, size_t min, size_t max) {
  if (text.size() >= min && text.size() <= max) return absl::OkStatus();
  return Refuse(path, Quote(text), absl::StrCat(min, " to ", max, " bytes of text"));
}

absl::Status CheckCount(const std::string& path, size_t count, size_t max) {
  if (count <= max) return absl::OkStatus();
  return Refuse(path, absl::StrCat("a list of ", count), absl::StrCat("at most ", max));
}

absl::Status CheckName(const std::string& path, const std::string& name) {
  constexpr char kAllowed[] = "1 to 63 characters of [a-z0-9-]";
  if (name.empty()) return Missing(path, kAllowed);
  return IsJobName(name) ? absl::OkStatus() : Refuse(path, Quote(name), kAllowed);
}

absl::Status CheckSplit(const std::string& path, v1::Split split) {
  constexpr char kAllowed[] = "one of TRAIN, VALIDATION, TEST";
  if (split == v1::SPLIT_UNSPECIFIED) return Missing(path, kAllowed);
  return v1::Split_IsValid(split) ? absl::OkStatus() : Refuse(path, absl::StrCat(split), kAllowed);
}

absl::Status CheckOneof(const std::string& path, const google::protobuf::Message& message) {
  const auto* oneof = message.GetDescriptor()->oneof_decl(0);
  if (message.GetReflection()->HasOneof(message, oneof)) return absl::OkStatus();
  std::vector<std::string> names;
  for (int i = 0; i < oneof->field_count(); ++i) names.push_back(oneof->field(i)->name());
  return Missing(path, "one of " + absl::StrJoin(names, ", "));
}

}  // namespace outerloop::coordinator
