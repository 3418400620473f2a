// The fields of a message in the YAML mapping that will become it.
#ifndef OUTERLOOP_CLIENT_YAML_FIELDS_H_
#define OUTERLOOP_CLIENT_YAML_FIELDS_H_

#include <string>

#include "client/yaml_tree.h"
#include "google/protobuf/descriptor.h"

namespace outerloop::client {

// The value of `field`, under either of its names. What is missing is made: a null, written at
// `place`. If the field is a member of a oneof, the other members go.
YamlNode& TakeField(YamlNode& mapping, const google::protobuf::FieldDescriptor& field,
                    const std::string& place);

// As if `field` were not given.
void RemoveField(YamlNode& mapping, const google::protobuf::FieldDescriptor& field);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_YAML_FIELDS_H_
