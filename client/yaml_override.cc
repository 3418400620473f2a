#include "client/yaml_override.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/message_fields.h"
#include "client/yaml_fields.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

// "name[index]" of a path.
struct PathStep {
  std::string text;
  std::string field;
  int index = -1;  // -1: none given.
};

absl::StatusOr<PathStep> ParseStep(const std::string& text) {
  const size_t bracket = text.find('[');
  PathStep step{.text = std::string(text), .field = text.substr(0, bracket)};
  if (bracket != std::string::npos) {
    const std::string index = text.substr(bracket + 1, text.size() - bracket - 2);
    if (text.back() != ']' || !absl::SimpleAtoi(index, &step.index) || step.index < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", text, "' is no item of a list; write e.g. evaluations[0]"));
    }
  }
  return step;
}

// Carries out one assignment, whose text is `place`.
class Override {
 public:
  Override(std::string place, YamlNode value) : place_(std::move(place)), value_(value) {}

  absl::Status Apply(const Descriptor& type, std::span<const PathStep> steps,
                     const std::string& path, YamlNode& message) {
    RETURN_IF_ERROR(Become(YamlNode::Kind::kMapping, "a mapping", path, message));
    const PathStep& step = steps.front();
    const auto found = FindField(type, step.field);
    if (!found.ok()) {
      return YamlError(place_, JoinPath(path, step.text), std::string(found.status().message()));
    }
    const FieldDescriptor& field = **found;
    YamlNode* node = &TakeField(message, field, place_);
    if (steps.size() == 1 && step.index < 0 && value_.kind == YamlNode::Kind::kNull) {
      RemoveField(message, field);
      return absl::OkStatus();
    }
    const std::string field_path = JoinPath(path, step.text);
    if (step.index >= 0) {
      RETURN_IF_ERROR(SelectItem(field, step.index, field_path, node));
    }
    if (steps.size() == 1) {
      *node = value_;
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckHasFields(field, step, field_path));
    return Apply(*field.message_type(), steps.subspan(1), field_path, *node);
  }

 private:
  // A null becomes an empty `kind`; anything else must be one already.
  absl::Status Become(YamlNode::Kind kind, const std::string& what, const std::string& path,
                      YamlNode& node) {
    if (node.kind == YamlNode::Kind::kNull) node.kind = kind;
    if (node.kind == kind) return absl::OkStatus();
    return YamlError(place_, path, absl::StrCat("what stands at ", node.place, " is not ", what));
  }

  absl::Status SelectItem(const FieldDescriptor& field, int index, const std::string& path,
                          YamlNode*& node) {
    if (!field.is_repeated()) return YamlError(place_, path, "is not a list");
    RETURN_IF_ERROR(Become(YamlNode::Kind::kSequence, "a list", path, *node));
    const int size = static_cast<int>(node->items.size());
    if (index > size) {
      return YamlError(place_, path,
                       absl::StrCat("the list has ", size, " items; allowed: 0 to ", size));
    }
    if (index == size) node->items.push_back(EmptyNode(YamlNode::Kind::kNull, place_));
    node = &node->items[index];
    return absl::OkStatus();
  }

  absl::Status CheckHasFields(const FieldDescriptor& field, const PathStep& step,
                              const std::string& path) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return YamlError(place_, path, "has no fields of its own");
    }
    if (field.is_repeated() && step.index < 0) {
      return YamlError(place_, path, absl::StrCat("is a list; say which item, e.g. ", path, "[0]"));
    }
    return absl::OkStatus();
  }

  const std::string place_;
  const YamlNode value_;
};

void SetPlace(const std::string& place, YamlNode& node) {
  node.place = place;
  for (YamlNode& item : node.items) SetPlace(place, item);
  for (YamlEntry& entry : node.entries) SetPlace(place, entry.value);
}

}  // namespace

absl::Status ApplyOverride(const Descriptor& type, const std::string& assignment, YamlNode& root) {
  const std::string place = absl::StrCat("--set ", assignment);
  const size_t equals = assignment.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return YamlError(place, "", "must be PATH=VALUE, e.g. training.steps=100");
  }
  ASSIGN_OR_RETURN(YamlNode value, ParseYaml(assignment.substr(equals + 1), place));
  SetPlace(place, value);
  return SetField(type, assignment.substr(0, equals), value, place, root);
}

absl::Status SetField(const Descriptor& type, const std::string& path, const YamlNode& value,
                      const std::string& place, YamlNode& root) {
  std::vector<PathStep> steps;
  for (absl::string_view part : absl::StrSplit(path, '.')) {
    const auto step = ParseStep(std::string(part));
    if (!step.ok()) return YamlError(place, "", std::string(step.status().message()));
    steps.push_back(*step);
  }
  return Override(place, value).Apply(type, steps, "", root);
}

}  // namespace outerloop::client
