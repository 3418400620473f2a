// The coordinator's calls, for the audit log.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_CALL_AUDIT_H_
#define OUTERLOOP_COORDINATOR_SECURITY_CALL_AUDIT_H_

#include <memory>
#include <string>

#include "coordinator/security/access.h"
#include "coordinator/security/audit_log.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/server_interceptor.h"

namespace outerloop::coordinator {

// Writes an entry for every call that changes something (permissions.h) when it ends; of a worker's
// session, whose messages must cost nothing more, when it begins, with the outcome "BEGUN". Both
// must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallAudit(
    const Access& access, AuditLog& log);

// Writes an entry for calls that the gate does not let through. Those who are not known share a
// hundred entries and one more a second, those who are known as many again: the next entry counts
// what was left out.
OnRefused AuditRefusals(AuditLog& log);

// The job, sweep or data set that a request names: its `job_id`, `sweep_id` or `name`, else those
// of its `spec` or `header`. "" if it names none.
std::string TargetOf(const google::protobuf::Message& request);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_CALL_AUDIT_H_
