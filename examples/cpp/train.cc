// Trains a job and prints its loss as it goes. usage: train HOST:PORT JOB.yaml
#include <cstdio>

#include "client/client.h"
#include "client/job_file.h"

namespace {

absl::StatusOr<outerloop::v1::Job> Train(const char* address, const char* path) {
  const auto client = outerloop::client::Client::Create(address);
  if (!client.ok()) return client.status();
  const auto spec = outerloop::client::ReadJobFile(path, /*overrides=*/{});
  if (!spec.ok()) return spec.status();
  const auto job = (*client)->SubmitJob(*spec);
  if (!job.ok()) return job.status();
  return (*client)->WatchJob(job->job_id(), /*after_step=*/0, [](const auto& update) {
    for (const auto& step : update.steps()) {
      std::printf("step %llu: loss %.4f\n", static_cast<unsigned long long>(step.step()),
                  step.loss());
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: train HOST:PORT JOB.yaml\n");
    return 2;
  }
  const auto job = Train(argv[1], argv[2]);
  if (!job.ok()) {
    std::fprintf(stderr, "%s\n", job.status().ToString().c_str());
    return 1;
  }
  std::printf("%s %s\n", outerloop::v1::JobState_Name(job->state()).c_str(),
              job->parameters_sha256().c_str());
  return job->state() == outerloop::v1::SUCCEEDED ? 0 : 1;
}
