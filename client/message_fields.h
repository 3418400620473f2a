// The fields of a protobuf message under the names that people write.
#ifndef OUTERLOOP_CLIENT_MESSAGE_FIELDS_H_
#define OUTERLOOP_CLIENT_MESSAGE_FIELDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace outerloop::client {

// The field called `name` in snake_case or lowerCamel. NOT_FOUND "unknown field", with the nearest
// name or the known ones.
absl::StatusOr<const google::protobuf::FieldDescriptor*> FindField(
    const google::protobuf::Descriptor& type, const std::string& name);

// The value called `name`, whatever its case; the zero value, which stands for "not given", aside.
// NOT_FOUND "'NAME' is not allowed", with what is and the nearest name.
absl::StatusOr<const google::protobuf::EnumValueDescriptor*> FindEnumValue(
    const google::protobuf::EnumDescriptor& type, const std::string& name);

// Names of an enum's values but the zero value, as they are declared.
std::vector<std::string> EnumNames(const google::protobuf::EnumDescriptor& type);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_MESSAGE_FIELDS_H_
