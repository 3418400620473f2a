#include "data/split_file.h"

#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "common/string_view.h"
#include "common/suggest.h"
#include "data/class_name.h"
#include "data/class_split.h"
#include "nlohmann/json.hpp"

namespace outerloop::data {
namespace {

using Json = nlohmann::json;

template <typename... Parts>
absl::Status Bad(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

// Adds one class. `where` begins the message of an error.
absl::Status Add(const std::string& where, const std::string& name, const std::string& split_name,
                 SplitAssignment& splits) {
  const v1::Split split = SplitOfWord(split_name);
  if (split == v1::SPLIT_UNSPECIFIED) {
    return Bad(where, "'", split_name, "' is no split; give train, validation or test");
  }
  ASSIGN_OR_RETURN(std::string normalised, NormaliseClassName(name));
  const auto [place, is_new] = splits.emplace(std::move(normalised), split);
  if (is_new) return absl::OkStatus();
  return Bad(where, "class '", name, "' stands in ", SplitName(place->second),
             " already; a class may stand once only");
}

// Parses, and refuses an object with a key twice, of which the parser would keep the last.
absl::StatusOr<Json> ParseJson(std::string_view content) {
  std::set<std::string> keys;
  std::string repeated;
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys.insert(key).second) repeated = key;
    }
    return true;
  };
  Json json = Json::parse(content.begin(), content.end(), check, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return Bad("no valid JSON object");
  if (!repeated.empty()) return Bad("'", repeated, "' stands twice; once only is allowed");
  return json;
}

absl::StatusOr<SplitAssignment> ParseJsonSplits(std::string_view content) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(content));
  SplitAssignment splits;
  for (const auto& [key, value] : json.items()) {
    if (value.is_string()) {
      RETURN_IF_ERROR(
          Add(absl::StrCat("'", key, "': "), key, value.get_ref<const std::string&>(), splits));
      continue;
    }
    if (!value.is_array()) return Bad("'", key, "': must be a split, or a list of classes");
    for (const Json& name : value) {
      if (!name.is_string()) return Bad("'", key, "': must be a list of names");
      RETURN_IF_ERROR(
          Add(absl::StrCat("'", key, "': "), name.get_ref<const std::string&>(), key, splits));
    }
  }
  return splits;
}

// What the quotes of a CSV field hold; a doubled quote is one.
std::string Unquote(absl::string_view field) {
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return std::string(field);
  std::string text;
  for (size_t i = 1; i + 1 < field.size(); ++i) {
    text += field[i];
    if (field[i] == '"' && field[i + 1] == '"' && i + 2 < field.size()) ++i;
  }
  return text;
}

// A split has no comma, so the last one parts the line, whatever the class is named.
absl::StatusOr<SplitAssignment> ParseCsvSplits(std::string_view content) {
  SplitAssignment splits;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(AbslView(content), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || (number == 1 && absl::EqualsIgnoreCase(line, "class,split"))) continue;
    const std::string where = absl::StrCat("line ", number, ": ");
    const size_t comma = line.rfind(',');
    if (comma == line.npos) return Bad(where, "must be CLASS,SPLIT");
    const absl::string_view name = absl::StripAsciiWhitespace(line.substr(0, comma));
    const absl::string_view split = absl::StripAsciiWhitespace(line.substr(comma + 1));
    RETURN_IF_ERROR(Add(where, Unquote(name), Unquote(split), splits));
  }
  return splits;
}

}  // namespace

absl::StatusOr<SplitAssignment> ParseSplits(std::string_view content) {
  constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (absl::StartsWith(AbslView(content), kByteOrderMark)) {
    content.remove_prefix(kByteOrderMark.size());
  }
  const size_t first = content.find_first_not_of(" \t\r\n");
  if (first == content.npos) return Bad("names no class");
  return content[first] == '{' ? ParseJsonSplits(content) : ParseCsvSplits(content);
}

absl::StatusOr<SplitAssignment> DealSplits(const DatasetIndex& index,
                                           const SplitFractions& fractions, uint64_t seed) {
  const auto& [train, validation, test] = fractions;
  if (!(train >= 0 && validation >= 0 && test >= 0) ||
      !(std::abs(train + validation + test - 1) < 1e-6)) {
    return Bad("split fractions ", train, ", ", validation, ", ", test,
               ": each must be 0 or more, and their sum 1");
  }
  const auto classes = static_cast<double>(index.classes.size());
  v1::ClassSplit split;
  v1::RandomSplit& random = *split.mutable_random();
  random.set_seed(seed);
  random.set_train(static_cast<uint32_t>(std::lround(train * classes)));
  random.set_validation(static_cast<uint32_t>(std::lround((train + validation) * classes)) -
                        random.train());
  random.set_test(static_cast<uint32_t>(index.classes.size()) - random.train() -
                  random.validation());
  if (random.train() == 0) return Bad("split fractions: ", train, " leaves no class to train on");
  ASSIGN_OR_RETURN(const ClassSplits dealt, ResolveSplit(split, index));
  SplitAssignment splits;
  for (const v1::Split name : {v1::TRAIN, v1::VALIDATION, v1::TEST}) {
    for (const uint32_t number : dealt.of(name)) splits[index.classes[number].name] = name;
  }
  return splits;
}

absl::Status AssignSplits(const SplitAssignment& splits, DatasetIndex& index) {
  std::vector<std::string> names;
  for (DatasetClass& c : index.classes) {
    names.push_back(c.name);
    const auto split = splits.find(c.name);
    if (split == splits.end()) {
      return Bad("class '", c.name, "' is in no split; name every class, or take its folder away");
    }
    c.split = split->second;
  }
  const std::set<std::string> known(names.begin(), names.end());
  for (const auto& [name, split] : splits) {
    if (known.contains(name)) continue;
    return Bad("'", name, "' is no class of the data set", SuggestName(name, names));
  }
  return absl::OkStatus();
}

}  // namespace outerloop::data
