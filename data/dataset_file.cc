#include "data/dataset_file.h"

#include <cassert>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace outerloop::data {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kFormat = "outerloop.dataset.v1";

template <typename... Parts>
absl::Status Bad(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("data set file: ", parts...));
}

// The value of a metadata key; null if there is none.
const std::string* Metadata(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? nullptr : &found->second;
}

absl::Status CheckFormat(const SafetensorsFile& file) {
  const std::string* format = Metadata(file, "format");
  if (format == nullptr) return Bad("metadata has no `format`; expected '", kFormat, "'");
  if (*format != kFormat) return Bad("format is '", *format, "'; expected '", kFormat, "'");
  if (Metadata(file, "provenance") == nullptr) return Bad("metadata has no `provenance`");
  if (file.tensors.size() != 2) {
    return Bad("has ", file.tensors.size(), " tensors; expected `images` and `labels` alone");
  }
  return absl::OkStatus();
}

absl::StatusOr<const TensorView*> FindTensor(const SafetensorsFile& file, const std::string& name,
                                             TensorType type, size_t dimensions,
                                             absl::string_view expected) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) return Bad("has no tensor `", name, "`");
  const TensorView& tensor = found->second;
  if (tensor.type != type || tensor.shape.size() != dimensions) {
    return Bad("tensor `", name, "` is not ", expected);
  }
  for (const int64_t side : tensor.shape) {
    if (side < 1 || side > std::numeric_limits<int32_t>::max()) {
      return Bad("tensor `", name, "` has a dimension of ", side, "; 1 to 2^31 - 1 is allowed");
    }
  }
  return &tensor;
}

// The string `key` of an object; null if it has none.
const std::string* StringField(const Json& json, const char* key) {
  const auto field = json.find(key);
  return field == json.end() ? nullptr : field->get_ptr<const std::string*>();
}

// One element of `classes`: {"name": .., "origin": ..}, and perhaps "split".
std::optional<DatasetClass> ParseClass(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const std::string* name = StringField(json, "name");
  const std::string* origin = StringField(json, "origin");
  if (name == nullptr || origin == nullptr) return std::nullopt;
  DatasetClass parsed{.name = *name, .origin = *origin};
  if (!json.contains("split")) return parsed;
  const std::string* split = StringField(json, "split");
  parsed.split = split == nullptr ? v1::SPLIT_UNSPECIFIED : SplitOfName(*split);
  if (parsed.split == v1::SPLIT_UNSPECIFIED) return std::nullopt;
  return parsed;
}

// Names must be there and stand once.
absl::Status CheckNames(const std::vector<DatasetClass>& classes) {
  absl::flat_hash_set<absl::string_view> names;
  for (const DatasetClass& c : classes) {
    if (c.name.empty()) return Bad("a class has an empty name");
    if (!names.insert(c.name).second) return Bad("class '", c.name, "' stands twice");
  }
  return absl::OkStatus();
}

// All classes have a split, or none has.
absl::Status CheckSplits(const std::vector<DatasetClass>& classes) {
  const bool first_has = classes[0].split != v1::SPLIT_UNSPECIFIED;
  for (const DatasetClass& c : classes) {
    if ((c.split != v1::SPLIT_UNSPECIFIED) == first_has) continue;
    const std::string& without = first_has ? c.name : classes[0].name;
    return Bad("class '", without, "' has no split, but others have; give each one or none");
  }
  return absl::OkStatus();
}

absl::Status CheckClasses(const std::vector<DatasetClass>& classes) {
  if (classes.empty()) return Bad("has no class");
  RETURN_IF_ERROR(CheckNames(classes));
  return CheckSplits(classes);
}

absl::StatusOr<std::vector<DatasetClass>> ParseClasses(const SafetensorsFile& file) {
  const std::string* text = Metadata(file, "classes");
  if (text == nullptr) return Bad("metadata has no `classes`");
  const Json json = Json::parse(*text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!json.is_array()) return Bad("metadata `classes` is no JSON array");
  std::vector<DatasetClass> classes;
  for (const Json& element : json) {
    std::optional<DatasetClass> parsed = ParseClass(element);
    if (!parsed) {
      return Bad("classes[", classes.size(),
                 "] has no strings `name` and `origin`, or a `split` "
                 "other than train, validation and test");
    }
    classes.push_back(*std::move(parsed));
  }
  RETURN_IF_ERROR(CheckClasses(classes));
  return classes;
}

// Gives each class its run of rows. Labels are copied one by one: a file in any memory will do,
// aligned or not.
absl::Status AssignRows(std::span<const uint8_t> labels, std::vector<DatasetClass>& classes) {
  const size_t rows = labels.size() / sizeof(int32_t);
  int64_t previous = -1;
  for (size_t row = 0; row < rows; ++row) {
    int32_t label;
    std::memcpy(&label, labels.data() + row * sizeof(label), sizeof(label));
    if (label != previous && label != previous + 1) {
      return Bad("labels[", row, "] is ", label, " after ", previous,
                 "; labels must ascend from 0 without a gap");
    }
    if (label < 0 || static_cast<size_t>(label) >= classes.size()) {
      return Bad("labels[", row, "] is ", label, ", but there are ", classes.size(), " classes");
    }
    if (label != previous) classes[label].first_row = static_cast<uint32_t>(row);
    ++classes[label].examples;
    previous = label;
  }
  const size_t seen = static_cast<size_t>(previous + 1);
  if (seen == classes.size()) return absl::OkStatus();
  return Bad("class '", classes[seen].name, "' has no example");
}

// The `classes` metadata.
absl::StatusOr<std::string> ClassesJson(const std::vector<DatasetClass>& classes) {
  Json json = Json::array();
  for (const DatasetClass& c : classes) {
    Json& entry = json.emplace_back(Json{{"name", c.name}, {"origin", c.origin}});
    if (c.split != v1::SPLIT_UNSPECIFIED) entry["split"] = SplitName(c.split);
  }
  try {
    return json.dump();
  } catch (const Json::exception& e) {
    return Bad("a class name or origin is not UTF-8: ", e.what());
  }
}

std::vector<int32_t> LabelsOf(const DatasetIndex& index) {
  std::vector<int32_t> labels;
  labels.reserve(index.examples());
  for (size_t label = 0; label < index.classes.size(); ++label) {
    labels.insert(labels.end(), index.classes[label].examples, static_cast<int32_t>(label));
  }
  return labels;
}

absl::string_view AsBytes(const std::vector<int32_t>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(int32_t)};
}

}  // namespace

uint64_t DatasetIndex::examples() const {
  uint64_t sum = 0;
  for (const DatasetClass& c : classes) sum += c.examples;
  return sum;
}

bool DatasetIndex::has_splits() const {
  return !classes.empty() && classes[0].split != v1::SPLIT_UNSPECIFIED;
}

std::string SplitName(v1::Split split) {
  switch (split) {
    case v1::TRAIN:
      return "train";
    case v1::VALIDATION:
      return "validation";
    case v1::TEST:
      return "test";
    default:
      return "";
  }
}

v1::Split SplitOfName(const std::string& name) {
  for (const v1::Split split : {v1::TRAIN, v1::VALIDATION, v1::TEST}) {
    if (SplitName(split) == name) return split;
  }
  return v1::SPLIT_UNSPECIFIED;
}

v1::Split SplitOfWord(const std::string& word) {
  return word == "val" ? v1::VALIDATION : SplitOfName(word);
}

absl::StatusOr<std::string> DatasetPreamble(const DatasetIndex& index) {
  RETURN_IF_ERROR(CheckClasses(index.classes));
  for (const DatasetClass& c : index.classes) {
    if (c.examples == 0) return Bad("class '", c.name, "' has no image");
  }
  ASSIGN_OR_RETURN(std::string classes, ClassesJson(index.classes));
  const std::vector<int32_t> labels = LabelsOf(index);
  const int64_t rows = static_cast<int64_t>(labels.size());
  ASSIGN_OR_RETURN(
      const std::string preamble,
      SafetensorsPreamble(
          {{"images", {TensorType::kU8, {rows, index.channels, index.height, index.width}}},
           {"labels", {TensorType::kI32, {rows}}}},
          {{"format", std::string(kFormat)},
           {"classes", std::move(classes)},
           {"provenance", index.provenance}}));
  return absl::StrCat(preamble, AsBytes(labels));  // Larger elements come first.
}

absl::StatusOr<DatasetView> ParseDataset(std::span<const uint8_t> bytes) {
  ASSIGN_OR_RETURN(const SafetensorsFile file, ParseSafetensors(bytes));
  RETURN_IF_ERROR(CheckFormat(file));
  ASSIGN_OR_RETURN(const TensorView* images,
                   FindTensor(file, "images", TensorType::kU8, 4, "U8 [N, C, H, W]"));
  ASSIGN_OR_RETURN(const TensorView* labels,
                   FindTensor(file, "labels", TensorType::kI32, 1, "I32 [N]"));
  if (images->shape[0] != labels->shape[0]) {
    return Bad("has ", images->shape[0], " images but ", labels->shape[0], " labels");
  }
  DatasetView view;
  ASSIGN_OR_RETURN(view.index.classes, ParseClasses(file));
  RETURN_IF_ERROR(AssignRows(labels->bytes, view.index.classes));
  view.index.channels = static_cast<uint32_t>(images->shape[1]);
  view.index.height = static_cast<uint32_t>(images->shape[2]);
  view.index.width = static_cast<uint32_t>(images->shape[3]);
  view.index.provenance = *Metadata(file, "provenance");
  view.images = images->bytes;
  return view;
}

DatasetBuilder::DatasetBuilder(uint32_t channels, uint32_t height, uint32_t width) {
  index_.channels = channels;
  index_.height = height;
  index_.width = width;
}

void DatasetBuilder::AddClass(std::string name, std::string origin) {
  uint32_t row = 0;
  if (!index_.classes.empty()) {
    row = index_.classes.back().first_row + index_.classes.back().examples;
  }
  index_.classes.push_back(
      {.name = std::move(name), .origin = std::move(origin), .first_row = row});
}

void DatasetBuilder::AddImage(std::span<const uint8_t> pixels) {
  assert(!index_.classes.empty() && pixels.size() == index_.image_bytes());
  pixels_.insert(pixels_.end(), pixels.begin(), pixels.end());
  ++index_.classes.back().examples;
}

absl::Status DatasetBuilder::Write(std::string provenance, const ByteSink& sink) const {
  DatasetIndex index = index_;
  index.provenance = std::move(provenance);
  ASSIGN_OR_RETURN(const std::string preamble, DatasetPreamble(index));
  RETURN_IF_ERROR(sink(preamble));
  return sink({reinterpret_cast<const char*>(pixels_.data()), pixels_.size()});
}

}  // namespace outerloop::data
