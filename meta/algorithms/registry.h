// All algorithms, by their options. registry.cc is made by CMake from this folder's list.
#ifndef OUTERLOOP_META_ALGORITHMS_REGISTRY_H_
#define OUTERLOOP_META_ALGORITHMS_REGISTRY_H_

#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

// The kind that `options` gives. Throws c10::ValueError if it gives none.
std::unique_ptr<const Algorithm> MakeAlgorithm(const v1::Algorithm& options,
                                               const ModelFactory& models);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_REGISTRY_H_
