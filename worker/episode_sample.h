// An evaluated task as a message to look at.
#ifndef OUTERLOOP_WORKER_EPISODE_SAMPLE_H_
#define OUTERLOOP_WORKER_EPISODE_SAMPLE_H_

#include <cstddef>

#include "data/dataset_file.h"
#include "data/task.h"
#include "meta/algorithms/algorithm.h"
#include "outerloop/v1/episode_sample.pb.h"

namespace outerloop::worker {

// What `series` says of `task`, which is row `row` of its shard; the task's number is left open.
// `dataset` is what the task was loaded from, so that all that it points to exists; null for a task
// that was drawn on the spot. Of large images fewer are taken of each class, but never less than an
// example and a query, so that a sample may still be larger than kMaxSampleBytes. May throw what
// LibTorch throws.
v1::EpisodeSample MakeEpisodeSample(const data::Task& task, const data::DatasetView* dataset,
                                    const meta::ScoreSeries& series, size_t row);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_EPISODE_SAMPLE_H_
