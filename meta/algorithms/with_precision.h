// An algorithm whose products are rounded as a job asks for.
#ifndef OUTERLOOP_META_ALGORITHMS_WITH_PRECISION_H_
#define OUTERLOOP_META_ALGORITHMS_WITH_PRECISION_H_

#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/ops/product_precision.h"

namespace outerloop::meta {

// `algorithm` under a ProductPrecisionGuard of `precision`, whose conditions are the caller's to
// keep; itself for kFloat32.
std::unique_ptr<const Algorithm> WithPrecision(ProductPrecision precision,
                                               std::unique_ptr<const Algorithm> algorithm);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_WITH_PRECISION_H_
