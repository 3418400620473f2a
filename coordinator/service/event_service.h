#ifndef OUTERLOOP_COORDINATOR_SERVICE_EVENT_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_EVENT_SERVICE_H_

#include "absl/status/statusor.h"
#include "coordinator/security/access.h"
#include "coordinator/service/board.h"
#include "coordinator/store/store.h"
#include "outerloop/v1/event_service.grpc.pb.h"

namespace outerloop::coordinator {

// What happened to jobs, for clients (event_service.proto). Reads the store alone, so that nobody
// is told of what a kill could undo. Thread-safe. All arguments must outlive it.
class EventService final : public v1::EventService::CallbackService {
 public:
  EventService(Board& board, const Store& store, const Access& access)
      : board_(board), store_(store), access_(access) {}

  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) override;

 private:
  absl::StatusOr<v1::ListEventsResponse> Page(const v1::ListEventsRequest& request,
                                              const Caller& caller) const;

  Board& board_;
  const Store& store_;
  const Access& access_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_EVENT_SERVICE_H_
