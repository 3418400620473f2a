// Protobuf messages as YAML for people to read and to submit again.
#ifndef OUTERLOOP_CLIENT_MESSAGE_YAML_H_
#define OUTERLOOP_CLIENT_MESSAGE_YAML_H_

#include <string>

#include "google/protobuf/message.h"

namespace outerloop::client {

// The fields that are set, in the order of their declaration, as block YAML with a line end. Parsed
// by ParseYaml and YamlToMessage, it gives the same message again.
std::string MessageToYaml(const google::protobuf::Message& message);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_MESSAGE_YAML_H_
