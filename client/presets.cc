#include "client/presets.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/suggest.h"

namespace outerloop::client {

std::string_view Preset::summary() const {
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.substr(line.find_first_not_of("# "));
}

absl::StatusOr<Preset> FindPreset(const std::string& name) {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) {
    if (preset.name == name) return preset;
    names.emplace_back(preset.name);
  }
  return absl::NotFoundError(absl::StrCat("no preset '", name, "'", SuggestName(name, names)));
}

}  // namespace outerloop::client
