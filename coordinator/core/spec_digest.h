// A name for what the parameters of a job depend on.
#ifndef OUTERLOOP_COORDINATOR_CORE_SPEC_DIGEST_H_
#define OUTERLOOP_COORDINATOR_CORE_SPEC_DIGEST_H_

#include <string>

#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// SHA-256, in hexadecimal, of `dataset_sha256`, a line feed, and the serialized JobSpec that holds
// nothing but dataset, episode, model, algorithm, meta_optimizer and training of `spec`. Two jobs
// of equal digest have the same parameters after every step. `spec` is complete; `dataset_sha256`
// is empty for the sinusoid.
std::string SpecDigest(const v1::JobSpec& spec, const std::string& dataset_sha256);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_SPEC_DIGEST_H_
