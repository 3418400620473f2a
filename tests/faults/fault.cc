#include "tests/faults/fault.h"

#include <cstdlib>
#include <map>
#include <regex>

#include "absl/strings/str_cat.h"

namespace outerloop::tests {

absl::StatusOr<Fault> Fault::Parse(const std::string& text) {
  static const std::map<std::string, Action> kActions = {{"KILL", Action::kKill},
                                                         {"STOP", Action::kStop},
                                                         {"TERM", Action::kTerm},
                                                         {"HANG", Action::kHang}};
  static const std::regex kForm("([A-Z]+)(?:@([0-9]+))?(?:#([0-9]+))?=([A-Z]+)");
  std::smatch parts;
  Fault fault;
  if (!std::regex_match(text, parts, kForm) ||
      !v1::Heartbeat::Phase_Parse(parts[1], &fault.phase) || !kActions.contains(parts[4])) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is not PHASE[@STEP][#COUNT]=KILL, STOP, TERM or HANG"));
  }
  if (parts[2].matched) fault.step = std::strtoull(parts[2].str().c_str(), nullptr, 10);
  if (parts[3].matched) {
    fault.count = static_cast<uint32_t>(std::strtoul(parts[3].str().c_str(), nullptr, 10));
  }
  fault.action = kActions.at(parts[4]);
  return fault;
}

}  // namespace outerloop::tests
