// Small jobs for tests, and their tasks.
#ifndef OUTERLOOP_WORKER_TESTING_SPECIFICATIONS_H_
#define OUTERLOOP_WORKER_TESTING_SPECIFICATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "outerloop/v1/job.pb.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::worker {

// A complete specification of sinusoid regression with a small network: 7 tasks a step in shards of
// 2, so that the last shard is short.
v1::JobSpec SinusoidSpec();

// The same of 3-way 2-shot classification of SmallDataset with a small convolutional network.
v1::JobSpec ClassificationSpec();

// The same of the pixels of such images, with a small perceptron.
v1::JobSpec ImageCompletionSpec();

// A data set file of 12 classes of 5 images, 8 x 8.
std::string SmallDataset();

// The same with images of one grey each.
std::string FlatDataset();

// All shards of training step `step`, as the coordinator samples them. `dataset` is empty for the
// sinusoid.
std::vector<v1::Shard> ShardsOfStep(const v1::JobSpec& spec, const std::string& dataset,
                                    uint64_t step);

// The first `tasks` tasks of the specification's meta-test split in one shard.
v1::Shard EvaluationShard(const v1::JobSpec& spec, const std::string& dataset,
                          const v1::EvaluationSpec& evaluation, uint32_t tasks);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TESTING_SPECIFICATIONS_H_
