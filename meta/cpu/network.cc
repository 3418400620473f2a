#include "meta/cpu/network.h"

#include <utility>

namespace outerloop::meta::cpu {

template <typename S>
Network<S>::Network(const BodyOptions& options, int64_t ways, const ParameterLayout& layout,
                    const Kernels<S>& kernels)
    : body_(options, kernels),
      shape_(body_.ShapeWith(ways)),
      packing_(shape_, layout, kernels),
      classifier_(shape_, kernels) {}

template <typename S>
Workspace<S> Network<S>::MakeWorkspace(int64_t images) const {
  return {.tangents = body_.MakeTangentWorkspace(images),
          .backward = body_.MakeBackwardWorkspace(images),
          .logits = Buffer<S>(images * shape_.padded_ways),
          .parameters = packing_.Allocate(/*transposed=*/true),
          .gradient = packing_.Allocate(/*transposed=*/false)};
}

template <typename S>
S Network<S>::Differentiate(std::shared_ptr<const PackedParameters<S>> parameters, const S* images,
                            const int64_t* targets, int64_t num_images, Workspace<S>& workspace,
                            TaskRecord<S>& record) const {
  body_.Forward(std::move(parameters), images, num_images, workspace.values(), record.body);
  const PackedParameters<S>& values = *record.body.parameters;
  const Buffer<S>& features = workspace.values().back();
  classifier_.Logits(values, num_images, features, workspace.logits);
  record.classifier = classifier_.MakeRecord(num_images);
  const S loss = classifier_.Loss(num_images, workspace.logits, targets, record.classifier);
  classifier_.Backward(values, num_images, features, record.classifier, workspace.gradient,
                       workspace.backward.gradients.back());
  body_.Backward(workspace.values(), workspace.backward, record.body, workspace.gradient);
  return loss;
}

template <typename S>
void Network<S>::HessianVectorProduct(const TaskRecord<S>& record,
                                      const PackedParameters<S>& direction,
                                      Workspace<S>& workspace) const {
  const BodyRecord<S>& body = record.body;
  body_.TangentForward(body, direction, workspace.tangents);
  classifier_.Tangent(*body.parameters, direction, body.images, workspace.values().back(),
                      workspace.tangents.tangents.back(), record.classifier, workspace.gradient,
                      workspace.backward.gradients.back());
  body_.TangentBackward(body, direction, workspace.tangents, workspace.backward,
                        workspace.gradient);
}

template <typename S>
void Network<S>::Predict(std::shared_ptr<const PackedParameters<S>> parameters, const S* images,
                         int64_t num_images, Workspace<S>& workspace) const {
  BodyRecord<S> record;
  body_.Forward(std::move(parameters), images, num_images, workspace.values(), record);
  classifier_.Logits(*record.parameters, num_images, workspace.values().back(), workspace.logits);
}

template <typename S>
void Network<S>::PredictInductively(std::shared_ptr<const PackedParameters<S>> parameters,
                                    const S* support, int64_t num_support, const S* images,
                                    int64_t num_images, Workspace<S>& workspace) const {
  BodyRecord<S> batch;
  body_.Forward(std::move(parameters), support, num_support, workspace.values(), batch);
  body_.ForwardWithStatisticsOf(batch, images, num_images, workspace.values());
  classifier_.Logits(*batch.parameters, num_images, workspace.values().back(), workspace.logits);
}

template class Network<float>;
template class Network<double>;

}  // namespace outerloop::meta::cpu
