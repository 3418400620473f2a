// A worker's part in the evaluation of a checkpoint.
#ifndef OUTERLOOP_WORKER_EVALUATOR_H_
#define OUTERLOOP_WORKER_EVALUATOR_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/cancellation.h"
#include "worker/trainer.h"
#include "worker/workplace.h"

namespace outerloop::worker {

// Scores shards, and keeps the checkpoints used last, since an evaluation comes in many shards.
// Apart from all training. Used by the compute thread alone.
class Evaluator {
 public:
  explicit Evaluator(const Workplace& workplace) : workplace_(workplace) {}

  // Answers EvaluationShardDone or EvaluationShardFailed over that connection. Blocks while it
  // works; fetching is cut short when the connection is lost or the mailbox closed.
  void Evaluate(uint64_t connection, const v1::EvaluateShard& request);

 private:
  struct Loaded {
    std::string checkpoint_sha256;
    std::unique_ptr<const Trainer> trainer;
  };

  absl::StatusOr<std::vector<v1::ScoreSeries>> Score(const v1::EvaluateShard& request);
  // The trainer that holds the request's checkpoint.
  absl::StatusOr<const Trainer*> Find(const v1::EvaluateShard& request);
  absl::StatusOr<std::unique_ptr<Trainer>> Load(const v1::EvaluateShard& request);

  const Workplace& workplace_;
  std::list<Loaded> loaded_;  // The one used last in front.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_EVALUATOR_H_
