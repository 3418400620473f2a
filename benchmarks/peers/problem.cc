#include "benchmarks/peers/problem.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mapped_file.h"
#include "common/safetensors.h"
#include "common/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "meta/parameters.h"
#include "worker/device.h"
#include "worker/torch_boundary.h"

namespace outerloop::benchmarks {
namespace {

torch::ScalarType TypeOf(const TensorView& view) {
  switch (view.type) {
    case TensorType::kU8:
      return torch::kUInt8;
    case TensorType::kI32:
      return torch::kInt32;
    case TensorType::kI64:
      return torch::kInt64;
    case TensorType::kF32:
      return torch::kFloat32;
    case TensorType::kF64:
      return torch::kFloat64;
  }
  return torch::kUInt8;
}

// A copy of the tensor `name`.
absl::StatusOr<torch::Tensor> Find(const SafetensorsFile& file, const std::string& name) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    return absl::InvalidArgumentError(absl::StrCat("no tensor `", name, "`"));
  }
  const TensorView& view = found->second;
  return torch::from_blob(const_cast<uint8_t*>(view.bytes.data()), view.shape, TypeOf(view))
      .clone();
}

absl::StatusOr<v1::JobSpec> ReadSpecification(const SafetensorsFile& file) {
  const auto found = file.metadata.find("specification");
  if (found == file.metadata.end()) return absl::InvalidArgumentError("no `specification`");
  v1::JobSpec spec;
  const auto status = google::protobuf::util::JsonStringToMessage(found->second, &spec);
  if (!status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("specification: ", status.ToString()));
  }
  return spec;
}

absl::StatusOr<std::shared_ptr<const worker::Experiment>> MakeExperiment(
    const SafetensorsFile& file, const std::string& dataset, const worker::Device& device) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ReadSpecification(file));
  RETURN_IF_ERROR(worker::CheckPrecision(spec.training().product_precision(), device));
  std::shared_ptr<const MappedFile> images;
  if (!dataset.empty()) {
    ASSIGN_OR_RETURN(images, MappedFile::Open(dataset));
  }
  return worker::Experiment::Create(spec, /*dataset_sha256=*/"", std::move(images),
                                    device.back_end);
}

absl::StatusOr<torch::Tensor> ReadParameters(const SafetensorsFile& file,
                                             const meta::ParameterLayout& layout) {
  std::vector<torch::Tensor> pieces;
  for (const meta::ParameterLayout::Entry& entry : layout.entries()) {
    ASSIGN_OR_RETURN(const torch::Tensor piece, Find(file, "parameters." + entry.name));
    if (piece.sizes() != torch::IntArrayRef(entry.shape)) {
      return absl::InvalidArgumentError(absl::StrCat("parameters.", entry.name,
                                                     ": the shape is not the model's, which has ",
                                                     entry.size, " elements"));
    }
    pieces.push_back(piece.flatten());
  }
  return torch::cat(pieces);
}

absl::StatusOr<meta::TaskShard> ReadTasks(const SafetensorsFile& file) {
  meta::TaskShard tasks;
  ASSIGN_OR_RETURN(tasks.support_inputs, Find(file, "support_inputs"));
  ASSIGN_OR_RETURN(tasks.support_targets, Find(file, "support_targets"));
  ASSIGN_OR_RETURN(tasks.query_inputs, Find(file, "query_inputs"));
  ASSIGN_OR_RETURN(tasks.query_targets, Find(file, "query_targets"));
  return tasks;
}

}  // namespace

absl::StatusOr<Problem> ReadProblem(const std::string& path, const std::string& dataset,
                                    const worker::Device& device) {
  return worker::WithinTorch([&]() -> absl::StatusOr<Problem> {
    ASSIGN_OR_RETURN(const auto mapped, MappedFile::Open(path));
    ASSIGN_OR_RETURN(const SafetensorsFile file, ParseSafetensors(mapped->bytes()));
    Problem problem;
    ASSIGN_OR_RETURN(problem.experiment, MakeExperiment(file, dataset, device));
    ASSIGN_OR_RETURN(problem.parameters, ReadParameters(file, problem.experiment->layout()));
    ASSIGN_OR_RETURN(problem.tasks, ReadTasks(file));
    problem.tasks.ways = problem.experiment->ways();
    const torch::Device target(device.name());
    problem.parameters = problem.parameters.to(target);
    problem.tasks = meta::Changed(
        problem.tasks, [target](const torch::Tensor& tensor) { return tensor.to(target); });
    return problem;
  });
}

}  // namespace outerloop::benchmarks
