#include "worker/checkpoint_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "spdlog/spdlog.h"
#include "worker/checkpoint.h"

namespace outerloop::worker {
namespace {

// Whether storing may succeed later.
bool IsWorthRetrying(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsDataLoss(status);
}

// Whether the coordinator has no use for the checkpoint any more: its job has ended, or begun anew.
bool IsNoLongerWanted(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsAborted(status) || absl::IsNotFound(status);
}

v1::StoreCheckpointHeader HeaderOf(const GroupId& group, const TrainingState& state,
                                   const std::string& bytes) {
  v1::StoreCheckpointHeader header;
  header.set_job_id(group.job_id);
  header.set_generation(group.generation);
  header.set_step(state.step);
  header.set_sha256(Sha256Hex(bytes));
  header.set_size_bytes(bytes.size());
  header.set_parameters_sha256(ToHex(state.ParametersDigest()));
  return header;
}

}  // namespace

CheckpointWriter::CheckpointWriter(CoordinatorFiles& files, const CheckpointWriterOptions& options)
    : files_(files), options_(options), thread_([this] { Run(); }) {}

CheckpointWriter::~CheckpointWriter() {
  closing_.Cancel();
  {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }
  thread_.join();
}

absl::Status CheckpointWriter::Add(const GroupId& group,
                                   std::shared_ptr<const Experiment> experiment,
                                   const TrainingState& state, Cancellation& cancellation) {
  bool given_up = false;
  const Cancellation::Callback give_up(cancellation, [this, &given_up] {
    absl::MutexLock lock(&mu_);
    given_up = true;
  });
  Item item{group, std::move(experiment), {}};
  {
    absl::MutexLock lock(&mu_);
    const auto may_go_on = [this, &given_up]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
      return given_up || waiting_.size() < options_.capacity;
    };
    mu_.Await(absl::Condition(&may_go_on));
    if (given_up) return absl::CancelledError("gave up waiting for earlier checkpoints");
    item.state = TakeSpare();
  }
  item.state = state;
  absl::MutexLock lock(&mu_);
  waiting_.push_back(std::move(item));
  return absl::OkStatus();
}

absl::Status CheckpointWriter::Flush(absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  const auto is_done = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return left() == 0; };
  if (mu_.AwaitWithDeadline(absl::Condition(&is_done), deadline)) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat(left(), " checkpoints are not stored; the job makes them again"));
}

TrainingState CheckpointWriter::TakeSpare() {
  if (spares_.empty()) return {};
  TrainingState spare = std::move(spares_.back());
  spares_.pop_back();
  return spare;
}

void CheckpointWriter::Run() {
  while (std::optional<Item> item = Take()) {
    Store(*item);
    Release(*std::move(item));
  }
}

std::optional<CheckpointWriter::Item> CheckpointWriter::Take() {
  absl::MutexLock lock(&mu_);
  const auto ready = [this]()
                         ABSL_SHARED_LOCKS_REQUIRED(mu_) { return closed_ || !waiting_.empty(); };
  mu_.Await(absl::Condition(&ready));
  if (closed_) return std::nullopt;
  Item item = std::move(waiting_.front());
  waiting_.pop_front();
  storing_ = true;
  return item;
}

void CheckpointWriter::Release(Item item) {
  absl::MutexLock lock(&mu_);
  storing_ = false;
  if (spares_.size() < options_.capacity) spares_.push_back(std::move(item.state));
}

void CheckpointWriter::Store(const Item& item) {
  const absl::Time begin = absl::Now();
  const std::string bytes = ToCheckpoint(item.state, *item.experiment);
  const absl::Status status = TryUntilDecided(HeaderOf(item.group, item.state, bytes), bytes);
  if (status.ok() && options_.on_stored) options_.on_stored(absl::Now() - begin);
  if (status.ok() || absl::IsCancelled(status)) return;
  if (IsNoLongerWanted(status)) return spdlog::info("{}", status.ToString());
  spdlog::error("{}", status.ToString());
  if (options_.on_refused) options_.on_refused(item.group, item.state.step, status);
}

absl::Status CheckpointWriter::TryUntilDecided(const v1::StoreCheckpointHeader& header,
                                               const std::string& bytes) {
  Backoff backoff(options_.backoff, std::hash<std::string>()(header.sha256()));
  while (true) {
    if (options_.on_try) options_.on_try();
    const absl::Status status =
        files_.StoreCheckpoint(header, bytes, options_.store_timeout, closing_);
    if (!IsWorthRetrying(status)) return status;
    spdlog::warn("{}; trying again", status.ToString());
    if (closing_.WaitFor(backoff.Next())) return absl::CancelledError("the worker stops");
  }
}

}  // namespace outerloop::worker
