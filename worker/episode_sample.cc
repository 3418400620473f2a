#include "worker/episode_sample.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "common/protocol.h"
#include "meta/ops/gaussian_likelihood.h"
#include "worker/experiment.h"
#include "worker/loaders/turned_image.h"

namespace outerloop::worker {
namespace {

using torch::Tensor;

// Of a classification task, at most.
constexpr size_t kClasses = 10, kSupport = 5, kQueries = 3;
// The rest of a sample is names and numbers.
constexpr size_t kImageBytes = kMaxSampleBytes - kMaxSampleBytes / 8;

// How many images of each class are drawn.
struct ImagesOfClass {
  size_t support;
  size_t queries;
};

// At least one of either, and as many as `images` if possible.
ImagesOfClass Fitting(ImagesOfClass images, size_t classes, size_t image_bytes) {
  images = {std::min(images.support, kSupport), std::min(images.queries, kQueries)};
  const size_t room = kImageBytes / (classes * image_bytes);
  while (images.support + images.queries > std::max<size_t>(room, 2)) {
    --(images.support >= images.queries ? images.support : images.queries);
  }
  return images;
}

void SetSizes(const data::DatasetIndex& index, auto& sample) {
  sample.set_height(index.height);
  sample.set_width(index.width);
  sample.set_channels(index.channels);
}

// Values [N, K] or [N] in row-major order.
std::vector<float> ToVector(const Tensor& values) {
  const Tensor host = values.to(torch::kCPU, torch::kFloat).contiguous();
  return {host.data_ptr<float>(), host.data_ptr<float>() + host.numel()};
}

// Adds the first `images` of class `way`; `predicted` [Q] is what was said of all queries.
void AddImages(const data::ClassificationTask& task, const data::DatasetView& dataset, size_t way,
               const ImagesOfClass& images, const int64_t* predicted, v1::SampledClass& message) {
  const size_t ways = task.classes.size();
  const auto pixels = [&](uint32_t row) { return TurnedPixels(dataset, row, task.rotations[way]); };
  const size_t first_support = way * (task.support.size() / ways);
  for (size_t i = 0; i < images.support; ++i) {
    message.add_support(pixels(task.support[first_support + i]));
  }
  const size_t first_query = way * (task.query.size() / ways);
  for (size_t i = 0; i < images.queries; ++i) {
    v1::SampledQuery& query = *message.add_queries();
    query.set_image(pixels(task.query[first_query + i]));
    query.set_predicted(static_cast<uint32_t>(predicted[first_query + i]));
  }
}

// `outputs` [Q, K] are logits.
void Fill(const data::ClassificationTask& task, const data::DatasetView& dataset,
          const Tensor& outputs, v1::EpisodeSample& message) {
  v1::ClassificationSample& sample = *message.mutable_classification();
  SetSizes(dataset.index, sample);
  const Tensor predicted = outputs.argmax(-1).to(torch::kCPU, torch::kInt64).contiguous();
  const size_t ways = task.classes.size();
  const ImagesOfClass images = Fitting({task.support.size() / ways, task.query.size() / ways},
                                       std::min(ways, kClasses), dataset.index.image_bytes());
  for (size_t way = 0; way < ways; ++way) {
    v1::SampledClass& its_class = *sample.add_classes();
    its_class.set_name(dataset.index.classes[task.classes[way]].name);
    its_class.set_rotation(task.rotations[way]);
    if (way >= kClasses) continue;
    AddImages(task, dataset, way, images, predicted.data_ptr<int64_t>(), its_class);
  }
}

void Add(const std::vector<float>& values, google::protobuf::RepeatedField<float>& field) {
  field.Add(values.begin(), values.end());
}

// Whether outputs are means and what deviations are made of, and not values.
bool AreDistributions(const std::string& metric) { return metric == "log_likelihood"; }

// The values, or their means, [Q, K].
Tensor MeansOf(const Tensor& outputs, const std::string& metric) {
  return AreDistributions(metric) ? outputs.chunk(2, -1)[0] : outputs;
}

void Fill(const data::RegressionTask& task, const std::string& metric, const Tensor& outputs,
          v1::EpisodeSample& message) {
  v1::RegressionSample& sample = *message.mutable_regression();
  Add(task.support_inputs, *sample.mutable_support_inputs());
  Add(task.support_targets, *sample.mutable_support_targets());
  Add(task.query_inputs, *sample.mutable_query_inputs());
  Add(task.query_targets, *sample.mutable_query_targets());
  Add(ToVector(MeansOf(outputs, metric)), *sample.mutable_predictions());
  if (!AreDistributions(metric)) return;
  Add(ToVector(meta::GaussianDeviation(outputs.chunk(2, -1)[1])), *sample.mutable_deviations());
}

// Of a value in [0, 1]; of what is none, 0.
char ToPixel(float value) {
  return static_cast<char>(value > 0 ? static_cast<int>(std::min(value, 1.0f) * 255 + 0.5f) : 0);
}

void Fill(const data::ImageCompletionTask& task, const data::DatasetView& dataset,
          const std::string& metric, const Tensor& outputs, v1::EpisodeSample& message) {
  v1::ImageCompletionSample& sample = *message.mutable_image_completion();
  SetSizes(dataset.index, sample);
  sample.set_image(TurnedPixels(dataset, task.image, task.rotation));
  sample.mutable_support()->Add(task.support.begin(), task.support.end());
  sample.mutable_query()->Add(task.query.begin(), task.query.end());
  for (const float value : ToVector(MeansOf(outputs, metric))) {
    sample.mutable_predictions()->push_back(ToPixel(value));
  }
}

}  // namespace

v1::EpisodeSample MakeEpisodeSample(const data::Task& task, const data::DatasetView* dataset,
                                    const meta::ScoreSeries& series, size_t row) {
  const v1::ScoreSeries way = ToProto(series);
  v1::EpisodeSample sample;
  sample.set_mode(way.mode());
  sample.set_inner_steps(way.inner_steps());
  sample.set_metric(way.metric());
  sample.set_score(way.scores(static_cast<int>(row)));
  const Tensor outputs = series.outputs[static_cast<int64_t>(row)];
  if (const auto* curve = std::get_if<data::RegressionTask>(&task)) {
    Fill(*curve, series.metric, outputs, sample);
  } else if (const auto* classes = std::get_if<data::ClassificationTask>(&task)) {
    Fill(*classes, *dataset, outputs, sample);
  } else {
    Fill(std::get<data::ImageCompletionTask>(task), *dataset, series.metric, outputs, sample);
  }
  return sample;
}

}  // namespace outerloop::worker
