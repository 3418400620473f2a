#include "worker/checkpoint.h"

#include <functional>
#include <map>
#include <numeric>
#include <string>

#include "common/safetensors.h"
#include "common/sha256.h"
#include "common/specification_digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "meta/parameters.h"
#include "worker/testing/specifications.h"

namespace outerloop::worker {
namespace {

using testing::HasSubstr;

std::span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() {
    state_.step = 12;
    state_.parameters.resize(experiment_->layout().size());
    std::iota(state_.parameters.begin(), state_.parameters.end(), 0.5f);
    state_.optimizer = experiment_->optimizer().InitialState(state_.parameters.size());
    for (auto& [name, buffer] : state_.optimizer) std::iota(buffer.begin(), buffer.end(), -3.0f);
  }

  static std::shared_ptr<const Experiment> Make(const v1::JobSpec& spec) {
    return Experiment::Create(spec, /*dataset_sha256=*/"", /*dataset=*/nullptr).value();
  }
  // The checkpoint with `change` made to it.
  absl::Status StatusWith(const std::function<void(SafetensorsFile&)>& change) const {
    const std::string bytes = ToCheckpoint(state_, *experiment_);
    SafetensorsFile file = ParseSafetensors(BytesOf(bytes)).value();
    change(file);
    return FromCheckpoint(BytesOf(SafetensorsToString(file)), *experiment_).status();
  }

  const std::shared_ptr<const Experiment> experiment_ = Make(SinusoidSpec());
  TrainingState state_;
};

TEST_F(CheckpointTest, ComesBackAsItWas) {
  const std::string bytes = ToCheckpoint(state_, *experiment_);
  const auto state = FromCheckpoint(BytesOf(bytes), *experiment_);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->step, 12u);
  EXPECT_EQ(state->parameters, state_.parameters);
  EXPECT_EQ(state->optimizer, state_.optimizer);
  EXPECT_EQ(ToCheckpoint(*state, *experiment_), bytes);
}

TEST_F(CheckpointTest, IsReadableByParameterName) {
  const std::string bytes = ToCheckpoint(state_, *experiment_);
  const SafetensorsFile file = ParseSafetensors(BytesOf(bytes)).value();
  for (const auto& entry : experiment_->layout().entries()) {
    for (const std::string prefix : {"", "meta_optimizer.m.", "meta_optimizer.v."}) {
      ASSERT_TRUE(file.tensors.contains(prefix + entry.name)) << prefix + entry.name;
      EXPECT_EQ(file.tensors.at(prefix + entry.name).shape, entry.shape);
    }
    EXPECT_EQ(file.tensors.at(entry.name).as<float>()[0], 0.5f + entry.offset);
  }
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{
                               {"format", "outerloop.checkpoint.v1"},
                               {"job", "curves"},
                               {"step", "12"},
                               {"parameters_sha256", ToHex(state_.ParametersDigest())},
                               {"specification_sha256", experiment_->specification_sha256()}}));
}

TEST_F(CheckpointTest, RefusesChangedParameters) {
  std::vector<float> changed(state_.parameters);
  changed[3] += 1;
  const auto status = StatusWith([&](SafetensorsFile& file) {
    for (const auto& entry : experiment_->layout().entries()) {
      file.tensors[entry.name].bytes = {
          reinterpret_cast<const uint8_t*>(changed.data() + entry.offset),
          entry.size * sizeof(float)};
    }
  });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST_F(CheckpointTest, RefusesWhatIsNoCheckpointOfTheJob) {
  const std::string name = experiment_->layout().entries()[0].name;
  const std::vector<std::function<void(SafetensorsFile&)>> changes = {
      [](SafetensorsFile& file) { file.metadata.erase("format"); },
      [](SafetensorsFile& file) { file.metadata["format"] = "outerloop.checkpoint.v2"; },
      [](SafetensorsFile& file) { file.metadata["specification_sha256"] = Sha256Hex("other"); },
      [](SafetensorsFile& file) { file.metadata["step"] = "-1"; },
      [](SafetensorsFile& file) { file.metadata.erase("step"); },
      [&](SafetensorsFile& file) { file.tensors.erase(name); },
      [&](SafetensorsFile& file) { file.tensors["meta_optimizer.x." + name] = file.tensors[name]; },
      [&](SafetensorsFile& file) { file.tensors[name].shape.push_back(1); },
      [&](SafetensorsFile& file) { file.tensors[name].type = TensorType::kI32; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    const absl::Status status = StatusWith(changes[i]);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << i << ": " << status;
  }
  EXPECT_TRUE(StatusWith([](SafetensorsFile&) {}).ok());
}

TEST_F(CheckpointTest, IsTakenOverByAJobThatDiffersInItsTasks) {
  v1::JobSpec spec = SinusoidSpec();
  spec.mutable_training()->set_seed(99);
  spec.mutable_episode()->mutable_sinusoid()->set_shots(7);
  const auto other = Make(spec);
  const std::string bytes = ToCheckpoint(state_, *experiment_);
  EXPECT_FALSE(FromCheckpoint(BytesOf(bytes), *other).ok());
  const auto state = AdoptCheckpoint(BytesOf(bytes), *other);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->step, 12u);
  EXPECT_EQ(state->parameters, state_.parameters);
  EXPECT_EQ(state->optimizer, state_.optimizer);
}

// Momentum's "m" is not Adam's "m".
TEST_F(CheckpointTest, IsTakenOverWithoutTheBuffersOfAnotherMetaOptimizer) {
  for (const double momentum : {0.0, 0.9}) {
    v1::JobSpec spec = SinusoidSpec();
    spec.mutable_meta_optimizer()->mutable_sgd()->set_rate(0.1);
    spec.mutable_meta_optimizer()->mutable_sgd()->set_momentum(momentum);
    const auto other = Make(spec);
    const auto state = AdoptCheckpoint(BytesOf(ToCheckpoint(state_, *experiment_)), *other);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->parameters, state_.parameters);
    EXPECT_EQ(state->optimizer, other->optimizer().InitialState(state_.parameters.size()));
  }
}

TEST_F(CheckpointTest, IsNotTakenOverByAnotherModelNorWhenDamaged) {
  v1::JobSpec spec = SinusoidSpec();
  spec.mutable_model()->mutable_mlp()->set_hidden(0, 9);
  const std::string bytes = ToCheckpoint(state_, *experiment_);
  const absl::Status status = AdoptCheckpoint(BytesOf(bytes), *Make(spec)).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  std::string damaged = bytes;
  const float value = state_.parameters[3];
  const size_t at = damaged.find(std::string(reinterpret_cast<const char*>(&value), sizeof(value)));
  ASSERT_NE(at, std::string::npos);
  damaged[at] ^= 1;
  EXPECT_FALSE(AdoptCheckpoint(BytesOf(damaged), *experiment_).ok());
}

TEST_F(CheckpointTest, RefusesATruncatedFile) {
  const std::string bytes = ToCheckpoint(state_, *experiment_);
  for (size_t size : {size_t{0}, size_t{7}, size_t{100}, bytes.size() - 1}) {
    EXPECT_FALSE(FromCheckpoint(BytesOf(bytes.substr(0, size)), *experiment_).ok()) << size;
  }
}

TEST(SpecificationDigestTest, DependsOnWhatTheParametersDependOnAndNothingElse) {
  const v1::JobSpec spec = SinusoidSpec();
  const std::string digest = SpecificationDigest(spec, "");
  v1::JobSpec same = spec;
  same.set_name("renamed");
  same.mutable_checkpoints()->set_every_steps(3);
  same.mutable_workers()->set_max(2);
  same.add_evaluations()->set_split(v1::TEST);
  EXPECT_EQ(SpecificationDigest(same, ""), digest);

  v1::JobSpec other = spec;
  other.mutable_training()->set_seed(99);
  EXPECT_NE(SpecificationDigest(other, ""), digest);
  other = spec;
  other.mutable_algorithm()->mutable_maml()->set_order(v1::Maml::FIRST);
  EXPECT_NE(SpecificationDigest(other, ""), digest);
  EXPECT_NE(SpecificationDigest(spec, Sha256Hex("data")), digest);
}

TEST(ExperimentTest, RefusesPartsThatDoNotGoTogetherWithTheirPath) {
  const std::vector<std::pair<std::string, std::function<void(v1::JobSpec&)>>> wrong = {
      {"training.tasks_per_step",
       [](v1::JobSpec& s) { s.mutable_training()->set_tasks_per_step(0); }},
      {"training.tasks_per_shard",
       [](v1::JobSpec& s) { s.mutable_training()->set_tasks_per_shard(8); }},
      {"training.fixed_point_bits",
       [](v1::JobSpec& s) { s.mutable_training()->set_fixed_point_bits(60); }},
      {"model", [](v1::JobSpec& s) { s.mutable_model()->mutable_conv4(); }},
      {"model", [](v1::JobSpec& s) { s.clear_model(); }},
      {"algorithm", [](v1::JobSpec& s) { s.clear_algorithm(); }},
      {"meta_optimizer", [](v1::JobSpec& s) { s.clear_meta_optimizer(); }},
      {"episode",
       [](v1::JobSpec& s) { s.mutable_episode()->mutable_classification()->set_ways(5); }},
  };
  for (const auto& [path, spoil] : wrong) {
    v1::JobSpec spec = SinusoidSpec();
    spoil(spec);
    const absl::Status status = Experiment::Create(spec, "", nullptr).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << path << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
}

}  // namespace
}  // namespace outerloop::worker
