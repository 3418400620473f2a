// A server stream that follows one thing on a board: a job, or a sweep.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_BOARD_STREAM_H_
#define OUTERLOOP_COORDINATOR_SERVICE_BOARD_STREAM_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/grpc_status.h"
#include "coordinator/service/board.h"
#include "grpcpp/support/server_callback.h"

namespace outerloop::coordinator {

// Sends a response for the thing's view as it is, then for each newer one; views that come while a
// response is on its way are replaced by the newest, so a slow reader skips views and holds up
// nobody. Deletes itself when the call is over.
// `Source` is as Board: has View, a shared pointer, Watch and Unwatch.
template <typename Response, typename Source = Board>
class BoardStream final : public grpc::ServerWriteReactor<Response> {
 public:
  enum class Next {
    kSend,      // Send this; more may follow from newer views.
    kSendMore,  // Send this; there is more to say about the same view.
    kSendLast,  // Send this, then end the stream.
    kSkip,      // Nothing to send for this view.
  };
  // Fills a response from a view. One call at a time.
  using View = typename Source::View;
  using Fill = std::function<absl::StatusOr<Next>(const typename View::element_type&, Response*)>;

  BoardStream(Source& board, Fill fill) : board_(board), fill_(std::move(fill)) {}

  // Call one of these, once, from any thread; nothing may follow it. `id` is on the board.
  void Follow(const std::string& id) {
    board_.Watch(this, id, [this](const View& view) { Show(view); });
  }
  void Fail(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  // The one or the other.
  void FollowOrFail(const absl::StatusOr<std::string>& id) {
    if (id.ok()) return Follow(*id);
    Fail(id.status());
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    if (!ok || cancelled_) return End(absl::CancelledError("the client is gone"));
    if (last_) return End(absl::OkStatus());
    Advance();
  }
  void OnCancel() override {
    absl::MutexLock lock(&mu_);
    cancelled_ = true;
    // Before the stream follows anything somebody still holds it; Show ends it then.
    if (view_ != nullptr && !writing_) End(absl::CancelledError("the client is gone"));
  }
  void OnDone() override {
    board_.Unwatch(this);  // Waits for a Show that is running, which may have ended the call.
    delete this;
  }

 private:
  void Show(const View& view) {
    absl::MutexLock lock(&mu_);
    view_ = view;
    stale_ = true;
    if (writing_) return;
    if (cancelled_) return End(absl::CancelledError("the client is gone"));
    Advance();
  }

  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (ended_ || !stale_) return;
    response_.Clear();
    const absl::StatusOr<Next> next = fill_(*view_, &response_);
    if (!next.ok()) return End(next.status());
    stale_ = *next == Next::kSendMore;
    if (*next == Next::kSkip) return;
    last_ = *next == Next::kSendLast;
    writing_ = true;
    this->StartWrite(&response_);
  }

  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (std::exchange(ended_, true)) return;
    this->Finish(ToGrpcStatus(status));
  }

  Source& board_;
  const Fill fill_;

  absl::Mutex mu_;                           // After the board's.
  View view_ ABSL_GUARDED_BY(mu_);           // Null until the stream follows something.
  bool stale_ ABSL_GUARDED_BY(mu_) = false;  // `view_` has not been said yet.
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool last_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  Response response_;  // Not touched while `writing_`.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_BOARD_STREAM_H_
