// What a job's parameters depend on, as one digest.
#ifndef OUTERLOOP_COMMON_SPECIFICATION_DIGEST_H_
#define OUTERLOOP_COMMON_SPECIFICATION_DIGEST_H_

#include <string>

#include "outerloop/v1/job.pb.h"

namespace outerloop {

// SHA-256, in hexadecimal, of `dataset`, `episode`, `model`, `algorithm`, `meta_optimizer`,
// `training` (less `on_non_finite` if it is FAIL, and `product_precision` if it is FLOAT32) and
// `start_from` (step and digest of the checkpoint, if the job starts from one) of a complete
// specification, serialised deterministically, followed by the data set's digest as it stands (""
// if there is none). Checkpoints carry it.
std::string SpecificationDigest(const v1::JobSpec& spec, const std::string& dataset_sha256);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_SPECIFICATION_DIGEST_H_
