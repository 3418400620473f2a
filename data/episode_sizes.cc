#include "data/episode_sizes.h"

#include <algorithm>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace outerloop::data {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field of the kind that is given; null if none is.
const FieldDescriptor* KindField(const v1::Episode& episode) {
  return v1::Episode::descriptor()->FindFieldByNumber(episode.kind_case());
}

// The number `name` of the episode's kind; null if the kind has none.
const FieldDescriptor* SizeField(const v1::Episode& episode, const std::string& name) {
  const FieldDescriptor* const kind = KindField(episode);
  return kind == nullptr ? nullptr : kind->message_type()->FindFieldByName(name);
}

uint32_t SizeOf(const v1::Episode& episode, const std::string& name) {
  const FieldDescriptor* const field = SizeField(episode, name);
  if (field == nullptr) return 0;
  const Message& kind = episode.GetReflection()->GetMessage(episode, KindField(episode));
  return kind.GetReflection()->GetUInt32(kind, field);
}

void SetSize(v1::Episode& episode, const std::string& name, uint32_t size) {
  const FieldDescriptor* const field = SizeField(episode, name);
  if (field == nullptr) return;
  Message* const kind = episode.GetReflection()->MutableMessage(&episode, KindField(episode));
  kind->GetReflection()->SetUInt32(kind, field, size);
}

}  // namespace

uint32_t WaysOf(const v1::Episode& episode) { return SizeOf(episode, "ways"); }
uint32_t ShotsOf(const v1::Episode& episode) { return SizeOf(episode, "shots"); }
uint32_t QueriesOf(const v1::Episode& episode) { return SizeOf(episode, "queries"); }

uint32_t MaxShotsOf(const v1::Episode& episode) {
  return std::max(ShotsOf(episode), SizeOf(episode, "max_shots"));
}

v1::Episode WithShots(v1::Episode episode, uint32_t shots) {
  SetSize(episode, "shots", shots);
  SetSize(episode, "max_shots", shots);
  return episode;
}

v1::Episode EvaluatedEpisode(const v1::EvaluationSpec& evaluation, const v1::Episode& episode) {
  v1::Episode evaluated =
      WithShots(episode, evaluation.has_shots() ? evaluation.shots() : ShotsOf(episode));
  if (evaluation.has_ways()) SetSize(evaluated, "ways", evaluation.ways());
  if (evaluation.has_queries()) SetSize(evaluated, "queries", evaluation.queries());
  return evaluated;
}

}  // namespace outerloop::data
