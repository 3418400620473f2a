// The data sets there are, and what is in them.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_DATASET_CATALOGUE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_DATASET_CATALOGUE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/security/caller.h"
#include "coordinator/store/blob_store.h"
#include "coordinator/store/store.h"
#include "data/dataset_file.h"
#include "data/task_sampler.h"
#include "outerloop/v1/dataset.pb.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// The name of the data set that the coordinator draws when it is first asked for.
inline constexpr char kStrokes[] = "strokes";

// Data sets by name in the store, their files in the blob store, their indexes in memory once read.
// Thread-safe. Calls may read or write files.
class DatasetCatalogue {
 public:
  // Both must outlive the catalogue.
  DatasetCatalogue(Store& store, BlobStore& blobs) : store_(store), blobs_(blobs) {}

  // One that `caller` may use. NOT_FOUND with the nearest name if there is none. Draws `strokes` if
  // it is not there yet.
  absl::StatusOr<v1::Dataset> Find(const std::string& name, const Caller& caller)
      ABSL_LOCKS_EXCLUDED(strokes_mu_);
  // Those that `caller` may use, by name.
  absl::StatusOr<std::vector<v1::Dataset>> List(const Caller& caller) const;
  // Whether one that `caller` may use has this content.
  bool Knows(const std::string& sha256, const Caller& caller) const;

  // Whether `caller` may give the name to this content: INVALID_ARGUMENT if it is not allowed,
  // ALREADY_EXISTS if it stands for another content, or is somebody else's.
  absl::Status CheckName(const std::string& name, const std::string& sha256,
                         const Caller& caller) const;
  // Gives the name to a blob that is there, for `caller`. As CheckName, INVALID_ARGUMENT if the
  // blob is no data set, and UNAVAILABLE if it was removed meanwhile. Giving a name to the same
  // content again changes nothing.
  absl::StatusOr<v1::Dataset> Add(const std::string& name, const std::string& sha256,
                                  const Caller& caller) ABSL_LOCKS_EXCLUDED(names_mu_);

  // Keeps a data set from being removed, as long as it lives. May outlive the catalogue.
  using Hold = std::shared_ptr<const void>;
  // NOT_FOUND, saying what to do, if no name stands for this content.
  absl::StatusOr<Hold> HoldContent(const std::string& sha256) ABSL_LOCKS_EXCLUDED(names_mu_);

  // The name of a job that needs this content; empty if none does.
  using UserOf = std::function<std::string(const std::string& sha256)>;
  // Takes a name away, and the file if it was its last. NOT_FOUND as Find; PERMISSION_DENIED if
  // `caller` may use it and not change it; FAILED_PRECONDITION if it is built in, or if it is the
  // last name of what is held or `user_of` says is needed.
  absl::Status Remove(const std::string& name, const Caller& caller, const UserOf& user_of)
      ABSL_LOCKS_EXCLUDED(names_mu_);

  // Of a data set that is there.
  absl::StatusOr<std::shared_ptr<const data::DatasetIndex>> Index(const std::string& sha256)
      ABSL_LOCKS_EXCLUDED(mu_);

  // The sampler of a complete specification; `dataset_sha256` is empty for the sinusoid.
  // INVALID_ARGUMENT with the field's path if the specification asks for what the data set lacks.
  absl::StatusOr<std::shared_ptr<const data::TaskSampler>> Sampler(
      const v1::JobSpec& spec, const std::string& dataset_sha256);

 private:
  absl::StatusOr<v1::Dataset> DrawStrokes();
  // Where `facts` are those that its content does not tell: name, owner, whether it is built in.
  absl::StatusOr<v1::Dataset> Register(const v1::Dataset& facts, const std::string& sha256);
  // How many names stand for a content.
  absl::StatusOr<int> CountNames(const std::string& sha256) const;
  absl::Status CheckUnused(const v1::Dataset& dataset, const UserOf& user_of) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(names_mu_);

  Store& store_;
  BlobStore& blobs_;
  absl::Mutex names_mu_;  // Held while a name is given or taken: one name has one content.
  std::map<std::string, std::weak_ptr<const void>> holds_ ABSL_GUARDED_BY(names_mu_);  // By digest.
  absl::Mutex strokes_mu_;  // Held while the strokes are drawn. Before mu_.
  absl::Mutex mu_;
  std::map<std::string, std::shared_ptr<const data::DatasetIndex>> indexes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_DATASET_CATALOGUE_H_
