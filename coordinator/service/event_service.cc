#include "coordinator/service/event_service.h"

#include <vector>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/service/board_stream.h"
#include "coordinator/service/find_job.h"

namespace outerloop::coordinator {
namespace {

// At most 1.2 MB as a message: what an event may have is bounded.
constexpr size_t kEventsPerMessage = 500;

}  // namespace

absl::StatusOr<v1::ListEventsResponse> EventService::Page(const v1::ListEventsRequest& request,
                                                          const Caller& caller) const {
  ASSIGN_OR_RETURN(const Board::JobView job, FindJob(board_, caller, request.job_id()));
  ASSIGN_OR_RETURN(const std::vector<v1::JobEvent> events,
                   store_.Events(job->job_id(), request.after_number(), kEventsPerMessage));
  v1::ListEventsResponse page;
  page.mutable_events()->Assign(events.begin(), events.end());
  return page;
}

grpc::ServerUnaryReactor* EventService::ListEvents(grpc::CallbackServerContext* context,
                                                   const v1::ListEventsRequest* request,
                                                   v1::ListEventsResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<v1::ListEventsResponse> page = Page(*request, access_.CallerOf(*context));
  if (page.ok()) *response = *std::move(page);
  reactor->Finish(ToGrpcStatus(page.status()));
  return reactor;
}

grpc::ServerWriteReactor<v1::WatchEventsResponse>* EventService::WatchEvents(
    grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) {
  using Stream = BoardStream<v1::WatchEventsResponse>;
  auto fill = [this, cursor = request->after_number()](
                  const v1::Job& job,
                  v1::WatchEventsResponse* response) mutable -> absl::StatusOr<Stream::Next> {
    ASSIGN_OR_RETURN(const std::vector<v1::JobEvent> events,
                     store_.Events(job.job_id(), cursor, kEventsPerMessage));
    response->mutable_events()->Assign(events.begin(), events.end());
    if (!events.empty()) cursor = events.back().number();
    if (events.size() == kEventsPerMessage) return Stream::Next::kSendMore;
    if (IsFinal(job.state())) return Stream::Next::kSendLast;
    return events.empty() ? Stream::Next::kSkip : Stream::Next::kSend;
  };
  auto* stream = new Stream(board_, std::move(fill));
  stream->FollowOrFail(FindJobId(board_, access_.CallerOf(*context), request->job_id()));
  return stream;
}

}  // namespace outerloop::coordinator
