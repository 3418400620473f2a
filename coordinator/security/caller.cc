#include "coordinator/security/caller.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outerloop::coordinator {
namespace {

constexpr size_t kLongestName = 64;

bool IsName(std::string_view text) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("._@-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kLongestName &&
         std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kClient:
      return "client";
    case Role::kWorker:
      return "worker";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

absl::StatusOr<Caller> MakeCaller(std::string_view role, std::string_view name) {
  if (!IsName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a name has 1 to ", kLongestName, " characters of [A-Za-z0-9._@-]"));
  }
  for (const Role known : {Role::kClient, Role::kWorker, Role::kAdmin}) {
    if (role == RoleName(known)) return Caller{.role = known, .name = std::string(name)};
  }
  return absl::InvalidArgumentError("a role is client, worker or admin");
}

absl::StatusOr<Caller> CallerOfSpiffeId(std::string_view id) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(id), '/');
  const bool fits = parts.size() == 6 && parts[0] == "spiffe:" && parts[1].empty() &&
                    !parts[2].empty() && parts[3] == "outerloop";
  absl::StatusOr<Caller> caller =
      fits ? MakeCaller(parts[4], parts[5]) : absl::InvalidArgumentError("");
  if (caller.ok()) return caller;
  return absl::InvalidArgumentError(
      absl::StrCat("'", std::string(id), "' is not spiffe://DOMAIN/outerloop/ROLE/NAME with a ",
                   "role of client, worker or admin"));
}

}  // namespace outerloop::coordinator
