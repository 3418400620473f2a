// One YAML tree with the changes of another.
#ifndef OUTERLOOP_CLIENT_YAML_MERGE_H_
#define OUTERLOOP_CLIENT_YAML_MERGE_H_

#include "client/yaml_tree.h"
#include "google/protobuf/descriptor.h"

namespace outerloop::client {

// Changes `base`, the tree of a message of type `type`, to what `changes` says: its fields take the
// place of the base's, those of messages within it field by field; a list replaces the whole list,
// a member of a oneof the other members, and a field without a value leaves the base's out. What
// is no field of `type` is kept, for YamlToMessage to refuse.
void MergeYaml(const google::protobuf::Descriptor& type, const YamlNode& changes, YamlNode& base);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_YAML_MERGE_H_
