#include "client/yaml_message.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/message_fields.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

const char* KindName(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a single value";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMapping:
      return "a mapping";
  }
  return "";
}

absl::Status WrongKind(const YamlNode& node, const std::string& path, const std::string& wanted) {
  const std::string value =
      node.kind == YamlNode::Kind::kScalar ? absl::StrCat(" '", node.scalar, "'") : "";
  return YamlError(node.place, path,
                   absl::StrCat("is ", KindName(node.kind), value, "; allowed: ", wanted));
}

absl::Status WrongScalar(const YamlNode& node, const std::string& path,
                         const std::string& allowed) {
  return YamlError(node.place, path, absl::StrCat("'", node.scalar, "' is not allowed; ", allowed));
}

// Takes a whole number of type T, all of whose values are allowed.
template <typename T>
absl::StatusOr<T> ReadInteger(const YamlNode& node, const std::string& path) {
  T value;
  if (absl::SimpleAtoi(node.scalar, &value)) return value;
  return WrongScalar(node, path,
                     absl::StrCat("a whole number from ", std::numeric_limits<T>::min(), " to ",
                                  std::numeric_limits<T>::max()));
}

absl::StatusOr<double> ReadDouble(const YamlNode& node, const std::string& path) {
  double value;
  if (absl::SimpleAtod(node.scalar, &value) && std::isfinite(value)) return value;
  return WrongScalar(node, path, "a finite number, e.g. 0.01 or 1e-8");
}

absl::StatusOr<bool> ReadBool(const YamlNode& node, const std::string& path) {
  if (node.scalar == "true") return true;
  if (node.scalar == "false") return false;
  return WrongScalar(node, path, "true or false");
}

// Where a value goes: a field, or a new item of a repeated one.
class Target {
 public:
  Target(Message& message, const FieldDescriptor& field)
      : message_(message), reflection_(*message.GetReflection()), field_(field) {}

  const FieldDescriptor& field() const { return field_; }

  template <typename T>
  using Setter = void (Reflection::*)(Message*, const FieldDescriptor*, T) const;

  template <typename T, typename Value>
  absl::Status Store(Setter<T> set, Setter<T> add, absl::StatusOr<Value> value) {
    RETURN_IF_ERROR(value.status());
    (reflection_.*(field_.is_repeated() ? add : set))(&message_, &field_, *std::move(value));
    return absl::OkStatus();
  }

  Message& StoreMessage() {
    return field_.is_repeated() ? *reflection_.AddMessage(&message_, &field_)
                                : *reflection_.MutableMessage(&message_, &field_);
  }

 private:
  Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor& field_;
};

absl::StatusOr<const google::protobuf::EnumValueDescriptor*> ReadEnum(
    const YamlNode& node, const std::string& path, const FieldDescriptor& field) {
  auto value = FindEnumValue(*field.enum_type(), node.scalar);
  if (value.ok()) return value;
  return YamlError(node.place, path, std::string(value.status().message()));
}

absl::Status ReadScalar(const YamlNode& node, const std::string& path, Target target) {
  using R = Reflection;
  if (node.kind != YamlNode::Kind::kScalar) return WrongKind(node, path, "a single value");
  switch (target.field().cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return target.Store(&R::SetInt32, &R::AddInt32, ReadInteger<int32_t>(node, path));
    case FieldDescriptor::CPPTYPE_INT64:
      return target.Store(&R::SetInt64, &R::AddInt64, ReadInteger<int64_t>(node, path));
    case FieldDescriptor::CPPTYPE_UINT32:
      return target.Store(&R::SetUInt32, &R::AddUInt32, ReadInteger<uint32_t>(node, path));
    case FieldDescriptor::CPPTYPE_UINT64:
      return target.Store(&R::SetUInt64, &R::AddUInt64, ReadInteger<uint64_t>(node, path));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return target.Store(&R::SetDouble, &R::AddDouble, ReadDouble(node, path));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return target.Store(&R::SetFloat, &R::AddFloat, ReadDouble(node, path));
    case FieldDescriptor::CPPTYPE_BOOL:
      return target.Store(&R::SetBool, &R::AddBool, ReadBool(node, path));
    case FieldDescriptor::CPPTYPE_ENUM:
      return target.Store(&R::SetEnum, &R::AddEnum, ReadEnum(node, path, target.field()));
    case FieldDescriptor::CPPTYPE_STRING:
      return target.Store(&R::SetString, &R::AddString, absl::StatusOr<std::string>(node.scalar));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return absl::InternalError(absl::StrCat(path, ": no scalar field"));
}

absl::Status ReadMessage(const YamlNode& node, const std::string& path, Message& message);

absl::Status ReadValue(const YamlNode& node, const std::string& path, Target target) {
  if (target.field().cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return ReadMessage(node, path, target.StoreMessage());
  }
  return ReadScalar(node, path, target);
}

absl::Status ReadField(const YamlNode& node, const std::string& path, Target target) {
  const bool is_message = target.field().cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (!target.field().is_repeated()) {
    const bool not_given = node.kind == YamlNode::Kind::kNull && !is_message;
    return not_given ? absl::OkStatus() : ReadValue(node, path, target);
  }
  if (node.kind == YamlNode::Kind::kNull) return absl::OkStatus();
  if (node.kind != YamlNode::Kind::kSequence) return WrongKind(node, path, "a list");
  for (size_t i = 0; i < node.items.size(); ++i) {
    RETURN_IF_ERROR(ReadValue(node.items[i], absl::StrCat(path, "[", i, "]"), target));
  }
  return absl::OkStatus();
}

// Fields and oneofs of one message that have been given.
class GivenFields {
 public:
  absl::Status Add(const FieldDescriptor& field, const YamlNode& value, const std::string& path) {
    const auto [same, is_new] = fields_.try_emplace(&field, &value);
    if (!is_new) {
      return YamlError(value.place, path,
                       absl::StrCat("stands twice; the first is at ", same->second->place));
    }
    const auto* oneof = field.real_containing_oneof();
    if (oneof == nullptr) return absl::OkStatus();
    const auto [other, is_only] = members_.try_emplace(oneof, &field);
    if (is_only) return absl::OkStatus();
    return YamlError(value.place, path,
                     absl::StrCat("only one of '", other->second->name(), "' and '", field.name(),
                                  "' may be given"));
  }

 private:
  absl::flat_hash_map<const FieldDescriptor*, const YamlNode*> fields_;
  absl::flat_hash_map<const google::protobuf::OneofDescriptor*, const FieldDescriptor*> members_;
};

absl::Status ReadMessage(const YamlNode& node, const std::string& path, Message& message) {
  if (node.kind == YamlNode::Kind::kNull) return absl::OkStatus();
  if (node.kind != YamlNode::Kind::kMapping) return WrongKind(node, path, "a mapping of fields");
  GivenFields given;
  for (const YamlEntry& entry : node.entries) {
    const auto field = FindField(*message.GetDescriptor(), entry.key);
    if (!field.ok()) {
      return YamlError(entry.value.place, JoinPath(path, entry.key),
                       std::string(field.status().message()));
    }
    const std::string field_path = JoinPath(path, (*field)->name());
    RETURN_IF_ERROR(given.Add(**field, entry.value, field_path));
    RETURN_IF_ERROR(ReadField(entry.value, field_path, Target(message, **field)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status YamlToMessage(const YamlNode& root, Message& message) {
  if (root.kind == YamlNode::Kind::kNull) {
    return YamlError(
        root.place, "",
        absl::StrCat("is empty; allowed: the fields of a ", message.GetDescriptor()->name()));
  }
  return ReadMessage(root, "", message);
}

}  // namespace outerloop::client
