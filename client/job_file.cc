#include "client/job_file.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

#include "client/presets.h"
#include "client/yaml_merge.h"
#include "client/yaml_message.h"
#include "client/yaml_override.h"
#include "client/yaml_tree.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

constexpr char kExtends[] = "extends";
// Presets that each extend another.
constexpr int kMaxExtensions = 8;

absl::StatusOr<YamlNode> Extend(YamlNode tree, int extensions);

// `node` names the preset.
absl::StatusOr<YamlNode> ParseExtended(const YamlNode& node, int extensions) {
  const auto preset = FindPreset(node.scalar);
  if (!preset.ok()) return YamlError(node.place, kExtends, std::string(preset.status().message()));
  if (extensions == kMaxExtensions) return YamlError(node.place, kExtends, "too deep");
  ASSIGN_OR_RETURN(YamlNode tree,
                   ParseYaml(std::string(preset->text), "preset " + std::string(preset->name)));
  return Extend(std::move(tree), extensions + 1);
}

absl::StatusOr<YamlNode> Extend(YamlNode tree, int extensions) {
  const auto extends = std::find_if(tree.entries.begin(), tree.entries.end(),
                                    [](const YamlEntry& entry) { return entry.key == kExtends; });
  if (extends == tree.entries.end()) return tree;
  ASSIGN_OR_RETURN(YamlNode base, ParseExtended(extends->value, extensions));
  tree.entries.erase(extends);
  MergeYaml(*v1::JobSpec::descriptor(), tree, base);
  return base;
}

}  // namespace

absl::StatusOr<YamlNode> ExtendPreset(YamlNode tree) {
  return Extend(std::move(tree), /*extensions=*/0);
}

absl::StatusOr<v1::JobSpec> ParseJobSpec(const std::string& text, const std::string& source,
                                         std::span<const std::string> overrides) {
  ASSIGN_OR_RETURN(YamlNode tree, ParseYaml(text, source));
  ASSIGN_OR_RETURN(tree, ExtendPreset(std::move(tree)));
  for (const std::string& assignment : overrides) {
    RETURN_IF_ERROR(ApplyOverride(*v1::JobSpec::descriptor(), assignment, tree));
  }
  v1::JobSpec spec;
  RETURN_IF_ERROR(YamlToMessage(tree, spec));
  return spec;
}

absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path,
                                        std::span<const std::string> overrides) {
  if (path == "-") {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    return ParseJobSpec(text, "standard input", overrides);
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseJobSpec(text, path, overrides);
}

}  // namespace outerloop::client
