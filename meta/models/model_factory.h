// The networks of a job, for the tasks of that job.
#ifndef OUTERLOOP_META_MODELS_MODEL_FACTORY_H_
#define OUTERLOOP_META_MODELS_MODEL_FACTORY_H_

#include <cstdint>
#include <memory>

#include "common/example_shape.h"
#include "meta/models/back_end.h"
#include "meta/models/encoder.h"
#include "meta/models/learner.h"
#include "outerloop/v1/model.pb.h"

namespace outerloop::meta {

// What an example looks like, and what is to be said of it.
struct TaskShape {
  enum class Targets { kClasses, kValues };

  Targets targets = Targets::kClasses;
  ExampleShape inputs;
  int64_t outputs = 0;  // Ways of training tasks, or values.
};

// What algorithms make their networks with. Immutable. May throw what LibTorch throws: the
// coordinator has checked that model and tasks go together.
class ModelFactory {
 public:
  // By default all networks are computed by LibTorch's operations.
  ModelFactory(v1::Model model, TaskShape shape, const BackEnd& back_end = BackEnd());

  const TaskShape& shape() const { return shape_; }

  // The network with the loss of its tasks: cross-entropy over the ways, or that of regressions
  // which the model states.
  std::shared_ptr<const Learner> MakeLearner() const;

  // The network of images without its last linear layer.
  std::shared_ptr<const Encoder> MakeEncoder() const;

  // The model's hidden layers between other numbers of inputs and outputs; the model is an mlp.
  std::shared_ptr<const Encoder> MakeMlp(int64_t inputs, int64_t outputs) const;

 private:
  const v1::Model model_;
  const TaskShape shape_;
  const BackEnd back_end_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_MODEL_FACTORY_H_
