#include "client/message_yaml.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/message_json.h"
#include "yaml-cpp/yaml.h"

namespace outerloop::client {
namespace {

// Strings that would read as something else, or that YAML treats specially, are quoted.
bool IsPlainWord(const std::string& text) {
  static constexpr std::array<std::string_view, 9> kSpecial = {"true", "false", "null", "yes", "no",
                                                               "on",   "off",   "y",    "n"};
  const std::string lower = absl::AsciiStrToLower(text);
  if (std::find(kSpecial.begin(), kSpecial.end(), lower) != kSpecial.end()) return false;
  const auto is_word = [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; };
  return !text.empty() && absl::ascii_isalpha(text[0]) &&
         std::all_of(text.begin(), text.end(), is_word);
}

void Emit(const Json& value, YAML::Emitter& out) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, member] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      Emit(member, out);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    const bool flow = value.empty() || value.front().is_primitive();
    if (flow) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const Json& item : value) Emit(item, out);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    if (!IsPlainWord(value.get<std::string>())) out << YAML::DoubleQuoted;
    out << value.get<std::string>();
  } else {
    out << value.dump();
  }
}

}  // namespace

std::string MessageToYaml(const google::protobuf::Message& message) {
  YAML::Emitter out;
  Emit(MessageToJson(message, JsonFields::kSet), out);
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace outerloop::client
