// The state machine's messages as workers get them.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_WORKER_DISPATCHER_H_
#define OUTERLOOP_COORDINATOR_SERVICE_WORKER_DISPATCHER_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "coordinator/service/all_reduce_hub.h"
#include "coordinator/service/dataset_catalogue.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/session_registry.h"

namespace outerloop::coordinator {

// Fills in what the state machine leaves out, the specification and the tasks themselves, and opens
// and ends the exchanges of the `coordinator` reducer with the generations they belong to. Used by
// the engine's thread.
class WorkerDispatcher final : public Dispatcher {
 public:
  // All must outlive the dispatcher.
  WorkerDispatcher(DatasetCatalogue& catalogue, SessionRegistry& sessions, AllReduceHub& hub)
      : catalogue_(catalogue), sessions_(sessions), hub_(hub) {}

  absl::Status Dispatch(const Core& core, const Message& message) override;

 private:
  void AttendHub(const Message& message);
  absl::StatusOr<std::shared_ptr<const data::TaskSampler>> Sampler(const JobRecord& job);

  DatasetCatalogue& catalogue_;
  SessionRegistry& sessions_;
  AllReduceHub& hub_;
  // By job. All are dropped when there are too many.
  std::map<std::string, std::shared_ptr<const data::TaskSampler>> samplers_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_WORKER_DISPATCHER_H_
