#include "coordinator/service/board.h"

#include <string>
#include <vector>

#include "coordinator/service/find_job.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

v1::Job MakeJob(const std::string& id, const std::string& name, uint64_t step = 0) {
  v1::Job job;
  job.set_job_id(id);
  job.mutable_spec()->set_name(name);
  job.set_step(step);
  return job;
}

TEST(Board, FindsByIdAndTheLatestByName) {
  Board board;
  board.Publish(MakeJob("job-1", "maml"));
  board.Publish(MakeJob("job-2", "maml"));
  EXPECT_EQ(board.Find("job-1")->job_id(), "job-1");
  EXPECT_EQ(board.Find("maml")->job_id(), "job-2");
  EXPECT_EQ(board.Find("other"), nullptr);
}

TEST(Board, ListsOldestFirstWhateverIsPublishedLast) {
  Board board;
  board.Publish(MakeJob("job-2", "b"));
  board.Publish(MakeJob("job-1", "a"));
  board.Publish(MakeJob("job-2", "b", /*step=*/7));
  const std::vector<Board::JobView> jobs = board.Jobs();
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0]->job_id(), "job-2");
  EXPECT_EQ(jobs[0]->step(), 7u);
  EXPECT_EQ(jobs[1]->job_id(), "job-1");
}

TEST(Board, ShowsAWatcherThePresentAndEveryLaterViewOfItsJobOnly) {
  Board board;
  board.Publish(MakeJob("job-1", "a", 1));
  std::vector<uint64_t> seen;
  board.Watch(&seen, "job-1", [&](const Board::JobView& job) { seen.push_back(job->step()); });
  board.Publish(MakeJob("job-2", "b", 9));
  board.Publish(MakeJob("job-1", "a", 2));
  board.Unwatch(&seen);
  board.Publish(MakeJob("job-1", "a", 3));
  EXPECT_EQ(seen, (std::vector<uint64_t>{1, 2}));
}

TEST(FindJob, SuggestsTheNearestName) {
  Board board;
  board.Publish(MakeJob("job-1", "maml-omniglot"));
  const auto missing = FindJob(board, Anybody(), "maml-omniglt");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(missing.status().message().find("did you mean 'maml-omniglot'?"), std::string::npos)
      << missing.status();
}

TEST(BoardTest, TellsItsListenerOfEveryChangeOfAJob) {
  Board board;
  int changes = 0;
  board.Listen([&changes] { ++changes; });
  v1::Job job;
  job.set_job_id("job");
  board.Publish(job);
  board.Publish(job);
  board.Remove("job");
  EXPECT_EQ(changes, 3);
}

}  // namespace
}  // namespace outerloop::coordinator
