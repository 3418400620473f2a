// An evaluation's scores in answers of a bounded size.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_SCORE_PAGE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_SCORE_PAGE_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "coordinator/store/records.h"
#include "outerloop/v1/evaluation_service.pb.h"

namespace outerloop::coordinator {

// The scores from `first_task` on, of whole shards but for the first, until there are `max_scores`
// or more in all series together; at least one shard's. `shards` are all shards of an evaluation,
// in order, at least one. INVALID_ARGUMENT if there is no such task.
absl::StatusOr<v1::ListScoresResponse> ScorePage(std::span<const ScoresRecord> shards,
                                                 uint32_t first_task, int max_scores);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_SCORE_PAGE_H_
