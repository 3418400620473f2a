#include "coordinator/core/evaluation_run.h"

#include <string>
#include <vector>

#include "common/protocol.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::EpisodeSample SampleOfTask(uint32_t task, size_t image_bytes = 1) {
  v1::EpisodeSample sample;
  sample.set_task(task);
  sample.mutable_image_completion()->set_image(std::string(image_bytes, 'x'));
  return sample;
}

// Ten tasks, two a shard.
EvaluationRun RunOfTenTasks() {
  EvaluationRecord evaluation;
  evaluation.evaluation_id = "e";
  evaluation.spec.set_tasks(10);
  return EvaluationRun(evaluation, 2);
}

std::vector<uint32_t> SampledTasksOf(const EvaluationRun& run) {
  std::vector<uint32_t> tasks;
  for (const SampleRecord& record : run.samples()) {
    EXPECT_EQ(record.evaluation_id, "e");
    tasks.push_back(record.sample.task());
  }
  return tasks;
}

TEST(EvaluationRunTest, KeepsSamplesByTaskWhateverShardComesFirst) {
  EvaluationRun run = RunOfTenTasks();
  run.KeepSamples(1, {SampleOfTask(2)});
  run.KeepSamples(0, {SampleOfTask(0), SampleOfTask(1)});
  EXPECT_THAT(SampledTasksOf(run), ElementsAre(0, 1, 2));
}

TEST(EvaluationRunTest, KeepsTheFirstSampleOfATask) {
  EvaluationRun run = RunOfTenTasks();
  run.KeepSamples(0, {SampleOfTask(0, 5)});
  run.KeepSamples(0, {SampleOfTask(0, 7)});
  EXPECT_EQ(run.samples()[0].sample.image_completion().image().size(), 5u);
}

TEST(EvaluationRunTest, KeepsNoSamplesOfOtherTasksOrThatAreLarge) {
  EvaluationRun run = RunOfTenTasks();
  run.KeepSamples(1, {SampleOfTask(0), SampleOfTask(3), SampleOfTask(4)});
  run.KeepSamples(2, {SampleOfTask(4)});
  run.KeepSamples(0, {SampleOfTask(1, kMaxSampleBytes)});
  EXPECT_THAT(SampledTasksOf(run), IsEmpty());
}

}  // namespace
}  // namespace outerloop::coordinator
