#include "coordinator/service/dataset_catalogue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/mapped_file.h"
#include "common/proto_time.h"
#include "common/status_macros.h"
#include "common/suggest.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/identifier.h"
#include "coordinator/security/ownership.h"
#include "coordinator/store/blob_collector.h"
#include "data/episode_kind.h"
#include "data/strokes.h"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {
namespace {

void CountSplits(const data::DatasetIndex& index, v1::Dataset::StoredSplits& splits) {
  for (const data::DatasetClass& entry : index.classes) {
    splits.set_train(splits.train() + (entry.split == v1::TRAIN));
    splits.set_validation(splits.validation() + (entry.split == v1::VALIDATION));
    splits.set_test(splits.test() + (entry.split == v1::TEST));
  }
}

v1::Dataset Describe(const data::DatasetIndex& index) {
  v1::Dataset dataset;
  dataset.set_classes(static_cast<uint32_t>(index.classes.size()));
  dataset.set_examples(index.examples());
  dataset.set_channels(index.channels);
  dataset.set_height(index.height);
  dataset.set_width(index.width);
  dataset.set_provenance(index.provenance);
  const auto [least, most] =
      std::minmax_element(index.classes.begin(), index.classes.end(),
                          [](const auto& a, const auto& b) { return a.examples < b.examples; });
  dataset.set_min_examples_per_class(least->examples);
  dataset.set_max_examples_per_class(most->examples);
  std::map<std::string, uint32_t> origins;
  for (const data::DatasetClass& entry : index.classes) ++origins[entry.origin];
  for (const auto& [name, classes] : origins) {
    v1::Dataset::Origin* origin = dataset.add_origins();
    origin->set_name(name);
    origin->set_classes(classes);
  }
  if (index.has_splits()) CountSplits(index, *dataset.mutable_splits());
  return dataset;
}

}  // namespace

absl::StatusOr<std::vector<v1::Dataset>> DatasetCatalogue::List(const Caller& caller) const {
  ASSIGN_OR_RETURN(std::vector<v1::Dataset> datasets, store_.Datasets());
  std::erase_if(datasets, [&](const v1::Dataset& dataset) { return !MayUse(caller, dataset); });
  return datasets;
}

bool DatasetCatalogue::Knows(const std::string& sha256, const Caller& caller) const {
  const auto datasets = List(caller);
  return datasets.ok() &&
         std::any_of(datasets->begin(), datasets->end(),
                     [&](const v1::Dataset& dataset) { return dataset.sha256() == sha256; });
}

absl::StatusOr<v1::Dataset> DatasetCatalogue::Find(const std::string& name, const Caller& caller) {
  absl::StatusOr<v1::Dataset> dataset = store_.GetDataset(name);
  const bool is_hidden = dataset.ok() && !MayUse(caller, *dataset);
  if (!is_hidden && !absl::IsNotFound(dataset.status())) return dataset;
  if (name == kStrokes) return DrawStrokes();
  ASSIGN_OR_RETURN(const std::vector<v1::Dataset> known, List(caller));
  std::vector<std::string> names = data::DrawnDatasets();
  names.push_back(kStrokes);
  for (const v1::Dataset& entry : known) names.push_back(entry.name());
  return absl::NotFoundError(absl::StrCat("there is no data set '", name, "'",
                                          SuggestName(name, names),
                                          "; import one with `outerloop dataset import`"));
}

absl::Status DatasetCatalogue::CheckName(const std::string& name, const std::string& sha256,
                                         const Caller& caller) const {
  if (!IsJobName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("data set name '", name, "': give 1 to 63 characters of [a-z0-9-]"));
  }
  if (data::IsDrawnDataset(name) || name == kStrokes) {
    return absl::InvalidArgumentError(
        absl::StrCat("data set name '", name, "' is built in; give another"));
  }
  const absl::StatusOr<v1::Dataset> present = store_.GetDataset(name);
  if (present.ok() && !MayUse(caller, *present)) {
    return absl::AlreadyExistsError(
        absl::StrCat("data set name '", name, "' is taken; give another"));
  }
  if (present.ok() && present->sha256() != sha256) {
    return absl::AlreadyExistsError(absl::StrCat("data set '", name,
                                                 "' is there with another content (",
                                                 present->sha256(), "); give another name"));
  }
  return absl::IsNotFound(present.status()) ? absl::OkStatus() : present.status();
}

absl::StatusOr<v1::Dataset> DatasetCatalogue::Add(const std::string& name,
                                                  const std::string& sha256, const Caller& caller) {
  absl::MutexLock lock(&names_mu_);
  RETURN_IF_ERROR(CheckName(name, sha256, caller));
  absl::StatusOr<v1::Dataset> present = store_.GetDataset(name);
  if (present.ok()) return present;
  if (!blobs_.Contains(sha256)) {
    return absl::UnavailableError(
        absl::StrCat("file ", sha256, " was removed meanwhile; send it again"));
  }
  v1::Dataset facts;
  facts.set_name(name);
  facts.set_owner(OwnerOfDataset(caller));
  return Register(facts, sha256);
}

absl::StatusOr<DatasetCatalogue::Hold> DatasetCatalogue::HoldContent(const std::string& sha256) {
  absl::MutexLock lock(&names_mu_);
  ASSIGN_OR_RETURN(const int names, CountNames(sha256));
  if (names == 0) {
    return absl::NotFoundError(absl::StrCat("the data set with SHA-256 ", sha256,
                                            " was removed; import it again, under any name"));
  }
  Hold hold = holds_[sha256].lock();
  if (hold == nullptr) holds_[sha256] = hold = std::make_shared<const char>();
  return hold;
}

absl::StatusOr<int> DatasetCatalogue::CountNames(const std::string& sha256) const {
  ASSIGN_OR_RETURN(const std::vector<v1::Dataset> datasets, store_.Datasets());
  return static_cast<int>(
      std::count_if(datasets.begin(), datasets.end(),
                    [&sha256](const v1::Dataset& dataset) { return dataset.sha256() == sha256; }));
}

absl::Status DatasetCatalogue::CheckUnused(const v1::Dataset& dataset,
                                           const UserOf& user_of) const {
  ASSIGN_OR_RETURN(const int names, CountNames(dataset.sha256()));
  if (names > 1) return absl::OkStatus();
  const auto refuse = [&dataset](const std::string& user) {
    return absl::FailedPreconditionError(absl::StrCat("data set '", dataset.name(), "': ", user,
                                                      " needs it; wait for its end or cancel it"));
  };
  if (const std::string user = user_of(dataset.sha256()); !user.empty()) return refuse(user);
  const auto hold = holds_.find(dataset.sha256());
  const bool is_held = hold != holds_.end() && !hold->second.expired();
  return is_held ? refuse("a job that is being submitted") : absl::OkStatus();
}

absl::Status DatasetCatalogue::Remove(const std::string& name, const Caller& caller,
                                      const UserOf& user_of) {
  RETURN_IF_ERROR(Find(name, caller).status());
  absl::MutexLock lock(&names_mu_);
  ASSIGN_OR_RETURN(const v1::Dataset dataset, store_.GetDataset(name));
  if (dataset.built_in()) {
    return absl::FailedPreconditionError(absl::StrCat("data set '", name, "' is built in"));
  }
  if (!MayChange(caller, dataset)) {
    return absl::PermissionDeniedError(
        absl::StrCat("data set '", name, "' is everybody's; an admin may remove it"));
  }
  RETURN_IF_ERROR(CheckUnused(dataset, user_of));
  Store::Batch batch;
  batch.DeleteDataset(name);
  RETURN_IF_ERROR(store_.Commit(batch));
  spdlog::info("data set {} removed, {}", name, dataset.sha256());
  const absl::Status collected = BlobCollector(store_, blobs_).Collect(dataset.sha256());
  if (!collected.ok()) spdlog::warn("{}; the next start removes it", collected.ToString());
  absl::MutexLock indexes_lock(&mu_);
  if (blobs_.Contains(dataset.sha256())) return absl::OkStatus();
  indexes_.erase(dataset.sha256());
  holds_.erase(dataset.sha256());
  return absl::OkStatus();
}

absl::StatusOr<v1::Dataset> DatasetCatalogue::Register(const v1::Dataset& facts,
                                                       const std::string& sha256) {
  ASSIGN_OR_RETURN(const auto index, Index(sha256));
  ASSIGN_OR_RETURN(const std::string path, blobs_.PathOf(sha256));
  ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  v1::Dataset dataset = Describe(*index);
  dataset.MergeFrom(facts);
  dataset.set_sha256(sha256);
  dataset.set_size_bytes(file->bytes().size());
  SetTimestamp(absl::Now(), dataset.mutable_created());
  Store::Batch batch;
  batch.Put(dataset);
  RETURN_IF_ERROR(store_.Commit(batch));
  spdlog::info("data set {}: {} classes, {} examples, {}", dataset.name(), dataset.classes(),
               dataset.examples(), sha256);
  return dataset;
}

absl::StatusOr<v1::Dataset> DatasetCatalogue::DrawStrokes() {
  absl::MutexLock lock(&strokes_mu_);
  const absl::StatusOr<v1::Dataset> present = store_.GetDataset(kStrokes);
  if (present.ok()) return present;
  std::string bytes;
  const auto append = [&bytes](std::string_view piece) {
    bytes.append(piece);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      data::DrawStrokes({}).Write("synthetic strokes, drawn by the coordinator", append));
  ASSIGN_OR_RETURN(const std::string sha256, blobs_.Put(bytes));
  v1::Dataset facts;
  facts.set_name(kStrokes);
  facts.set_built_in(true);
  return Register(facts, sha256);
}

absl::StatusOr<std::shared_ptr<const data::DatasetIndex>> DatasetCatalogue::Index(
    const std::string& sha256) {
  {
    absl::MutexLock lock(&mu_);
    if (const auto it = indexes_.find(sha256); it != indexes_.end()) return it->second;
  }
  ASSIGN_OR_RETURN(const std::string path, blobs_.PathOf(sha256));
  ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  ASSIGN_OR_RETURN(data::DatasetView view, data::ParseDataset(file->bytes()));
  auto index = std::make_shared<const data::DatasetIndex>(std::move(view.index));
  absl::MutexLock lock(&mu_);
  return indexes_.try_emplace(sha256, std::move(index)).first->second;
}

absl::StatusOr<std::shared_ptr<const data::TaskSampler>> DatasetCatalogue::Sampler(
    const v1::JobSpec& spec, const std::string& dataset_sha256) {
  std::shared_ptr<const data::DatasetIndex> index;
  if (!dataset_sha256.empty()) {
    ASSIGN_OR_RETURN(index, Index(dataset_sha256));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const data::TaskSampler> sampler,
                   data::TaskSampler::Create(spec, index.get()));
  return sampler;
}

}  // namespace outerloop::coordinator
