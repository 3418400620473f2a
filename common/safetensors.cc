#include "common/safetensors.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/safetensors_header.h"
#include "common/status_macros.h"
#include "common/string_view.h"
#include "nlohmann/json.hpp"

namespace outerloop {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxHeaderBytes = 100'000'000;  // As in the format's reference library.
constexpr size_t kDataAlignment = 64;

struct TypeInfo {
  TensorType type;
  std::string_view name;
  size_t bytes;
};
constexpr TypeInfo kTypes[] = {{TensorType::kU8, "U8", 1},
                               {TensorType::kI32, "I32", 4},
                               {TensorType::kI64, "I64", 8},
                               {TensorType::kF32, "F32", 4},
                               {TensorType::kF64, "F64", 8}};

const TypeInfo& InfoOf(TensorType type) { return kTypes[static_cast<size_t>(type)]; }

absl::StatusOr<TensorType> TypeOf(std::string_view name) {
  for (const TypeInfo& info : kTypes) {
    if (info.name == name) return info.type;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("dtype ", QuoteTensorName(name), ": must be one of U8, I32, I64, F32, F64"));
}

absl::Status TensorError(std::string_view name, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("safetensors: tensor ", QuoteTensorName(name), ": ", AbslView(why)));
}

// None if a dimension is negative or the product does not fit.
std::optional<int64_t> BytesOf(TensorType type, const std::vector<int64_t>& shape) {
  int64_t bytes = static_cast<int64_t>(SizeOf(type));
  for (const int64_t dimension : shape) {
    if (dimension < 0 || __builtin_mul_overflow(bytes, dimension, &bytes)) return std::nullopt;
  }
  return bytes;
}

// The two parts of a file.
struct Parts {
  std::string_view header;
  std::span<const uint8_t> data;
  size_t data_start;  // Where `data` begins in the file.
};

absl::StatusOr<Parts> Split(std::span<const uint8_t> bytes) {
  if (bytes.size() < kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "safetensors: ", bytes.size(), " bytes are too few for the header's length; truncated?"));
  }
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length |= uint64_t{bytes[i]} << (8 * i);
  if (length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("safetensors: a header of ", length, " bytes, in a file of ", bytes.size(),
                     " (at most ", kMaxHeaderBytes, "); truncated, or another format?"));
  }
  const auto header = bytes.subspan(kLengthBytes, length);
  const size_t data_start = kLengthBytes + length;
  return Parts{{reinterpret_cast<const char*>(header.data()), header.size()},
               bytes.subspan(data_start),
               data_start};
}

// The tensor that `entry` describes, which must begin at `position` in the data.
absl::StatusOr<TensorView> ViewOf(SafetensorsHeader::Tensor entry, const Parts& parts,
                                  int64_t position) {
  const absl::StatusOr<TensorType> type = TypeOf(entry.dtype);
  if (!type.ok()) return TensorError(entry.name, std::string(type.status().message()));
  const int64_t begin = entry.data_offsets[0];
  const int64_t end = entry.data_offsets[1];
  const std::string where = absl::StrCat("data_offsets [", begin, ", ", end, "]: ");
  if (begin != position) {
    return TensorError(entry.name, absl::StrCat(where,
                                                "overlap another tensor or leave a gap; must "
                                                "begin at ",
                                                position));
  }
  if (end < begin || end > static_cast<int64_t>(parts.data.size())) {
    return TensorError(entry.name, absl::StrCat(where, "must end at or after their begin, within ",
                                                parts.data.size(), " bytes of data; truncated?"));
  }
  if (BytesOf(*type, entry.shape) != end - begin) {
    return TensorError(entry.name, absl::StrCat(where, "do not fit the tensor's shape and dtype"));
  }
  if ((parts.data_start + begin) % SizeOf(*type) != 0) {
    return TensorError(entry.name, absl::StrCat(where,
                                                "not aligned for its dtype; write the file "
                                                "with a current library"));
  }
  return TensorView{*type, std::move(entry.shape), parts.data.subspan(begin, end - begin)};
}

// By place, empty tensors before the one that begins where they do.
bool StandsBefore(const SafetensorsHeader::Tensor& a, const SafetensorsHeader::Tensor& b) {
  return a.data_offsets < b.data_offsets;
}

// The entries of a map of views or layouts by name, from the largest elements to the smallest, then
// by name.
template <typename Map>
std::vector<const typename Map::value_type*> InWritingOrder(const Map& tensors) {
  std::vector<const typename Map::value_type*> order;
  for (const auto& named : tensors) order.push_back(&named);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return SizeOf(a->second.type) > SizeOf(b->second.type);
  });
  return order;
}

absl::Status CheckWritable(const std::string& name, const TensorLayout& layout) {
  if (name == kSafetensorsMetadataKey) return TensorError(name, "the format keeps this name");
  if (layout.shape.size() > kSafetensorsMaxRank) return TensorError(name, "too many dimensions");
  if (BytesOf(layout.type, layout.shape)) return absl::OkStatus();
  return TensorError(name, "a dimension is negative, or the whole too large");
}

// Length and JSON, padded so that the data that follow are aligned.
absl::StatusOr<std::string> Preamble(const nlohmann::json& header) {
  std::string json;
  try {
    json = header.dump();
  } catch (const nlohmann::json::exception&) {
    return absl::InvalidArgumentError("safetensors: names and metadata must be valid UTF-8");
  }
  const size_t unpadded = kLengthBytes + json.size();
  json.append((kDataAlignment - unpadded % kDataAlignment) % kDataAlignment, ' ');
  if (json.size() > kMaxHeaderBytes) {
    return absl::InvalidArgumentError(absl::StrCat("safetensors: a header of ", json.size(),
                                                   " bytes; at most ", kMaxHeaderBytes));
  }
  std::string length;
  for (size_t i = 0; i < kLengthBytes; ++i) length += static_cast<char>(json.size() >> (8 * i));
  return length + json;
}

}  // namespace

size_t SizeOf(TensorType type) { return InfoOf(type).bytes; }

int64_t TensorView::elements() const {
  int64_t product = 1;
  for (const int64_t dimension : shape) product *= dimension;
  return product;
}

absl::StatusOr<SafetensorsFile> ParseSafetensors(std::span<const uint8_t> bytes) {
  ASSIGN_OR_RETURN(const Parts parts, Split(bytes));
  absl::StatusOr<SafetensorsHeader> header = ParseSafetensorsHeader(parts.header);
  if (!header.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("safetensors: ", header.status().message()));
  }
  std::stable_sort(header->tensors.begin(), header->tensors.end(), StandsBefore);
  SafetensorsFile file{.tensors = {}, .metadata = std::move(header->metadata)};
  int64_t position = 0;
  for (SafetensorsHeader::Tensor& entry : header->tensors) {
    std::string name = entry.name;
    ASSIGN_OR_RETURN(TensorView view, ViewOf(std::move(entry), parts, position));
    position += static_cast<int64_t>(view.bytes.size());
    file.tensors.emplace(std::move(name), std::move(view));
  }
  if (position != static_cast<int64_t>(parts.data.size())) {
    return absl::InvalidArgumentError(absl::StrCat("safetensors: tensors end at byte ", position,
                                                   " of ", parts.data.size(), " bytes of data"));
  }
  return file;
}

absl::StatusOr<std::string> SafetensorsPreamble(
    const std::map<std::string, TensorLayout>& tensors,
    const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header[std::string(kSafetensorsMetadataKey)] = metadata;
  int64_t position = 0;
  for (const auto* named : InWritingOrder(tensors)) {
    const auto& [name, layout] = *named;
    RETURN_IF_ERROR(CheckWritable(name, layout));
    const int64_t end = position + *BytesOf(layout.type, layout.shape);
    header[name] = {{"dtype", InfoOf(layout.type).name},
                    {"shape", layout.shape},
                    {"data_offsets", {position, end}}};
    position = end;
  }
  return Preamble(header);
}

absl::Status WriteSafetensors(const SafetensorsFile& file, const ByteSink& sink) {
  std::map<std::string, TensorLayout> layouts;
  for (const auto& [name, tensor] : file.tensors) {
    if (BytesOf(tensor.type, tensor.shape) != static_cast<int64_t>(tensor.bytes.size())) {
      return TensorError(
          name, absl::StrCat("its ", tensor.bytes.size(), " bytes do not fit its shape and type"));
    }
    layouts[name] = {tensor.type, tensor.shape};
  }
  ASSIGN_OR_RETURN(const std::string preamble, SafetensorsPreamble(layouts, file.metadata));
  RETURN_IF_ERROR(sink(preamble));
  for (const auto* named : InWritingOrder(file.tensors)) {
    const std::span<const uint8_t> bytes = named->second.bytes;
    RETURN_IF_ERROR(sink({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }
  return absl::OkStatus();
}

std::string SafetensorsToString(const SafetensorsFile& file) {
  std::string content;
  const absl::Status written = WriteSafetensors(file, [&](std::string_view piece) {
    content += piece;
    return absl::OkStatus();
  });
  return written.ok() ? content : "";
}

}  // namespace outerloop
