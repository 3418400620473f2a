#include "coordinator/service/evaluation_service.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/service/find_job.h"
#include "coordinator/service/score_page.h"

namespace outerloop::coordinator {
namespace {

// 2 MB: half of what gRPC lets a message have.
constexpr int kScoresPerPage = 500'000;

// Whether a job that `caller` may see has this evaluation.
bool IsOfJobOf(const Board& board, const Caller& caller, const std::string& evaluation_id) {
  for (const Board::JobView& job : JobsOf(board, caller)) {
    for (const v1::Evaluation& evaluation : job->evaluations()) {
      if (evaluation.evaluation_id() == evaluation_id) return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<v1::ListScoresResponse> EvaluationService::Page(const v1::ListScoresRequest& request,
                                                               const Caller& caller) const {
  std::vector<ScoresRecord> shards;
  if (IsOfJobOf(board_, caller, request.evaluation_id())) {
    ASSIGN_OR_RETURN(shards, store_.Scores(request.evaluation_id()));
  }
  if (!shards.empty()) return ScorePage(shards, request.first_task(), kScoresPerPage);
  return absl::NotFoundError(absl::StrCat(
      "evaluation_id: '", request.evaluation_id(),
      "' has no scores: there is no such evaluation, or it is not done; `outerloop describe JOB "
      "--output json` lists those of a job"));
}

grpc::ServerUnaryReactor* EvaluationService::ListScores(grpc::CallbackServerContext* context,
                                                        const v1::ListScoresRequest* request,
                                                        v1::ListScoresResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<v1::ListScoresResponse> page = Page(*request, access_.CallerOf(*context));
  if (page.ok()) *response = *std::move(page);
  reactor->Finish(ToGrpcStatus(page.status()));
  return reactor;
}

absl::StatusOr<v1::ListEpisodeSamplesResponse> EvaluationService::Samples(
    const v1::ListEpisodeSamplesRequest& request, const Caller& caller) const {
  if (!IsOfJobOf(board_, caller, request.evaluation_id())) {
    return absl::NotFoundError(
        absl::StrCat("evaluation_id: there is no evaluation '", request.evaluation_id(), "'"));
  }
  ASSIGN_OR_RETURN(const std::vector<v1::EpisodeSample> samples,
                   store_.Samples(request.evaluation_id()));
  v1::ListEpisodeSamplesResponse response;
  response.mutable_samples()->Assign(samples.begin(), samples.end());
  return response;
}

grpc::ServerUnaryReactor* EvaluationService::ListEpisodeSamples(
    grpc::CallbackServerContext* context, const v1::ListEpisodeSamplesRequest* request,
    v1::ListEpisodeSamplesResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<v1::ListEpisodeSamplesResponse> samples =
      Samples(*request, access_.CallerOf(*context));
  if (samples.ok()) *response = *std::move(samples);
  reactor->Finish(ToGrpcStatus(samples.status()));
  return reactor;
}

}  // namespace outerloop::coordinator
