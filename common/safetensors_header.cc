#include "common/safetensors_header.h"

#include <limits>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/string_view.h"
#include "nlohmann/json.hpp"

namespace outerloop {
namespace {

constexpr size_t kLongestQuote = 64;

// Takes the header piece by piece from the JSON parser. Every handler returns whether to go on; the
// first that does not sets `status_`.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Refuse("null is not allowed here"); }
  bool boolean(bool) override { return Refuse("a boolean is not allowed here"); }
  bool number_integer(number_integer_t) override { return Refuse("a number must not be negative"); }
  bool number_float(number_float_t, const string_t&) override {
    return Refuse("a number must be an integer below 2^63");
  }
  bool binary(binary_t&) override { return Refuse("binary is not allowed here"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (list_ == nullptr) return Refuse("a number is not allowed here");
    if (value > uint64_t{std::numeric_limits<int64_t>::max()}) {
      return Refuse("a number must be an integer below 2^63");
    }
    if (list_->size() == kSafetensorsMaxRank) {
      return Refuse(absl::StrCat("a list holds at most ", kSafetensorsMaxRank, " numbers"));
    }
    list_->push_back(static_cast<int64_t>(value));
    return true;
  }

  bool string(string_t& value) override {
    if (depth_ != 2 || list_ != nullptr) return Refuse("a string is not allowed here");
    if (in_metadata_) {
      header_.metadata[field_] = std::move(value);
    } else if (field_ == "dtype") {
      tensor().dtype = std::move(value);
    } else {
      return Refuse("must be a list of numbers");
    }
    return true;
  }

  bool start_object(size_t) override {
    if (depth_ == 2) return Refuse("an object is not allowed here");
    ++depth_;
    fields_.clear();
    return true;
  }

  bool key(string_t& key) override {
    return depth_ == 1 ? StartEntry(std::move(key)) : StartField(std::move(key));
  }

  bool end_object() override {
    if (depth_ == 2 && !in_metadata_ && fields_.size() != 3) {
      return Refuse("must have dtype, shape and data_offsets");
    }
    --depth_;
    return true;
  }

  bool start_array(size_t) override {
    const bool is_list = depth_ == 2 && !in_metadata_ && list_ == nullptr && field_ != "dtype";
    if (!is_list) return Refuse("a list is not allowed here");
    list_ = field_ == "shape" ? &tensor().shape : &tensor().data_offsets;
    return true;
  }

  bool end_array() override {
    list_ = nullptr;
    if (field_ == "data_offsets" && tensor().data_offsets.size() != 2) {
      return Refuse("must be two numbers, begin and end");
    }
    return true;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    return Refuse(absl::StrCat("no valid JSON at byte ", position));
  }

  absl::StatusOr<SafetensorsHeader> Finish() && {
    if (!status_.ok()) return status_;
    return std::move(header_);
  }

 private:
  SafetensorsHeader::Tensor& tensor() { return header_.tensors.back(); }

  bool StartEntry(std::string name) {
    if (!names_.insert(name).second) {
      return Refuse(absl::StrCat(QuoteTensorName(name), " is there twice"));
    }
    in_metadata_ = name == kSafetensorsMetadataKey;
    if (!in_metadata_) header_.tensors.emplace_back().name = std::move(name);
    return true;
  }

  bool StartField(std::string name) {
    field_ = std::move(name);
    if (!fields_.insert(field_).second) return Refuse("is there twice");
    const bool known = field_ == "dtype" || field_ == "shape" || field_ == "data_offsets";
    return in_metadata_ || known || Refuse("is no field of a tensor");
  }

  // "header: tensor 'w': 'shape': why", as far as reading has got.
  bool Refuse(std::string_view why) {
    std::string where = "header: ";
    if (depth_ == 2) {
      const std::string_view name = in_metadata_ ? kSafetensorsMetadataKey : tensor().name;
      absl::StrAppend(&where, "tensor ", QuoteTensorName(name), ": ");
      if (!field_.empty()) absl::StrAppend(&where, QuoteTensorName(field_), ": ");
    }
    status_ = absl::InvalidArgumentError(absl::StrCat(where, AbslView(why)));
    return false;
  }

  SafetensorsHeader header_;
  absl::Status status_;
  int depth_ =
      0;  // Objects that stand open: 1 in the header itself, 2 in a tensor or the metadata.
  bool in_metadata_ = false;
  std::string field_;                     // The key read last at depth 2.
  std::vector<int64_t>* list_ = nullptr;  // Where the numbers of an open list go.
  std::set<std::string> names_;           // Keys so far, at depth 1.
  std::set<std::string> fields_;          // Keys so far, of the open object at depth 2.
};

}  // namespace

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view json) {
  if (!json.starts_with('{')) return absl::InvalidArgumentError("header: must begin with '{'");
  // The parser takes a zero byte for the end of its input.
  if (const size_t zero = json.find('\0'); zero != json.npos) {
    return absl::InvalidArgumentError(absl::StrCat("header: no valid JSON at byte ", zero));
  }
  HeaderReader reader;
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return std::move(reader).Finish();
}

std::string QuoteTensorName(std::string_view name) {
  const bool cut = name.size() > kLongestQuote;
  return absl::StrCat("'", absl::CHexEscape(AbslView(name.substr(0, kLongestQuote))),
                      cut ? "..." : "", "'");
}

}  // namespace outerloop
