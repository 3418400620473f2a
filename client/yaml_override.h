// `--set a.b=c`: a value of a YAML tree changed from the command line.
#ifndef OUTERLOOP_CLIENT_YAML_OVERRIDE_H_
#define OUTERLOOP_CLIENT_YAML_OVERRIDE_H_

#include <string>

#include "absl/status/status.h"
#include "client/yaml_tree.h"
#include "google/protobuf/descriptor.h"

namespace outerloop::client {

// Changes `root`, the tree of a message of type `type`, before it becomes that message.
// `assignment` is PATH=VALUE:
//   training.steps=10            a field, in snake_case or lowerCamel; what is missing is made
//   evaluations[0].tasks=50      an item of a list, counted from 0; one past the end appends
//   model.mlp={hidden: [8, 8]}   a whole sub-tree, in YAML's flow form
//   checkpoints=                 nothing: as if the field were not given
// Setting a member of a oneof removes the other member. INVALID_ARGUMENT, with the nearest name,
// if the path names no field of `type`. The value itself is checked by YamlToMessage.
absl::Status ApplyOverride(const google::protobuf::Descriptor& type, const std::string& assignment,
                           YamlNode& root);

// The same with `path` and a value that is a tree already. `place` is where errors say that the
// path is.
absl::Status SetField(const google::protobuf::Descriptor& type, const std::string& path,
                      const YamlNode& value, const std::string& place, YamlNode& root);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_YAML_OVERRIDE_H_
