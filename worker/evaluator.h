// A worker's part in the evaluation of a checkpoint.
#ifndef OUTERLOOP_WORKER_EVALUATOR_H_
#define OUTERLOOP_WORKER_EVALUATOR_H_

#include <list>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/cancellation.h"
#include "worker/member/operation.h"
#include "worker/trainer.h"
#include "worker/workplace.h"

namespace outerloop::worker {

// Scores shards, and keeps the checkpoints used last, since an evaluation comes in many shards.
// Apart from all training. Used by the executor's thread alone.
class Evaluator {
 public:
  explicit Evaluator(const Workplace& workplace) : workplace_(workplace) {}

  // Blocks while it works; fetching ends soon, in a Failure, once `cancellation` is set.
  Outcome Do(const ScoreShard& score, Cancellation& cancellation);

 private:
  struct Loaded {
    std::string checkpoint_sha256;
    std::unique_ptr<const Trainer> trainer;
  };

  absl::StatusOr<ShardScores> Score(const v1::EvaluateShard& request, Cancellation& cancellation);
  // The trainer that holds the request's checkpoint.
  absl::StatusOr<const Trainer*> Find(const v1::EvaluateShard& request, Cancellation& cancellation);
  absl::StatusOr<std::unique_ptr<Trainer>> Load(const v1::EvaluateShard& request,
                                                Cancellation& cancellation);

  const Workplace& workplace_;
  std::list<Loaded> loaded_;  // The one used last in front.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_EVALUATOR_H_
