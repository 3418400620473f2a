#include "worker/reducers/nccl_reducer.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "worker/cancellation.h"
#include "worker/reducers/nccl_communicator.h"

namespace outerloop::worker {

// The thread that makes the calls, and what it shares with the member that gives it tasks. A task
// runs to its end or until the reducer dies; the communicator is the thread's while a task runs and
// from the reducer's end on, and otherwise that of whoever holds `mu`.
class NcclReducer::Helper {
 public:
  using Task = std::function<absl::Status(NcclCommunicator&)>;

  Helper(std::shared_ptr<NcclApi> api, NcclOptions options)
      : options_(std::move(options)),
        api_(std::move(api)),
        communicator_(*api_, stop_, options_.poll) {}

  // The thread's life: tasks, until the reducer dies or ends; then the communicator's end.
  void Serve() ABSL_LOCKS_EXCLUDED(mu) {
    while (const Task task = Next()) Finish(task(communicator_));
    const absl::Status status = communicator_.Close(FinalizeTimeout());
    if (!status.ok()) GiveUp(absl::StrCat("the GPU is unfit for use: ", status.message()));
    absl::MutexLock lock(&mu);
    closed_ = true;
  }

  // Runs `task` in the thread. DEADLINE_EXCEEDED, and the reducer dies, if it is not done by then.
  absl::Status Run(Task task, absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    if (!status_.ok()) return status_;
    task_ = std::move(task);
    done_ = false;
    if (!mu.AwaitWithDeadline(absl::Condition(this, &Helper::DoneOrDead), deadline)) {
      Die(absl::DeadlineExceededError("the other members did not answer in time"));
    }
    return status_;
  }

  // Later tasks fail with `status`, the running one is cut short, and the communicator is aborted.
  // The first reason is kept.
  void Die(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    if (!status_.ok()) return;
    status_ = std::move(status);
    stop_.Cancel();
  }

  // Ends the thread. False if it is not done with the communicator in time; it has then given up.
  bool End() ABSL_LOCKS_EXCLUDED(mu) {
    {
      absl::MutexLock lock(&mu);
      ending_ = true;
      if (mu.AwaitWithTimeout(absl::Condition(&closed_), options_.close_timeout)) return true;
    }
    GiveUp(absl::StrCat("the communicator did not end in ",
                        absl::FormatDuration(options_.close_timeout)));
    return false;
  }

  const NcclOptions& options() const { return options_; }
  const absl::Status& status() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) { return status_; }
  // Only while status() is OK.
  std::span<int64_t> host() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) { return communicator_.host(); }

  absl::Mutex mu;

 private:
  // Waits for a task; none once the reducer is dead or ends.
  Task Next() ABSL_LOCKS_EXCLUDED(mu) {
    absl::MutexLock lock(&mu);
    mu.Await(absl::Condition(this, &Helper::HasWork));
    return status_.ok() ? std::exchange(task_, nullptr) : nullptr;
  }
  void Finish(absl::Status status) ABSL_LOCKS_EXCLUDED(mu) {
    absl::MutexLock lock(&mu);
    done_ = true;
    if (!status.ok()) Die(std::move(status));
  }
  absl::Duration FinalizeTimeout() ABSL_LOCKS_EXCLUDED(mu) {
    absl::MutexLock lock(&mu);
    return status_.ok() ? options_.finalize_timeout : absl::ZeroDuration();
  }
  void GiveUp(const std::string& reason) ABSL_LOCKS_EXCLUDED(mu) {
    {
      absl::MutexLock lock(&mu);
      if (std::exchange(gave_up_, true)) return;
    }
    options_.give_up(absl::StrCat("nccl, rank ", options_.rank, ": ", reason));
  }

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    return task_ != nullptr || ending_ || !status_.ok();
  }
  bool DoneOrDead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) { return done_ || !status_.ok(); }

  const NcclOptions options_;
  const std::shared_ptr<NcclApi> api_;
  Cancellation stop_;
  NcclCommunicator communicator_;

  Task task_ ABSL_GUARDED_BY(mu);  // Not begun; null if there is none.
  bool done_ ABSL_GUARDED_BY(mu) = false;
  absl::Status status_ ABSL_GUARDED_BY(mu);  // Why the reducer is dead.
  bool ending_ ABSL_GUARDED_BY(mu) = false;
  bool closed_ ABSL_GUARDED_BY(mu) = false;
  bool gave_up_ ABSL_GUARDED_BY(mu) = false;
};

NcclReducer::NcclReducer(std::shared_ptr<NcclApi> api, NcclOptions options)
    : helper_(std::make_shared<Helper>(std::move(api), std::move(options))),
      thread_([helper = helper_] { helper->Serve(); }) {
  if (helper_->options().rank != 0) return;
  const auto id = std::make_shared<std::string>();  // Shared: the task may outlive our wait.
  const auto make_id = [id](NcclCommunicator& communicator) -> absl::Status {
    ASSIGN_OR_RETURN(*id, communicator.MakeId());
    return absl::OkStatus();
  };
  absl::MutexLock lock(&helper_->mu);
  const absl::Time deadline = absl::Now() + helper_->options().start_timeout;
  if (helper_->Run(make_id, deadline).ok()) id_ = *id;
}

NcclReducer::~NcclReducer() { helper_->End() ? thread_.join() : thread_.detach(); }

absl::Status NcclReducer::Connect(std::span<const std::string> endpoints, absl::Time deadline) {
  const NcclOptions& options = helper_->options();
  absl::MutexLock lock(&helper_->mu);
  if (endpoints.size() != static_cast<size_t>(options.size) ||
      endpoints[0].size() != kNcclIdBytes) {
    helper_->Die(absl::UnavailableError(
        absl::StrCat("connect: rank 0 of ", options.size, " members gave no NCCL id among ",
                     endpoints.size(), " endpoints; its log says why")));
  }
  return helper_->Run(
      [id = endpoints.empty() ? "" : endpoints[0], &options](NcclCommunicator& communicator) {
        return communicator.Connect(id, options.size, options.rank);
      },
      deadline);
}

absl::Status NcclReducer::AllReduce(std::span<int64_t> words, absl::Time deadline) {
  const size_t size = words.size();
  absl::MutexLock lock(&helper_->mu);
  RETURN_IF_ERROR(helper_->status());
  if (size == 0) return absl::OkStatus();
  if (helper_->host().size() < size) {
    RETURN_IF_ERROR(helper_->Run(
        [size](NcclCommunicator& communicator) { return communicator.Reserve(size); }, deadline));
  }
  std::copy(words.begin(), words.end(), helper_->host().begin());
  RETURN_IF_ERROR(helper_->Run(
      [size](NcclCommunicator& communicator) { return communicator.Sum(size); }, deadline));
  std::copy_n(helper_->host().begin(), size, words.begin());
  return absl::OkStatus();
}

void NcclReducer::Abort() {
  absl::MutexLock lock(&helper_->mu);
  helper_->Die(absl::AbortedError("all-reduce: aborted, for the generation has ended"));
}

}  // namespace outerloop::worker
