#include "worker/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/safetensors.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "meta/parameters.h"

namespace outerloop::worker {
namespace {

constexpr char kFormat[] = "outerloop.checkpoint.v1";

std::string PrefixOf(const std::string& buffer) {
  return absl::StrCat("meta_optimizer.", buffer, ".");
}

// The tensors of the flat buffer `values`, each under `prefix` and its parameter's name.
void AddTensors(const std::vector<float>& values, const meta::ParameterLayout& layout,
                const std::string& prefix, SafetensorsFile& file) {
  for (const meta::ParameterLayout::Entry& entry : layout.entries()) {
    const auto* first = reinterpret_cast<const uint8_t*>(values.data() + entry.offset);
    file.tensors[prefix + entry.name] = {
        TensorType::kF32, entry.shape, {first, entry.size * sizeof(float)}};
  }
}

absl::Status TakeTensors(const SafetensorsFile& file, const meta::ParameterLayout& layout,
                         const std::string& prefix, std::vector<float>& values) {
  for (const meta::ParameterLayout::Entry& entry : layout.entries()) {
    const auto tensor = file.tensors.find(prefix + entry.name);
    if (tensor == file.tensors.end() || tensor->second.type != TensorType::kF32 ||
        tensor->second.shape != entry.shape) {
      return absl::InvalidArgumentError(absl::StrCat("checkpoint: no F32 tensor '", prefix,
                                                     entry.name, "' of the model's shape in it"));
    }
    std::memcpy(values.data() + entry.offset, tensor->second.bytes.data(),
                entry.size * sizeof(float));
  }
  return absl::OkStatus();
}

// The value under `key`, "" if there is none.
std::string Find(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

absl::Status CheckFormat(const SafetensorsFile& file) {
  const std::string format = Find(file.metadata, "format");
  if (format == kFormat) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("checkpoint: its format is '", format, "'; expected '", kFormat, "'"));
}

absl::Status CheckSpecification(const SafetensorsFile& file, const Experiment& experiment) {
  const std::string specification = Find(file.metadata, "specification_sha256");
  if (specification == experiment.specification_sha256()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("checkpoint: made under specification '",
                                                 specification, "', but the job's is ",
                                                 experiment.specification_sha256()));
}

absl::Status CheckTensorCount(const SafetensorsFile& file, size_t expected) {
  if (file.tensors.size() == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("checkpoint: ", file.tensors.size(), " tensors in it; expected ", expected));
}

// Zeros of the experiment's sizes.
TrainingState EmptyState(const Experiment& experiment) {
  TrainingState state;
  state.parameters.resize(experiment.layout().size());
  state.optimizer = experiment.optimizer().InitialState(state.parameters.size());
  return state;
}

// Step and parameters, whose digest is checked.
absl::Status TakeParameters(const SafetensorsFile& file, const Experiment& experiment,
                            TrainingState& state) {
  if (!absl::SimpleAtoi(Find(file.metadata, "step"), &state.step)) {
    return absl::InvalidArgumentError("checkpoint: its step is no number");
  }
  RETURN_IF_ERROR(TakeTensors(file, experiment.layout(), "", state.parameters));
  if (ToHex(state.ParametersDigest()) == Find(file.metadata, "parameters_sha256")) {
    return absl::OkStatus();
  }
  return absl::DataLossError("checkpoint: its parameters do not have the digest that it states");
}

absl::Status TakeBuffers(const SafetensorsFile& file, const Experiment& experiment,
                         TrainingState& state) {
  for (auto& [name, buffer] : state.optimizer) {
    RETURN_IF_ERROR(TakeTensors(file, experiment.layout(), PrefixOf(name), buffer));
  }
  return absl::OkStatus();
}

// Tensors of a checkpoint of the experiment.
size_t TensorCount(const Experiment& experiment, const TrainingState& state) {
  return experiment.layout().entries().size() * (1 + state.optimizer.size());
}

// Whether the file has the buffers that `state` has, and no others.
bool HasBuffersOf(const TrainingState& state, const SafetensorsFile& file,
                  const Experiment& experiment) {
  const auto has = [&](const auto& buffer) {
    return file.tensors.contains(PrefixOf(buffer.first) + experiment.layout().entries()[0].name);
  };
  return file.tensors.size() == TensorCount(experiment, state) &&
         std::all_of(state.optimizer.begin(), state.optimizer.end(), has);
}

}  // namespace

std::string ToCheckpoint(const TrainingState& state, const Experiment& experiment) {
  SafetensorsFile file;
  AddTensors(state.parameters, experiment.layout(), "", file);
  for (const auto& [name, buffer] : state.optimizer) {
    AddTensors(buffer, experiment.layout(), PrefixOf(name), file);
  }
  file.metadata = {{"format", kFormat},
                   {"job", experiment.job_name()},
                   {"step", absl::StrCat(state.step)},
                   {"parameters_sha256", ToHex(state.ParametersDigest())},
                   {"specification_sha256", experiment.specification_sha256()}};
  return SafetensorsToString(file);
}

absl::StatusOr<TrainingState> FromCheckpoint(std::span<const uint8_t> bytes,
                                             const Experiment& experiment) {
  ASSIGN_OR_RETURN(const SafetensorsFile file, ParseSafetensors(bytes));
  RETURN_IF_ERROR(CheckFormat(file));
  RETURN_IF_ERROR(CheckSpecification(file, experiment));
  TrainingState state = EmptyState(experiment);
  RETURN_IF_ERROR(CheckTensorCount(file, TensorCount(experiment, state)));
  RETURN_IF_ERROR(TakeParameters(file, experiment, state));
  RETURN_IF_ERROR(TakeBuffers(file, experiment, state));
  return state;
}

absl::StatusOr<TrainingState> AdoptCheckpoint(std::span<const uint8_t> bytes,
                                              const Experiment& experiment) {
  ASSIGN_OR_RETURN(const SafetensorsFile file, ParseSafetensors(bytes));
  RETURN_IF_ERROR(CheckFormat(file));
  TrainingState state = EmptyState(experiment);
  RETURN_IF_ERROR(TakeParameters(file, experiment, state));
  if (HasBuffersOf(state, file, experiment)) {
    RETURN_IF_ERROR(TakeBuffers(file, experiment, state));
  }
  return state;
}

}  // namespace outerloop::worker
