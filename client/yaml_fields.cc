#include "client/yaml_fields.h"

#include <vector>

namespace outerloop::client {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::OneofDescriptor;

bool IsOf(const YamlEntry& entry, const FieldDescriptor& field) {
  return entry.key == field.name() || entry.key == field.json_name();
}

void RemoveOtherMembers(YamlNode& mapping, const FieldDescriptor& member) {
  const OneofDescriptor* oneof = member.real_containing_oneof();
  for (int i = 0; oneof != nullptr && i < oneof->field_count(); ++i) {
    if (oneof->field(i) != &member) RemoveField(mapping, *oneof->field(i));
  }
}

}  // namespace

YamlNode& TakeField(YamlNode& mapping, const FieldDescriptor& field, const std::string& place) {
  RemoveOtherMembers(mapping, field);
  for (YamlEntry& entry : mapping.entries) {
    if (IsOf(entry, field)) return entry.value;
  }
  return mapping.entries
      .emplace_back(YamlEntry{field.name(), EmptyNode(YamlNode::Kind::kNull, place)})
      .value;
}

void RemoveField(YamlNode& mapping, const FieldDescriptor& field) {
  std::erase_if(mapping.entries, [&](const YamlEntry& entry) { return IsOf(entry, field); });
}

}  // namespace outerloop::client
