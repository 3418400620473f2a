#include "data/episode_kind.h"

#include <algorithm>

#include "google/protobuf/descriptor.h"
#include "outerloop/v1/field_rules.pb.h"

namespace outerloop::data {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

const OneofDescriptor& Kinds() { return *v1::Episode::descriptor()->FindOneofByName("kind"); }

std::string DatasetOf(const FieldDescriptor& kind) {
  return kind.message_type()->options().GetExtension(v1::drawn_dataset);
}

// Null if no kind is given.
const FieldDescriptor* FieldOf(const v1::Episode& episode) {
  return v1::Episode::descriptor()->FindFieldByNumber(episode.kind_case());
}

}  // namespace

std::string KindOf(const v1::Episode& episode) {
  const FieldDescriptor* const field = FieldOf(episode);
  return field == nullptr ? "" : field->name();
}

std::vector<std::string> EpisodeKinds() {
  std::vector<std::string> names;
  for (int i = 0; i < Kinds().field_count(); ++i) names.push_back(Kinds().field(i)->name());
  return names;
}

std::string DrawnDatasetOf(const v1::Episode& episode) {
  const FieldDescriptor* const field = FieldOf(episode);
  return field == nullptr ? "" : DatasetOf(*field);
}

std::vector<std::string> DrawnDatasets() {
  std::vector<std::string> names;
  for (int i = 0; i < Kinds().field_count(); ++i) {
    const std::string name = DatasetOf(*Kinds().field(i));
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

bool IsDrawnDataset(const std::string& name) {
  const std::vector<std::string> names = DrawnDatasets();
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace outerloop::data
