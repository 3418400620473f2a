#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/verbs.h"
#include "client/report/job_page.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct ReportOptions {
  std::string job;
  std::string path;
};

// The one of test tasks, or of any if there is none of these, that is of the latest step.
const v1::Evaluation* LatestDone(const v1::Job& job) {
  const v1::Evaluation* latest = nullptr;
  const auto rank = [](const v1::Evaluation& evaluation) {
    return std::pair(evaluation.spec().split() == v1::TEST, evaluation.step());
  };
  for (const v1::Evaluation& evaluation : job.evaluations()) {
    if (evaluation.state() != v1::EVALUATION_DONE) continue;
    if (latest == nullptr || rank(evaluation) > rank(*latest)) latest = &evaluation;
  }
  return latest;
}

absl::StatusOr<SampledEvaluation> SampleOf(const v1::Job& job, Client& client) {
  const v1::Evaluation* evaluation = LatestDone(job);
  if (evaluation == nullptr) return SampledEvaluation();
  ASSIGN_OR_RETURN(auto samples, client.ListEpisodeSamples(evaluation->evaluation_id()));
  return SampledEvaluation{*evaluation, std::move(samples)};
}

absl::StatusOr<int> Report(const Session& session, const ReportOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(options.job));
  ASSIGN_OR_RETURN(const auto steps, client->ListSteps(job.job_id()));
  ASSIGN_OR_RETURN(const SampledEvaluation sampled, SampleOf(job, *client));
  ASSIGN_OR_RETURN(const auto events, client->ListEvents(job.job_id()));
  RETURN_IF_ERROR(
      WriteFileAtomically(options.path, JobPage(job, steps, sampled, events, absl::Now())));
  session.Print({{"job_id", job.job_id()}, {"path", options.path}},
                absl::StrCat("wrote ", options.path, "; open it in a browser\n"));
  return kSuccess;
}

}  // namespace

void AddReport(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("report", "Write all about a job as one HTML page");
  auto options = std::make_shared<ReportOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job")->required();
  verb->add_option("-o,--file", options->path, "The file to write, e.g. report.html")->required();
  verb->callback([&session, options] {
    session.run = [&session, options] { return Report(session, *options); };
  });
}

}  // namespace outerloop::client
