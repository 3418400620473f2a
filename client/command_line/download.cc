#include <memory>
#include <optional>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/byte_progress.h"
#include "client/command_line/job_reference.h"
#include "client/command_line/verbs.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct DownloadOptions {
  std::string job;
  std::string file;
  std::optional<uint64_t> step;  // Instead of JOB@STEP.
};

absl::StatusOr<int> Download(const Session& session, const DownloadOptions& options) {
  ASSIGN_OR_RETURN(JobReference reference, ParseJobReference(options.job));
  if (options.step.has_value()) reference.step = options.step;
  StatusDisplay display = session.MakeDisplay();
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  const auto show = [&display](uint64_t done, uint64_t total) {
    display.Show(ByteProgress("receiving", done, total), "", absl::Now());
  };
  ASSIGN_OR_RETURN(const v1::Artifact artifact,
                   client->DownloadArtifact(reference.job, reference.step, options.file, show));
  display.Finish();
  Json json = MessageToJson(artifact, JsonFields::kAll);
  json["path"] = options.file;
  session.Print(json, absl::StrCat("wrote ", options.file, ": step ", artifact.step(), " of job ",
                                   artifact.job_id(), ", ", FormatBytes(artifact.size_bytes()),
                                   "\nsha256 ", artifact.sha256(), "\nparameters_sha256 ",
                                   artifact.parameters_sha256(), "\n"));
  return kSuccess;
}

}  // namespace

void AddDownload(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("download", "Fetch a checkpoint as a safetensors file");
  auto options = std::make_shared<DownloadOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job; JOB@STEP: not the latest step")
      ->required()
      ->check(CheckJobReference, "JOB[@STEP]");
  verb->add_option("--step", options->step, "The same as JOB@STEP");
  verb->add_option("-o,--file", options->file, "Where to write it; replaced if it exists")
      ->required();
  verb->callback([&session, options] {
    session.run = [&session, options] { return Download(session, *options); };
  });
}

}  // namespace outerloop::client
