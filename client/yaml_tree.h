// A YAML document as a plain tree that remembers where each value was written.
#ifndef OUTERLOOP_CLIENT_YAML_TREE_H_
#define OUTERLOOP_CLIENT_YAML_TREE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace outerloop::client {

struct YamlEntry;

// One value. Nothing is shared: an alias is a copy of what it stands for.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  std::string scalar;              // Of kScalar.
  std::vector<YamlNode> items;     // Of kSequence.
  std::vector<YamlEntry> entries;  // Of kMapping, in the order of the text; keys are unique.
  std::string place;               // "job.yaml:12", or the --set it came from.
};

struct YamlEntry {
  std::string key;
  YamlNode value;
};

// A value without content.
YamlNode EmptyNode(YamlNode::Kind kind, const std::string& place);

// For people to read, on one line: "0.1", "[8, 8]", "{hidden: [8, 8]}".
std::string ToFlow(const YamlNode& node);

// What a document may be at most. Aliases count as often as they are used, so that a few lines of
// them cannot stand for billions of values.
inline constexpr size_t kMaxYamlBytes = 1 << 20;
inline constexpr int kMaxYamlDepth = 64;
inline constexpr int kMaxYamlNodes = 20000;

// `source` names the text in places and errors, e.g. the file. INVALID_ARGUMENT with the line
// unless `text` is one document in UTF-8 within the limits, whose mappings have plain keys that
// stand once. An empty text is a null node.
absl::StatusOr<YamlNode> ParseYaml(const std::string& text, const std::string& source);

// INVALID_ARGUMENT "PLACE: PATH: MESSAGE", the form of every error about a YAML text; the path of
// the whole document is "".
absl::Status YamlError(const std::string& place, const std::string& path,
                       const std::string& message);

// The path of a mapping's or message's field.
std::string JoinPath(const std::string& path, const std::string& field);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_YAML_TREE_H_
