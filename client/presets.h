// Job files that are part of the program: published protocols, ready to submit.
#ifndef OUTERLOOP_CLIENT_PRESETS_H_
#define OUTERLOOP_CLIENT_PRESETS_H_

#include <span>
#include <string_view>

#include "absl/status/statusor.h"

namespace outerloop::client {

// One file of client/presets/.
struct Preset {
  std::string_view name;  // The file's name without ".yaml".
  std::string_view text;  // A job file. Its first line is a comment that says what it is.

  // That first line, without "# ".
  std::string_view summary() const;
};

// By name.
std::span<const Preset> Presets();

// NOT_FOUND, with the nearest name or all of them, if there is none called `name`.
absl::StatusOr<Preset> FindPreset(const std::string& name);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_PRESETS_H_
