#include "client/job_file.h"

#include <iostream>
#include <iterator>

#include "client/yaml_message.h"
#include "client/yaml_override.h"
#include "client/yaml_tree.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::client {

absl::StatusOr<v1::JobSpec> ParseJobSpec(const std::string& text, const std::string& source,
                                         std::span<const std::string> overrides) {
  ASSIGN_OR_RETURN(YamlNode tree, ParseYaml(text, source));
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
