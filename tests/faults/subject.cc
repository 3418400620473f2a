#include "tests/faults/subject.h"

#include <cstdlib>

#include "gtest/gtest.h"

namespace outerloop::tests {
namespace {

const char* OmniglotFolder() { return std::getenv("OUTERLOOP_OMNIGLOT"); }

void UseOmniglot(v1::JobSpec& spec) {
  spec.mutable_dataset()->set_name("omniglot");
  v1::RandomSplit* split = spec.mutable_dataset()->mutable_split()->mutable_random();
  split->set_train(1100);
  split->set_validation(100);
  split->set_test(423);
  spec.mutable_episode()->mutable_classification()->set_queries(5);
  spec.mutable_episode()->mutable_classification()->set_rotations(true);
  spec.mutable_model()->mutable_conv4()->set_filters(64);
  spec.mutable_training()->set_tasks_per_step(48);
  spec.mutable_training()->set_tasks_per_shard(4);
}

}  // namespace

bool OnOmniglot() { return OmniglotFolder() != nullptr; }

v1::JobSpec Subject(const std::string& name, uint32_t workers, v1::Reducer reducer) {
  v1::JobSpec spec = SmallMamlJob(name, 300);
  if (OnOmniglot()) UseOmniglot(spec);
  spec.clear_evaluations();
  spec.mutable_checkpoints()->set_every_steps(50);
  spec.mutable_workers()->set_min(workers);
  spec.mutable_workers()->set_reducer(reducer);
  return spec;
}

void ProvideData(Cluster& cluster) {
  if (!OnOmniglot()) return;
  Process import({Cluster::Binary("outerloop"), "--address", cluster.address(), "dataset", "import",
                  "--format", "omniglot", OmniglotFolder(), "--name", "omniglot"},
                 cluster.folder() / "import.log");
  import.ReadAll();
  ASSERT_EQ(import.Wait(), 0) << cluster.Logs();
}

const std::string& ExpectedDigest() {
  static const std::string digest = [] {
    Cluster cluster;
    ProvideData(cluster);
    cluster.StartWorker();
    const v1::Job job = cluster.Finish(cluster.Submit(Subject("undisturbed", 1, v1::COORDINATOR)));
    EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
    return job.parameters_sha256();
  }();
  return digest;
}

void ExpectUndisturbedResult(const v1::Job& job) {
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_EQ(job.step(), job.spec().training().steps());
  EXPECT_EQ(job.parameters_sha256(), ExpectedDigest());
}

}  // namespace outerloop::tests
