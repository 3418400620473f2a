#include "coordinator/security/ownership.h"

#include "absl/strings/str_cat.h"

namespace outerloop::coordinator {
namespace {

bool IsAdmin(const Caller& caller) { return caller.role == Role::kAdmin; }

// What has no owner is nobody's.
bool Owns(const Caller& caller, const std::string& owner) {
  return caller.role == Role::kClient && !owner.empty() && caller.name == owner;
}

}  // namespace

bool MaySee(const Caller& caller, const v1::Job& job) {
  return IsAdmin(caller) || Owns(caller, job.spec().queue().owner());
}

bool MaySee(const Caller& caller, const v1::Sweep& sweep) {
  const auto& trials = sweep.spec().trials();
  return IsAdmin(caller) || (!trials.empty() && Owns(caller, trials.at(0).job().queue().owner()));
}

bool MayUse(const Caller& caller, const v1::Dataset& dataset) {
  return dataset.owner().empty() || MayChange(caller, dataset);
}

bool MayChange(const Caller& caller, const v1::Dataset& dataset) {
  return IsAdmin(caller) || Owns(caller, dataset.owner());
}

std::string OwnerOfJob(const Caller& caller, const std::string& asked) {
  if (!IsAdmin(caller)) return caller.name;
  return asked.empty() ? caller.name : asked;
}

std::string OwnerOfDataset(const Caller& caller) { return IsAdmin(caller) ? "" : caller.name; }

std::string RequestIdOf(const Caller& caller, const std::string& request_id) {
  return caller.name.empty() ? request_id : absl::StrCat(caller.name, "/", request_id);
}

}  // namespace outerloop::coordinator
