#include "coordinator/sweeps/sweep_controller.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "common/suggest.h"
#include "coordinator/core/requests.h"
#include "coordinator/security/ownership.h"
#include "coordinator/sweeps/sweep_requests.h"
#include "coordinator/sweeps/trial_room.h"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {
namespace {

// The listener is called this often at most, unless a sweep has changed.
constexpr absl::Duration kShowPeriod = absl::Milliseconds(200);
// What could not be done, for want of room on the disk say, is tried again after this.
constexpr absl::Duration kRetry = absl::Seconds(1);

// Whether trying again cannot change it.
bool IsFinal(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsFailedPrecondition(status) ||
         absl::IsInvalidArgument(status);
}

bool HasPendingTrials(const v1::Sweep& sweep) {
  for (const v1::Trial& trial : sweep.trials()) {
    if (trial.state() == v1::TRIAL_PENDING) return true;
  }
  return false;
}

std::vector<std::string> JobsOf(const v1::Sweep& sweep) {
  std::vector<std::string> ids;
  for (const v1::Trial& trial : sweep.trials()) ids.push_back(trial.job_id());
  return ids;
}

void Log(const v1::Sweep& before, const v1::Sweep& after) {
  if (before.state() == after.state() && before.reason() == after.reason()) return;
  spdlog::info("sweep {} ({}): {}{}{}", after.sweep_id(), after.spec().name(),
               v1::SweepState_Name(after.state()), after.reason().empty() ? "" : ": ",
               after.reason());
}

}  // namespace

absl::Status SweepController::Start() {
  ASSIGN_OR_RETURN(std::vector<v1::Sweep> sweeps, store_.Sweeps());
  ASSIGN_OR_RETURN(const std::vector<DeletionRecord> deletions, store_.Deletions());
  {
    absl::MutexLock lock(&mu_);
    for (const DeletionRecord& one : deletions) deletions_[one.submit_request_id] = one.job_id;
    for (v1::Sweep& sweep : sweeps) entries_.push_back({std::move(sweep)});
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void SweepController::Stop() {
  {
    absl::MutexLock lock(&wake_mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void SweepController::Wake() {
  absl::MutexLock lock(&wake_mu_);
  woken_ = true;
}

// ---- Requests

absl::StatusOr<v1::Sweep> SweepController::Submit(v1::Sweep sweep, std::vector<Hold> holds) {
  absl::MutexLock lock(&mu_);
  for (const Entry& entry : entries_) {
    if (entry.sweep.request_id() == sweep.request_id()) return entry.sweep;
  }
  if (const auto made = deletions_.find(sweep.request_id()); made != deletions_.end()) {
    return absl::NotFoundError(
        absl::StrCat("sweep ", made->second, ", which this request made, was deleted"));
  }
  std::vector<v1::Sweep> before;
  for (const Entry& entry : entries_) {
    if (!HasEnded(entry.sweep.state())) before.push_back(entry.sweep);
  }
  RETURN_IF_ERROR(CheckRoomForTrials(sweep, before, list_jobs_(), job_limit_));
  RETURN_IF_ERROR(Put(sweep));
  spdlog::info("sweep {} ({}) submitted: {} trials", sweep.sweep_id(), sweep.spec().name(),
               sweep.trials_size());
  entries_.push_back({sweep, std::move(holds)});
  Wake();
  return sweep;
}

absl::StatusOr<v1::Sweep> SweepController::Cancel(const Caller& caller,
                                                  const std::string& id_or_name) {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(const size_t index, IndexOf(caller, id_or_name));
  v1::Sweep& sweep = entries_[index].sweep;
  if (sweep.cancelling()) return sweep;
  if (HasEnded(sweep.state())) {
    return absl::FailedPreconditionError(absl::StrCat("sweep ", sweep.sweep_id(), " has ended as ",
                                                      v1::SweepState_Name(sweep.state()),
                                                      "; nothing to cancel"));
  }
  v1::Sweep cancelled = sweep;
  cancelled.set_cancelling(true);
  RETURN_IF_ERROR(Put(cancelled));
  sweep = cancelled;
  Wake();
  return cancelled;
}

absl::StatusOr<std::string> SweepController::Delete(const Caller& caller,
                                                    const std::string& id_or_name,
                                                    const std::string& request_id, bool jobs) {
  absl::MutexLock lock(&mu_);
  const absl::StatusOr<size_t> index = IndexOf(caller, id_or_name);
  v1::Sweep sweep;
  if (index.ok()) sweep = entries_[*index].sweep;
  if (index.ok() && !HasEnded(sweep.state())) {
    return absl::FailedPreconditionError(
        absl::StrCat("sweep ", sweep.sweep_id(), " has not ended; it is ",
                     v1::SweepState_Name(sweep.state()), ". Cancel it first"));
  }
  const DeletionRecord deletion{request_id, sweep.sweep_id(), sweep.request_id()};
  const std::vector<std::string> job_ids = jobs ? JobsOf(sweep) : std::vector<std::string>();
  std::string deleted;
  RETURN_IF_ERROR(serve_([&](const Core& core) -> absl::StatusOr<Decision> {
    // A repeat comes when the sweep is gone.
    if (!index.ok() && core.FindDeletion(request_id) == nullptr) return index.status();
    ASSIGN_OR_RETURN(Decision decision, DecideSweepDeletion(core, deletion, job_ids));
    deleted = decision.id;
    return decision;
  }));
  if (!index.ok() || deleted != sweep.sweep_id()) return deleted;
  deletions_[sweep.request_id()] = deleted;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(*index));
  return deleted;
}

absl::StatusOr<v1::Sweep> SweepController::Find(const Caller& caller,
                                                const std::string& id_or_name) const {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(const size_t index, IndexOf(caller, id_or_name));
  return entries_[index].sweep;
}

std::vector<v1::Sweep> SweepController::List(const Caller& caller) const {
  absl::MutexLock lock(&mu_);
  std::vector<v1::Sweep> sweeps;
  for (const Entry& entry : entries_) {
    if (MaySee(caller, entry.sweep)) sweeps.push_back(entry.sweep);
  }
  return sweeps;
}

absl::StatusOr<size_t> SweepController::IndexOf(const Caller& caller,
                                                const std::string& id_or_name) const {
  std::vector<std::string> known;
  size_t found = entries_.size();
  for (size_t i = 0; i < entries_.size(); ++i) {
    const v1::Sweep& sweep = entries_[i].sweep;
    if (!MaySee(caller, sweep)) continue;
    if (sweep.sweep_id() == id_or_name) return i;
    if (sweep.spec().name() == id_or_name) found = i;
    known.push_back(sweep.sweep_id());
    known.push_back(sweep.spec().name());
  }
  if (found < entries_.size()) return found;
  return absl::NotFoundError(
      absl::StrCat("there is no sweep '", id_or_name, "'", SuggestName(id_or_name, known)));
}

absl::Status SweepController::Put(const v1::Sweep& sweep) {
  Store::Batch batch;
  batch.Put(sweep);
  return store_.Commit(batch);
}

// ---- Driving

void SweepController::Run() {
  absl::Time next_show = absl::InfinitePast();
  while (AwaitWork()) {
    bool changed = false;
    for (v1::Sweep& sweep : Unfinished()) changed = Drive(std::move(sweep)) || changed;
    if (!listener_ || (!changed && absl::Now() < next_show)) continue;
    listener_();
    next_show = absl::Now() + kShowPeriod;
  }
}

bool SweepController::AwaitWork() {
  absl::MutexLock lock(&wake_mu_);
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(wake_mu_) { return stopping_ || woken_; };
  wake_mu_.AwaitWithTimeout(absl::Condition(&ready), kRetry);
  woken_ = false;
  return !stopping_;
}

std::vector<v1::Sweep> SweepController::Unfinished() const {
  absl::MutexLock lock(&mu_);
  std::vector<v1::Sweep> sweeps;
  for (const Entry& entry : entries_) {
    if (!HasEnded(entry.sweep.state())) sweeps.push_back(entry.sweep);
  }
  return sweeps;
}

bool SweepController::Drive(v1::Sweep sweep) {
  for (bool changed = false;; changed = true) {
    const Advance advance = AdvanceSweep(sweep, find_job_, absl::Now());
    if (!advance.changed) return changed;
    absl::StatusOr<v1::Sweep> next = CarryOut(sweep, advance);
    if (next.ok()) next = Save(*std::move(next));
    if (!next.ok()) {
      spdlog::warn("sweep {} waits: {}", sweep.sweep_id(), next.status().ToString());
      return changed;
    }
    Log(sweep, *next);
    sweep = *std::move(next);
  }
}

absl::StatusOr<v1::Sweep> SweepController::CarryOut(const v1::Sweep& sweep,
                                                    const Advance& advance) {
  v1::Sweep next = advance.sweep;
  for (const SweepAction& action : advance.actions) {
    const absl::Status done = serve_(RequestOf(sweep, action, absl::Now()));
    if (done.ok()) continue;
    if (!IsFinal(done)) return done;
    const uint32_t trial = TrialOf(action);
    next = FailTrial(std::move(next), trial, std::string(done.message()));
    RETURN_IF_ERROR(serve_(RequestOf(sweep, CancelTrial{trial}, absl::Now())));
  }
  return next;
}

absl::StatusOr<v1::Sweep> SweepController::Save(v1::Sweep sweep) {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(const size_t index, IndexOf(Anybody(), sweep.sweep_id()));
  Entry& entry = entries_[index];
  // Too late for a sweep that has ended.
  sweep.set_cancelling(sweep.cancelling() ||
                       (entry.sweep.cancelling() && !HasEnded(sweep.state())));
  RETURN_IF_ERROR(Put(sweep));
  entry.sweep = sweep;
  if (!HasPendingTrials(sweep)) entry.holds.clear();
  return sweep;
}

}  // namespace outerloop::coordinator
