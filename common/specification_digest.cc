#include "common/specification_digest.h"

#include "common/sha256.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace outerloop {
namespace {

std::string SerializeDeterministically(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream string_stream(&bytes);
  google::protobuf::io::CodedOutputStream stream(&string_stream);
  stream.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&stream);
  stream.Trim();
  return bytes;
}

}  // namespace

std::string SpecificationDigest(const v1::JobSpec& spec, const std::string& dataset_sha256) {
  v1::JobSpec part;
  *part.mutable_dataset() = spec.dataset();
  *part.mutable_episode() = spec.episode();
  *part.mutable_model() = spec.model();
  *part.mutable_algorithm() = spec.algorithm();
  *part.mutable_meta_optimizer() = spec.meta_optimizer();
  *part.mutable_training() = spec.training();
  // As it was before there was a choice.
  if (part.training().on_non_finite() == v1::Training::FAIL) {
    part.mutable_training()->clear_on_non_finite();
  }
  if (part.training().product_precision() == v1::Training::FLOAT32) {
    part.mutable_training()->clear_product_precision();
  }
  if (spec.has_start_from()) {
    part.mutable_start_from()->set_step(spec.start_from().step());
    part.mutable_start_from()->set_checkpoint_sha256(spec.start_from().checkpoint_sha256());
  }
  return Sha256Hex(SerializeDeterministically(part) + dataset_sha256);
}

}  // namespace outerloop
