#include "client/message_json.h"

#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"

namespace outerloop::client {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

Json MemberJson(const Message& member, JsonFields fields) {
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&member)) {
    return google::protobuf::util::TimeUtil::ToString(*time);
  }
  return MessageToJson(member, fields);
}

// The value of a singular field.
Json FieldJson(const Message& message, const FieldDescriptor* field, JsonFields fields) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.GetUInt64(message, field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.GetFloat(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(message, field)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MemberJson(reflection.GetMessage(message, field), fields);
  }
  return nullptr;
}

// Item `i` of a repeated field.
Json ItemJson(const Message& message, const FieldDescriptor* field, int i, JsonFields fields) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetRepeatedInt32(message, field, i);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetRepeatedInt64(message, field, i);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetRepeatedUInt32(message, field, i);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.GetRepeatedUInt64(message, field, i);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetRepeatedDouble(message, field, i);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.GetRepeatedFloat(message, field, i);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetRepeatedBool(message, field, i);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetRepeatedEnum(message, field, i)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetRepeatedString(message, field, i);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MemberJson(reflection.GetRepeatedMessage(message, field, i), fields);
  }
  return nullptr;
}

Json ListJson(const Message& message, const FieldDescriptor* field, JsonFields fields) {
  Json list = Json::array();
  const int size = message.GetReflection()->FieldSize(message, field);
  for (int i = 0; i < size; ++i) list.push_back(ItemJson(message, field, i, fields));
  return list;
}

bool IsWanted(const Message& message, const FieldDescriptor* field, JsonFields fields) {
  const Reflection& reflection = *message.GetReflection();
  if (field->is_repeated()) {
    return fields == JsonFields::kAll || reflection.FieldSize(message, field) > 0;
  }
  if (field->has_presence()) return reflection.HasField(message, field);
  return fields == JsonFields::kAll || reflection.HasField(message, field);
}

}  // namespace

Json MessageToJson(const Message& message, JsonFields fields) {
  Json json = Json::object();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!IsWanted(message, field, fields)) continue;
    json[field->name()] =
        field->is_repeated() ? ListJson(message, field, fields) : FieldJson(message, field, fields);
  }
  return json;
}

std::string JsonToString(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

std::string JsonToLine(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace outerloop::client
