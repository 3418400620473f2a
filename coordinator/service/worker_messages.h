// What the state machine says, as messages to workers.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_WORKER_MESSAGES_H_
#define OUTERLOOP_COORDINATOR_SERVICE_WORKER_MESSAGES_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "coordinator/core/core.h"
#include "data/task_sampler.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// The sampler of a job's tasks, or why there is none (its data set's file is unreadable, say).
using SamplerOf =
    std::function<absl::StatusOr<std::shared_ptr<const data::TaskSampler>>(const JobRecord&)>;

// Fills in what the state machine leaves out: the specification, and the tasks themselves. `core`
// is what the message speaks of. Not for CloseSession, which is no message: INTERNAL.
absl::StatusOr<v1::CoordinatorMessage> ToMessage(const Core& core, const Message& message,
                                                 const SamplerOf& sampler_of);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_WORKER_MESSAGES_H_
