#include "worker/testing/specifications.h"

#include <cstdlib>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/dataset_file.h"
#include "data/task_proto.h"
#include "data/task_sampler.h"
#include "google/protobuf/text_format.h"

namespace outerloop::worker {
namespace {

constexpr char kSinusoid[] = R"pb(
  name: "curves"
  dataset { name: "sinusoid" }
  episode {
    sinusoid {
      shots: 5
      queries: 6
      amplitude_min: 0.1
      amplitude_max: 5
      phase_min: 0
      phase_max: 3.141592653589793
      input_min: -5
      input_max: 5
    }
  }
  model { mlp { hidden: 8 } }
  algorithm { maml { inner_steps: 2 inner_rate: 0.01 order: SECOND } }
  meta_optimizer { adam { rate: 0.001 beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
  training { steps: 20 tasks_per_step: 7 tasks_per_shard: 2 seed: 3 fixed_point_bits: 40 }
)pb";

constexpr char kClassification[] = R"pb(
  name: "shapes"
  dataset {
    name: "shapes"
    split { random { seed: 1 train: 7 validation: 0 test: 5 } }
  }
  episode { classification { ways: 3 shots: 2 queries: 2 rotations: true } }
  model { conv4 { filters: 4 } }
  algorithm { maml { inner_steps: 1 inner_rate: 0.4 order: SECOND } }
  meta_optimizer { sgd { rate: 0.05 momentum: 0.9 } }
  training { steps: 20 tasks_per_step: 5 tasks_per_shard: 2 seed: 4 fixed_point_bits: 40 }
)pb";

constexpr char kImageCompletion[] = R"pb(
  name: "pixels"
  dataset {
    name: "shapes"
    split { random { seed: 1 train: 7 validation: 0 test: 5 } }
  }
  episode { image_completion { shots: 10 queries: 30 rotations: true max_shots: 20 } }
  model { mlp { hidden: 16 hidden: 16 } }
  algorithm { maml { inner_steps: 1 inner_rate: 0.1 order: SECOND } }
  meta_optimizer { adam { rate: 0.003 beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
  training { steps: 300 tasks_per_step: 7 tasks_per_shard: 2 seed: 5 fixed_point_bits: 40 }
)pb";

v1::JobSpec Parse(const char* text) {
  v1::JobSpec spec;
  if (!google::protobuf::TextFormat::ParseFromString(text, &spec)) std::abort();
  return spec;
}

std::unique_ptr<const data::TaskSampler> MakeSampler(const v1::JobSpec& spec,
                                                     const std::string& dataset) {
  std::optional<data::DatasetView> view;
  if (!dataset.empty()) {
    view = data::ParseDataset({reinterpret_cast<const uint8_t*>(dataset.data()), dataset.size()})
               .value();
  }
  return data::TaskSampler::Create(spec, view ? &view->index : nullptr).value();
}

// 12 classes of 5 images, 8 x 8, whose pixels are `pixel` modulo 256.
std::string DatasetOf(int (*pixel)(int label, int example, int p)) {
  data::DatasetBuilder builder(/*channels=*/1, /*height=*/8, /*width=*/8);
  for (int label = 0; label < 12; ++label) {
    builder.AddClass(absl::StrCat("class", label), "here");
    for (int example = 0; example < 5; ++example) {
      std::vector<uint8_t> pixels(64);
      for (int p = 0; p < 64; ++p) pixels[p] = pixel(label, example, p) % 256;
      builder.AddImage(pixels);
    }
  }
  std::string bytes;
  const auto append = [&bytes](std::string_view piece) {
    bytes.append(piece);
    return absl::OkStatus();
  };
  if (!builder.Write("made for tests", append).ok()) std::abort();
  return bytes;
}

}  // namespace

v1::JobSpec SinusoidSpec() { return Parse(kSinusoid); }

v1::JobSpec ClassificationSpec() { return Parse(kClassification); }

v1::JobSpec ImageCompletionSpec() { return Parse(kImageCompletion); }

std::string SmallDataset() {
  return DatasetOf([](int label, int example, int p) { return p * (label + 3) + 11 * example; });
}

std::string FlatDataset() {
  return DatasetOf([](int label, int example, int) { return 53 * label + 31 * example; });
}

std::vector<v1::Shard> ShardsOfStep(const v1::JobSpec& spec, const std::string& dataset,
                                    uint64_t step) {
  const auto sampler = MakeSampler(spec, dataset);
  std::vector<v1::Shard> shards;
  for (uint32_t task = 0; task < spec.training().tasks_per_step(); ++task) {
    if (task % spec.training().tasks_per_shard() == 0) {
      shards.emplace_back().set_index(shards.size() - 1);
    }
    data::ToProto(sampler->Sample(step, task), shards.back().add_tasks());
  }
  return shards;
}

v1::Shard EvaluationShard(const v1::JobSpec& spec, const std::string& dataset,
                          const v1::EvaluationSpec& evaluation, uint32_t tasks) {
  const auto sampler = MakeSampler(spec, dataset);
  v1::Shard shard;
  for (uint32_t task = 0; task < tasks; ++task) {
    data::ToProto(sampler->SampleEvaluation(evaluation, task), shard.add_tasks());
  }
  return shard;
}

}  // namespace outerloop::worker
