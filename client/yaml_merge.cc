#include "client/yaml_merge.h"

#include "client/message_fields.h"
#include "client/yaml_fields.h"

namespace outerloop::client {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated();
}

void MergeField(const FieldDescriptor& field, const YamlNode& change, YamlNode& base) {
  if (change.kind == YamlNode::Kind::kNull) return RemoveField(base, field);
  YamlNode& value = TakeField(base, field, change.place);
  if (IsMessage(field) && value.kind == YamlNode::Kind::kMapping) {
    MergeYaml(*field.message_type(), change, value);
  } else {
    value = change;
  }
}

}  // namespace

void MergeYaml(const Descriptor& type, const YamlNode& changes, YamlNode& base) {
  if (changes.kind == YamlNode::Kind::kNull) return;
  if (changes.kind != YamlNode::Kind::kMapping || base.kind != YamlNode::Kind::kMapping) {
    base = changes;
    return;
  }
  for (const YamlEntry& entry : changes.entries) {
    const auto field = FindField(type, entry.key);
    if (field.ok()) {
      MergeField(**field, entry.value, base);
    } else {
      base.entries.push_back(entry);
    }
  }
}

}  // namespace outerloop::client
