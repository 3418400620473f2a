#include "client/sweep_file.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/job_file.h"
#include "client/sweep_axis.h"
#include "client/yaml_message.h"
#include "client/yaml_override.h"
#include "client/yaml_tree.h"
#include "common/atomic_file.h"
#include "common/philox.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

// How the trials are taken from the axes.
struct Search {
  uint64_t random_trials = 0;  // 0: a grid of all values.
  std::string place;
};

// Removes the entry of this key and returns its value; nothing if there is none.
std::optional<YamlNode> TakeEntry(YamlNode& mapping, const std::string& key) {
  const auto entry = std::find_if(mapping.entries.begin(), mapping.entries.end(),
                                  [&](const YamlEntry& one) { return one.key == key; });
  if (entry == mapping.entries.end()) return std::nullopt;
  YamlNode value = std::move(entry->value);
  mapping.entries.erase(entry);
  return value;
}

absl::StatusOr<YamlNode> TakeJob(YamlNode& sweep, std::span<const std::string> overrides) {
  std::optional<YamlNode> job = TakeEntry(sweep, "job");
  if (!job.has_value() || job->kind != YamlNode::Kind::kMapping) {
    return YamlError(job.has_value() ? job->place : sweep.place, "job",
                     "give a job as in a job file, e.g. {extends: maml-sinusoid}");
  }
  ASSIGN_OR_RETURN(YamlNode tree, ExtendPreset(*std::move(job)));
  for (const std::string& assignment : overrides) {
    RETURN_IF_ERROR(ApplyOverride(*v1::JobSpec::descriptor(), assignment, tree));
  }
  return tree;
}

absl::StatusOr<std::vector<SweepAxis>> TakeAxes(YamlNode& sweep) {
  const std::optional<YamlNode> node = TakeEntry(sweep, "axes");
  if (!node.has_value() || node->entries.empty()) {
    return YamlError(node.has_value() ? node->place : sweep.place, "axes",
                     "give at least one, e.g. {training.seed: {values: [0, 1]}}");
  }
  std::vector<SweepAxis> axes;
  for (const auto& [path, value] : node->entries) {
    ASSIGN_OR_RETURN(axes.emplace_back(), ParseAxis(path, value));
  }
  return axes;
}

absl::StatusOr<Search> TakeSearch(YamlNode& sweep) {
  const std::optional<YamlNode> node = TakeEntry(sweep, "search");
  if (!node.has_value()) return Search{0, sweep.place};
  if (node->scalar == "grid") return Search{0, node->place};
  const bool is_random = node->entries.size() == 1 && node->entries[0].key == "random";
  if (!is_random) {
    return YamlError(node->place, "search", "give `grid` or {random: {trials: NUMBER}}");
  }
  const YamlNode& random = node->entries[0].value;
  Search search{0, node->place};
  const bool has_trials = random.entries.size() == 1 && random.entries[0].key == "trials" &&
                          absl::SimpleAtoi(random.entries[0].value.scalar, &search.random_trials);
  if (has_trials && search.random_trials >= 1 && search.random_trials <= kMostTrials) return search;
  return YamlError(random.place, "search.random.trials",
                   absl::StrCat("give a number from 1 to ", kMostTrials));
}

// ---- Trials

using Values = std::vector<YamlNode>;  // By axis.

std::vector<Values> DrawAll(std::span<const SweepAxis> axes, uint64_t trials, uint64_t seed) {
  std::vector<Values> all(trials);
  for (uint64_t trial = 0; trial < trials; ++trial) {
    for (uint32_t axis = 0; axis < axes.size(); ++axis) {
      RandomStream random(seed, RandomPurpose::kSweepTrial, trial, axis);
      all[trial].push_back(DrawValue(axes[axis], random));
    }
  }
  return all;
}

absl::StatusOr<uint64_t> CountGrid(std::span<const SweepAxis> axes) {
  uint64_t trials = 1;
  for (const SweepAxis& axis : axes) {
    const uint64_t values = CountValues(axis);
    if (values == 0) {
      return YamlError(axis.place, absl::StrCat("axes.", axis.path),
                       "a grid takes `values` or `integers`; give search: {random: {trials: "
                       "NUMBER}} for others");
    }
    if (values > kMostTrials / trials) {
      return YamlError(axis.place, "axes",
                       absl::StrCat("the grid has more than ", kMostTrials,
                                    " trials; give fewer values, or search: {random: {trials: "
                                    "NUMBER}}"));
    }
    trials *= values;
  }
  return trials;
}

// All combinations; the last axis changes first.
absl::StatusOr<std::vector<Values>> CombineAll(std::span<const SweepAxis> axes) {
  ASSIGN_OR_RETURN(const uint64_t trials, CountGrid(axes));
  std::vector<Values> all(trials, Values(axes.size()));
  for (uint64_t trial = 0; trial < trials; ++trial) {
    uint64_t rest = trial;
    for (size_t axis = axes.size(); axis-- > 0;) {
      const uint64_t values = CountValues(axes[axis]);
      all[trial][axis] = ValueAt(axes[axis], rest % values);
      rest /= values;
    }
  }
  return all;
}

absl::StatusOr<v1::TrialSpec> MakeTrial(YamlNode job, std::span<const SweepAxis> axes,
                                        const Values& values) {
  v1::TrialSpec trial;
  for (size_t i = 0; i < axes.size(); ++i) {
    RETURN_IF_ERROR(
        SetField(*v1::JobSpec::descriptor(), axes[i].path, values[i], axes[i].place, job));
    v1::Setting& setting = *trial.add_settings();
    setting.set_path(axes[i].path);
    setting.set_value(ToFlow(values[i]));
  }
  RETURN_IF_ERROR(YamlToMessage(job, *trial.mutable_job()));
  return trial;
}

// What is evaluated at the end is the same for all trials, and done on the best one alone.
void MoveEvaluations(v1::SweepSpec& spec) {
  if (spec.evaluations().empty() && spec.trials_size() > 0) {
    *spec.mutable_evaluations() = spec.trials(0).job().evaluations();
  }
  for (v1::TrialSpec& trial : *spec.mutable_trials()) trial.mutable_job()->clear_evaluations();
}

}  // namespace

absl::StatusOr<v1::SweepSpec> ParseSweep(const std::string& text, const std::string& source,
                                         std::span<const std::string> overrides) {
  ASSIGN_OR_RETURN(YamlNode tree, ParseYaml(text, source));
  ASSIGN_OR_RETURN(const YamlNode job, TakeJob(tree, overrides));
  ASSIGN_OR_RETURN(const std::vector<SweepAxis> axes, TakeAxes(tree));
  ASSIGN_OR_RETURN(const Search search, TakeSearch(tree));
  if (const auto trials = TakeEntry(tree, "trials"); trials.has_value()) {
    return YamlError(trials->place, "trials", "give `axes` and `search`; trials follow from them");
  }
  v1::SweepSpec spec;
  RETURN_IF_ERROR(YamlToMessage(tree, spec));
  std::vector<Values> all;
  if (search.random_trials > 0) {
    all = DrawAll(axes, search.random_trials, spec.seed());
  } else {
    ASSIGN_OR_RETURN(all, CombineAll(axes));
  }
  for (const Values& values : all) {
    ASSIGN_OR_RETURN(*spec.add_trials(), MakeTrial(job, axes, values));
  }
  MoveEvaluations(spec);
  return spec;
}

absl::StatusOr<v1::SweepSpec> ReadSweepFile(const std::string& path,
                                            std::span<const std::string> overrides) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseSweep(text, path, overrides);
}

}  // namespace outerloop::client
