// Layers beside a shortcut (He, Zhang, Ren & Sun 2016, arXiv 1512.03385, equation 2).
#ifndef OUTERLOOP_META_OPS_RESIDUAL_H_
#define OUTERLOOP_META_OPS_RESIDUAL_H_

#include <memory>

#include "meta/ops/layer.h"
#include "meta/ops/sequence.h"

namespace outerloop::meta {

// The sum of what both make of the same inputs, which has one size. Parameters are first those of
// `layers`, then those of `shortcut`; their full names are distinct.
std::unique_ptr<const Layer> MakeResidual(NamedLayer layers, NamedLayer shortcut);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_RESIDUAL_H_
