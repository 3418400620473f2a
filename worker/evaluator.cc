#include "worker/evaluator.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "worker/member/failure.h"
#include "worker/shard.h"

namespace outerloop::worker {
namespace {

constexpr size_t kLoadedAtMost = 2;

}  // namespace

Outcome Evaluator::Do(const ScoreShard& score, Cancellation& cancellation) {
  workplace_.progress.Enter(v1::Heartbeat::EVALUATE);
  absl::StatusOr<ShardScores> scores = Score(score.request, cancellation);
  if (!scores.ok()) return ToFailure(scores.status());
  return ShardScored{std::move(scores->series), std::move(scores->samples)};
}

absl::StatusOr<ShardScores> Evaluator::Score(const v1::EvaluateShard& request,
                                             Cancellation& cancellation) {
  const auto& steps = request.evaluation().inner_steps();
  if (steps.empty()) return absl::InvalidArgumentError("evaluation.inner_steps: empty");
  ASSIGN_OR_RETURN(const Trainer* trainer, Find(request, cancellation));
  return trainer->Evaluate(FromProto(request.shard()), request.evaluation());
}

absl::StatusOr<const Trainer*> Evaluator::Find(const v1::EvaluateShard& request,
                                               Cancellation& cancellation) {
  const auto found = std::find_if(loaded_.begin(), loaded_.end(), [&request](const Loaded& loaded) {
    return loaded.checkpoint_sha256 == request.checkpoint_sha256();
  });
  if (found != loaded_.end()) {
    loaded_.splice(loaded_.begin(), loaded_, found);
  } else {
    ASSIGN_OR_RETURN(std::unique_ptr<Trainer> trainer, Load(request, cancellation));
    loaded_.push_front({request.checkpoint_sha256(), std::move(trainer)});
    if (loaded_.size() > kLoadedAtMost) loaded_.pop_back();
  }
  return loaded_.front().trainer.get();
}

absl::StatusOr<std::unique_ptr<Trainer>> Evaluator::Load(const v1::EvaluateShard& request,
                                                         Cancellation& cancellation) {
  ASSIGN_OR_RETURN(auto trainer, workplace_.trainers.Make(request.spec(), request.dataset_sha256(),
                                                          cancellation));
  ASSIGN_OR_RETURN(TrainingState state,
                   workplace_.trainers.FetchState(request.checkpoint_sha256(),
                                                  trainer->experiment(), cancellation));
  trainer->set_state(std::move(state));
  return trainer;
}

}  // namespace outerloop::worker
