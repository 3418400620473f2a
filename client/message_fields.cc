#include "client/message_fields.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/suggest.h"

namespace outerloop::client {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;

absl::StatusOr<const FieldDescriptor*> FindField(const Descriptor& type, const std::string& name) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->name() == name || field->json_name() == name) return field;
    names.push_back(field->name());
  }
  return absl::NotFoundError(absl::StrCat("unknown field", SuggestName(name, names)));
}

absl::StatusOr<const EnumValueDescriptor*> FindEnumValue(const EnumDescriptor& type,
                                                         const std::string& name) {
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor* value = type.value(i);
    if (value->number() != 0 && absl::EqualsIgnoreCase(value->name(), name)) return value;
  }
  const std::vector<std::string> names = EnumNames(type);
  const std::string nearest = NearestName(name, names);
  return absl::NotFoundError(
      absl::StrCat("'", name, "' is not allowed; one of ", absl::StrJoin(names, ", "),
                   nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?")));
}

std::vector<std::string> EnumNames(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
  }
  return names;
}

}  // namespace outerloop::client
