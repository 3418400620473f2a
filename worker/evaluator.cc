#include "worker/evaluator.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"
#include "worker/shard.h"

namespace outerloop::worker {
namespace {

constexpr size_t kLoadedAtMost = 2;

}  // namespace

void Evaluator::Evaluate(uint64_t connection, const v1::EvaluateShard& request) {
  const absl::StatusOr<std::vector<v1::ScoreSeries>> series = Score(request);
  v1::WorkerMessage message;
  if (series.ok()) {
    v1::EvaluationShardDone& done = *message.mutable_evaluation_shard_done();
    done.set_evaluation_id(request.evaluation_id());
    done.set_shard(request.shard().index());
    done.mutable_series()->Add(series->begin(), series->end());
  } else {
    spdlog::warn("evaluation {}, shard {}: {}", request.evaluation_id(), request.shard().index(),
                 series.status().ToString());
    v1::EvaluationShardFailed& failed = *message.mutable_evaluation_shard_failed();
    failed.set_evaluation_id(request.evaluation_id());
    failed.set_shard(request.shard().index());
    failed.set_reason(std::string(series.status().message()));
  }
  workplace_.session.Send(connection, std::move(message));
}

absl::StatusOr<std::vector<v1::ScoreSeries>> Evaluator::Score(const v1::EvaluateShard& request) {
  const auto& steps = request.evaluation().inner_steps();
  if (steps.empty()) return absl::InvalidArgumentError("evaluation.inner_steps: empty");
  ASSIGN_OR_RETURN(const Trainer* trainer, Find(request));
  return trainer->Evaluate(FromProto(request.shard()), {steps.begin(), steps.end()});
}

absl::StatusOr<const Trainer*> Evaluator::Find(const v1::EvaluateShard& request) {
  const auto found = std::find_if(loaded_.begin(), loaded_.end(), [&request](const Loaded& loaded) {
    return loaded.checkpoint_sha256 == request.checkpoint_sha256();
  });
  if (found != loaded_.end()) {
    loaded_.splice(loaded_.begin(), loaded_, found);
  } else {
    ASSIGN_OR_RETURN(std::unique_ptr<Trainer> trainer, Load(request));
    loaded_.push_front({request.checkpoint_sha256(), std::move(trainer)});
    if (loaded_.size() > kLoadedAtMost) loaded_.pop_back();
  }
  return loaded_.front().trainer.get();
}

absl::StatusOr<std::unique_ptr<Trainer>> Evaluator::Load(const v1::EvaluateShard& request) {
  Cancellation cancellation;
  const Mailbox::Watch watch(workplace_.mailbox, std::nullopt, /*until_closed=*/true, cancellation);
  ASSIGN_OR_RETURN(auto trainer, workplace_.trainers.Make(request.spec(), request.dataset_sha256(),
                                                          cancellation));
  ASSIGN_OR_RETURN(TrainingState state,
                   workplace_.trainers.FetchState(request.checkpoint_sha256(),
                                                  trainer->experiment(), cancellation));
  trainer->set_state(std::move(state));
  return trainer;
}

}  // namespace outerloop::worker
