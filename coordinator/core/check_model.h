// The part of the checks of a specification that needs to know what examples look like.
#ifndef OUTERLOOP_COORDINATOR_CORE_CHECK_MODEL_H_
#define OUTERLOOP_COORDINATOR_CORE_CHECK_MODEL_H_

#include "absl/status/status.h"
#include "common/example_shape.h"
#include "outerloop/v1/model.pb.h"

namespace outerloop::coordinator {

// Whether a complete model takes examples of that shape, so that no worker meets one that it cannot
// build. INVALID_ARGUMENT as common/refusal.h words it.
absl::Status CheckModel(const v1::Model& model, const ExampleShape& examples);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_CHECK_MODEL_H_
