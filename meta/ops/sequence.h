// Layers one after another.
#ifndef OUTERLOOP_META_OPS_SEQUENCE_H_
#define OUTERLOOP_META_OPS_SEQUENCE_H_

#include <memory>
#include <string>
#include <vector>

#include "meta/ops/layer.h"

namespace outerloop::meta {

// A layer's parameter "weight" is `name`.weight of the whole, or plain "weight" if there is no
// name.
struct NamedLayer {
  std::string name;
  std::shared_ptr<const Layer> layer;
};

// The composition of `layers` as one layer; of none, what gives back its inputs. Parameters are in
// the order of the layers; their full names are distinct.
std::unique_ptr<const Layer> MakeSequence(std::vector<NamedLayer> layers);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_SEQUENCE_H_
