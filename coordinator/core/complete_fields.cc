#include "coordinator/core/complete_fields.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "coordinator/core/field_checks.h"
#include "google/protobuf/descriptor.h"
#include "outerloop/v1/field_rules.pb.h"

namespace outerloop::coordinator {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Names = google::protobuf::RepeatedPtrField<std::string>;

const v1::FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::rules);
}

// Bounds beyond CheckNumber's: "above 0", "below 1".
std::string OpenRange(const v1::FieldRules& rules, double min, double max) {
  return absl::StrCat(
      rules.has_above() ? absl::StrCat("a number above ", rules.above())
                        : absl::StrCat("a number from ", min),
      rules.has_below() ? absl::StrCat(rules.has_above() ? ", below " : " to below ", rules.below())
                        : absl::StrCat(", at most ", max));
}

absl::Status CheckReal(const std::string& path, double value, const v1::FieldRules& rules) {
  const double min = rules.has_min() ? rules.min() : -kLargestNumber;
  const double max = rules.has_max() ? rules.max() : kLargestNumber;
  if (!rules.has_above() && !rules.has_below()) return CheckNumber(path, value, min, max);
  const bool above = rules.has_above() ? value > rules.above() : value >= min;
  const bool below = rules.has_below() ? value < rules.below() : value <= max;
  if (above && below) return absl::OkStatus();
  return Refuse(path, absl::StrCat(value), OpenRange(rules, min, max));
}

absl::Status CheckWhole(const std::string& path, uint64_t value, const v1::FieldRules& rules) {
  return CheckInteger(path, value, static_cast<uint64_t>(rules.min()),
                      static_cast<uint64_t>(rules.has_max() ? rules.max() : kLargestNumber));
}

// Those of the types that specifications have numbers of.
bool IsNumber(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE;
}

// `index` is of a repeated field's element.
absl::Status CheckElement(const std::string& path, const Message& message,
                          const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    return CheckReal(path, reflection.GetRepeatedDouble(message, &field, index), RulesOf(field));
  }
  return CheckWhole(path, reflection.GetRepeatedUInt32(message, &field, index), RulesOf(field));
}

double NumberOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, &field);
    default:
      return reflection.GetUInt32(message, &field);
  }
}

void SetNumber(Message& message, const FieldDescriptor& field, double value) {
  const auto& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    reflection.SetDouble(&message, &field, value);
  } else {
    reflection.SetUInt32(&message, &field, static_cast<uint32_t>(value));
  }
}

// The field of the same message that a rule names.
const FieldDescriptor& Sibling(const FieldDescriptor& field, const std::string& name) {
  return *field.containing_type()->FindFieldByName(name);
}

std::optional<double> DefaultOf(const Message& message, const FieldDescriptor& field) {
  const v1::FieldRules& rules = RulesOf(field);
  if (rules.has_default_field()) return NumberOf(message, Sibling(field, rules.default_field()));
  if (rules.has_default_()) return rules.default_();
  return std::nullopt;
}

// By the field's own bounds.
absl::Status CheckBounds(const std::string& path, const Message& message,
                         const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    return CheckWhole(path, message.GetReflection()->GetUInt32(message, &field), RulesOf(field));
  }
  return CheckReal(path, NumberOf(message, field), RulesOf(field));
}

// By the other field that it must be at least; `parent` is the path of the message.
absl::Status CheckAtLeast(const std::string& parent, const Message& message,
                          const FieldDescriptor& field) {
  if (!RulesOf(field).has_at_least()) return absl::OkStatus();
  const FieldDescriptor& least = Sibling(field, RulesOf(field).at_least());
  const double value = NumberOf(message, field), bound = NumberOf(message, least);
  if (value >= bound) return absl::OkStatus();
  return Refuse(absl::StrCat(parent, ".", field.name()), absl::StrCat(value),
                absl::StrCat("at least ", parent, ".", least.name(), ", ", bound));
}

absl::Status CompleteNumber(const std::string& parent, Message& message,
                            const FieldDescriptor& field) {
  if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) {
    const std::optional<double> value = DefaultOf(message, field);
    if (!value) return absl::OkStatus();
    SetNumber(message, field, *value);
  }
  RETURN_IF_ERROR(CheckBounds(absl::StrCat(parent, ".", field.name()), message, field));
  return CheckAtLeast(parent, message, field);
}

std::string NamesOf(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
  return "one of " + absl::StrJoin(names, ", ");
}

absl::Status CompleteEnum(const std::string& path, Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const EnumDescriptor& type = *field.enum_type();
  int value = reflection.GetEnumValue(message, &field);
  if (value == 0 && field.has_presence() && !RulesOf(field).has_default_name()) {
    return absl::OkStatus();
  }
  if (value == 0 && RulesOf(field).has_default_name()) {
    value = type.FindValueByName(RulesOf(field).default_name())->number();
    reflection.SetEnumValue(&message, &field, value);
  }
  if (value == 0) return Missing(path, NamesOf(type));
  if (type.FindValueByNumber(value) != nullptr) return absl::OkStatus();
  return Refuse(path, absl::StrCat(value), NamesOf(type));
}

absl::Status CheckItems(const std::string& path, size_t items, const v1::FieldRules& rules) {
  if (items < rules.min_items()) {
    return Missing(
        path,
        absl::StrCat("a list of ", rules.min_items(),
                     rules.has_max_items() ? absl::StrCat(" to ", rules.max_items()) : " or more"));
  }
  return rules.has_max_items() ? CheckCount(path, items, rules.max_items()) : absl::OkStatus();
}

absl::Status CompleteList(const std::string& path, Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  RETURN_IF_ERROR(CheckItems(path, static_cast<size_t>(size), RulesOf(field)));
  for (int i = 0; i < size; ++i) {
    const std::string element = absl::StrCat(path, "[", i, "]");
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      RETURN_IF_ERROR(
          CompleteFields(element, *reflection.MutableRepeatedMessage(&message, &field, i)));
    } else if (IsNumber(field)) {
      RETURN_IF_ERROR(CheckElement(element, message, field, i));
    }
  }
  return absl::OkStatus();
}

// `parent` is the path of the message.
absl::Status CompleteField(const std::string& parent, Message& message,
                           const FieldDescriptor& field) {
  const std::string path = absl::StrCat(parent, ".", field.name());
  if (field.is_repeated()) return CompleteList(path, message, field);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const auto& reflection = *message.GetReflection();
    if (!reflection.HasField(message, &field)) return absl::OkStatus();
    return CompleteFields(path, *reflection.MutableMessage(&message, &field));
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return CompleteEnum(path, message, field);
  return IsNumber(field) ? CompleteNumber(parent, message, field) : absl::OkStatus();
}

// The field of the only oneof of `message` that is given.
const FieldDescriptor& KindOf(const Message& message) {
  return *message.GetReflection()->GetOneofFieldDescriptor(message,
                                                           message.GetDescriptor()->oneof_decl(0));
}

const v1::Companions& CompanionsOf(const Message& message) {
  return KindOf(message).message_type()->options().GetExtension(v1::companions);
}

// Whether the kind of `companion` is in `names`, where they name any. `part` and `role` are the
// names of the two messages: "model" goes with "episode".
absl::Status CheckCompanion(const std::string& part, const Message& message,
                            const std::string& role, const Message& companion, const Names& names) {
  const std::string& kind = KindOf(companion).name();
  if (names.empty() || std::count(names.begin(), names.end(), kind) > 0) return absl::OkStatus();
  return Refuse(role, kind,
                absl::StrCat(names.size() > 1 ? "one of " : "", absl::StrJoin(names, ", "),
                             " with ", part, ".", KindOf(message).name(), ", or another ", part));
}

const FieldDescriptor* InnerStepsField(const v1::Algorithm& algorithm) {
  return KindOf(algorithm).message_type()->FindFieldByName("inner_steps");
}

}  // namespace

absl::Status CompleteFields(const std::string& path, Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  if (type.real_oneof_decl_count() > 0) RETURN_IF_ERROR(CheckOneof(path, message));
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.real_containing_oneof() != nullptr &&
        !message.GetReflection()->HasField(message, &field)) {
      continue;
    }
    RETURN_IF_ERROR(CompleteField(path, message, field));
  }
  return absl::OkStatus();
}

absl::Status CheckCompanions(const v1::JobSpec& spec) {
  const v1::Companions& of_model = CompanionsOf(spec.model());
  const v1::Companions& of_algorithm = CompanionsOf(spec.algorithm());
  RETURN_IF_ERROR(
      CheckCompanion("model", spec.model(), "episode", spec.episode(), of_model.episodes()));
  RETURN_IF_ERROR(CheckCompanion("algorithm", spec.algorithm(), "episode", spec.episode(),
                                 of_algorithm.episodes()));
  return CheckCompanion("algorithm", spec.algorithm(), "model", spec.model(),
                        of_algorithm.models());
}

bool TakesAnyWays(const v1::JobSpec& spec) { return CompanionsOf(spec.algorithm()).any_ways(); }

bool HasInnerLoop(const v1::Algorithm& algorithm) { return InnerStepsField(algorithm) != nullptr; }

uint32_t InnerStepsOf(const v1::Algorithm& algorithm) {
  const FieldDescriptor* const field = InnerStepsField(algorithm);
  if (field == nullptr) return 0;
  const Message& kind = algorithm.GetReflection()->GetMessage(algorithm, &KindOf(algorithm));
  return kind.GetReflection()->GetUInt32(kind, field);
}

}  // namespace outerloop::coordinator
