// What is whose.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_OWNERSHIP_H_
#define OUTERLOOP_COORDINATOR_SECURITY_OWNERSHIP_H_

#include <string>

#include "coordinator/security/caller.h"
#include "outerloop/v1/dataset.pb.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// For everybody but admins, what these deny is not there.

// A job is its owner's, and admins'.
bool MaySee(const Caller& caller, const v1::Job& job);
// A sweep is whose its trials' jobs are.
bool MaySee(const Caller& caller, const v1::Sweep& sweep);
// A data set without an owner is for everybody to use: those that are built in, that an admin
// imported, or that are from a time when nobody was asked.
bool MayUse(const Caller& caller, const v1::Dataset& dataset);
bool MayChange(const Caller& caller, const v1::Dataset& dataset);

// The owner of a job that `caller` submits for `asked`: an admin may submit for others.
std::string OwnerOfJob(const Caller& caller, const std::string& asked);
// The owner of a data set that `caller` imports; "": everybody's.
std::string OwnerOfDataset(const Caller& caller);

// A request id as it is kept: callers with names have their own, so that nobody's request is taken
// for a repeat of another's.
std::string RequestIdOf(const Caller& caller, const std::string& request_id);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_OWNERSHIP_H_
