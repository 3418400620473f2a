// Protobuf messages from YAML, by the protobuf JSON mapping.
#ifndef OUTERLOOP_CLIENT_YAML_MESSAGE_H_
#define OUTERLOOP_CLIENT_YAML_MESSAGE_H_

#include "absl/status/status.h"
#include "client/yaml_tree.h"
#include "google/protobuf/message.h"

namespace outerloop::client {

// Fills `message`, which is empty, from `root`. Fields go by their snake_case or lowerCamel name,
// enum values by name in any case. A null is a field not given; but where a message is wanted it is
// an empty one, so that `conv4:` alone chooses the network with its defaults.
//
// INVALID_ARGUMENT "PLACE: PATH: ..." with the value, what is allowed and the nearest name: unknown
// field, wrong type, number out of range, enum value, field given twice, two members of a oneof, no
// mapping, empty document.
absl::Status YamlToMessage(const YamlNode& root, google::protobuf::Message& message);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_YAML_MESSAGE_H_
