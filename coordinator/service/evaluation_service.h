#ifndef OUTERLOOP_COORDINATOR_SERVICE_EVALUATION_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_EVALUATION_SERVICE_H_

#include "absl/status/statusor.h"
#include "coordinator/security/access.h"
#include "coordinator/service/board.h"
#include "coordinator/store/store.h"
#include "outerloop/v1/evaluation_service.grpc.pb.h"

namespace outerloop::coordinator {

// What evaluations found, for clients (evaluation_service.proto). Thread-safe. All arguments must
// outlive it.
class EvaluationService final : public v1::EvaluationService::CallbackService {
 public:
  EvaluationService(const Board& board, const Store& store, const Access& access)
      : board_(board), store_(store), access_(access) {}

  grpc::ServerUnaryReactor* ListScores(grpc::CallbackServerContext* context,
                                       const v1::ListScoresRequest* request,
                                       v1::ListScoresResponse* response) override;
  grpc::ServerUnaryReactor* ListEpisodeSamples(grpc::CallbackServerContext* context,
                                               const v1::ListEpisodeSamplesRequest* request,
                                               v1::ListEpisodeSamplesResponse* response) override;

 private:
  absl::StatusOr<v1::ListScoresResponse> Page(const v1::ListScoresRequest& request,
                                              const Caller& caller) const;
  absl::StatusOr<v1::ListEpisodeSamplesResponse> Samples(
      const v1::ListEpisodeSamplesRequest& request, const Caller& caller) const;

  const Board& board_;
  const Store& store_;
  const Access& access_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_EVALUATION_SERVICE_H_
