#include "client/yaml_tree.h"

#include <sstream>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/yaml.h"

namespace outerloop::client {
namespace {

// JSON is UTF-8 or an error.
bool IsUtf8(const std::string& text) {
  try {
    nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

// yaml-cpp takes any other bytes for what they are not.
absl::Status CheckUtf8(const std::string& text, const std::string& source) {
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (!IsUtf8(std::string(line))) {
      return YamlError(absl::StrCat(source, ":", number), "", "not UTF-8");
    }
  }
  return absl::OkStatus();
}

// Where documents begin; hears of nothing else.
class DocumentStarts final : public YAML::EventHandler {
 public:
  int last_line() const { return last_line_; }

  void OnDocumentStart(const YAML::Mark& mark) override { last_line_ = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int last_line_ = 0;
};

// Not by LoadAll: of a text such as "," yaml-cpp 0.7 makes documents without end.
absl::Status CheckOneDocument(const std::string& text, const std::string& source) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts)) {
    return absl::OkStatus();
  }
  return YamlError(absl::StrCat(source, ":", starts.last_line()), "",
                   "a second document begins here; one is allowed");
}

// Copies a document of yaml-cpp into a tree.
class TreeBuilder {
 public:
  explicit TreeBuilder(const std::string& source) : source_(source) {}

  // `place` is where the value counts as written: a mapping's value at its key.
  absl::StatusOr<YamlNode> Build(const YAML::Node& node, const std::string& place,
                                 const std::string& path, int depth) {
    if (depth > kMaxYamlDepth) {
      return YamlError(place, path, absl::StrCat("more than ", kMaxYamlDepth, " levels deep"));
    }
    if (++nodes_ > kMaxYamlNodes) {
      return YamlError(place, path,
                       absl::StrCat("more than ", kMaxYamlNodes,
                                    " values, each use of an alias counted; write a smaller file"));
    }
    if (node.IsMap()) return BuildMapping(node, place, path, depth);
    if (node.IsSequence()) return BuildSequence(node, place, path, depth);
    YamlNode result = EmptyNode(YamlNode::Kind::kNull, place);
    if (node.IsScalar()) {
      result.kind = YamlNode::Kind::kScalar;
      result.scalar = node.Scalar();
    }
    return result;
  }

  std::string PlaceOf(const YAML::Node& node) const {
    return absl::StrCat(source_, ":", node.Mark().line + 1);
  }

 private:
  absl::StatusOr<YamlNode> BuildSequence(const YAML::Node& node, const std::string& place,
                                         const std::string& path, int depth) {
    YamlNode result = EmptyNode(YamlNode::Kind::kSequence, place);
    for (const YAML::Node& item : node) {
      const std::string item_path = absl::StrCat(path, "[", result.items.size(), "]");
      ASSIGN_OR_RETURN(YamlNode built, Build(item, PlaceOf(item), item_path, depth + 1));
      result.items.push_back(std::move(built));
    }
    return result;
  }

  absl::StatusOr<YamlNode> BuildMapping(const YAML::Node& node, const std::string& place,
                                        const std::string& path, int depth) {
    YamlNode result = EmptyNode(YamlNode::Kind::kMapping, place);
    absl::flat_hash_map<std::string, std::string> places;  // Of the keys so far.
    for (const auto& entry : node) {
      const std::string key_place = PlaceOf(entry.first);
      if (!entry.first.IsScalar()) {
        return YamlError(key_place, path, "a key must be the name of a field");
      }
      const std::string key = entry.first.Scalar();
      const auto [earlier, is_new] = places.try_emplace(key, key_place);
      if (!is_new) {
        return YamlError(key_place, JoinPath(path, key),
                         absl::StrCat("stands twice; the first is at ", earlier->second));
      }
      ASSIGN_OR_RETURN(YamlNode value,
                       Build(entry.second, key_place, JoinPath(path, key), depth + 1));
      result.entries.push_back({.key = key, .value = std::move(value)});
    }
    return result;
  }

  const std::string& source_;
  int nodes_ = 0;
};

}  // namespace

YamlNode EmptyNode(YamlNode::Kind kind, const std::string& place) {
  YamlNode node;
  node.kind = kind;
  node.place = place;
  return node;
}

absl::Status YamlError(const std::string& place, const std::string& path,
                       const std::string& message) {
  return absl::InvalidArgumentError(
      absl::StrCat(place, ": ", path, path.empty() ? "" : ": ", message));
}

std::string JoinPath(const std::string& path, const std::string& field) {
  return absl::StrCat(path, path.empty() ? "" : ".", field);
}

std::string ToFlow(const YamlNode& node) {
  const auto item = [](std::string* out, const YamlNode& of) { out->append(ToFlow(of)); };
  const auto entry = [](std::string* out, const YamlEntry& of) {
    absl::StrAppend(out, of.key, ": ", ToFlow(of.value));
  };
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "";
    case YamlNode::Kind::kScalar:
      return node.scalar;
    case YamlNode::Kind::kSequence:
      return absl::StrCat("[", absl::StrJoin(node.items, ", ", item), "]");
    case YamlNode::Kind::kMapping:
      return absl::StrCat("{", absl::StrJoin(node.entries, ", ", entry), "}");
  }
  return "";
}

absl::StatusOr<YamlNode> ParseYaml(const std::string& text, const std::string& source) {
  if (text.size() > kMaxYamlBytes) {
    return YamlError(source, "", absl::StrCat("more than ", kMaxYamlBytes, " bytes"));
  }
  RETURN_IF_ERROR(CheckUtf8(text, source));
  try {
    RETURN_IF_ERROR(CheckOneDocument(text, source));
    const YAML::Node document = YAML::Load(text);
    if (document.Mark().is_null()) return EmptyNode(YamlNode::Kind::kNull, source);
    TreeBuilder builder(source);
    return builder.Build(document, builder.PlaceOf(document), "", /*depth=*/1);
  } catch (const YAML::Exception& error) {
    const std::string line = error.mark.is_null() ? "" : absl::StrCat(":", error.mark.line + 1);
    return YamlError(absl::StrCat(source, line), "", absl::StrCat("not YAML: ", error.msg));
  }
}

}  // namespace outerloop::client
