#include "coordinator/security/call_audit.h"

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "coordinator/security/line_budget.h"
#include "coordinator/security/permissions.h"
#include "grpcpp/support/interceptor.h"

namespace outerloop::coordinator {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr std::string_view kSession = "outerloop.v1.WorkerService/Session";

std::string CodeName(int code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

AuditEntry EntryOf(const absl::StatusOr<Caller>& caller, std::string_view method) {
  AuditEntry entry;
  entry.time = absl::Now();
  entry.name = caller.ok() ? caller->name : "";
  entry.role = caller.ok() ? RoleName(caller->role) : "";
  entry.method = method;
  return entry;
}

AuditEntry EntryOf(const Access& access, const grpc::ServerContextBase& call,
                   std::string_view method) {
  AuditEntry entry = EntryOf(access.CallerOf(call), method);
  entry.peer = call.peer();
  return entry;
}

// Lives as long as its call.
class CallAuditor final : public grpc::experimental::Interceptor {
 public:
  CallAuditor(const Access& access, AuditLog& log, const grpc::ServerContextBase& call,
              std::string_view method)
      : access_(access), log_(log), call_(call), method_(method) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      Note(methods->GetRecvMessage());
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      Write(methods->GetSendStatus().error_code());
    }
    methods->Proceed();
  }

 private:
  // The first message says what it is about. Null if none came.
  void Note(const void* message) {
    absl::MutexLock lock(&mu_);
    if (message == nullptr || !target_.empty()) return;
    // Generated messages have no other base, and gRPC knows them as this one.
    target_ = TargetOf(*static_cast<const Message*>(message));
  }

  void Write(grpc::StatusCode code) {
    AuditEntry entry = EntryOf(access_, call_, method_);
    entry.outcome = CodeName(code);
    {
      absl::MutexLock lock(&mu_);
      entry.target = target_;
    }
    log_.Write(entry);
  }

  const Access& access_;
  AuditLog& log_;
  const grpc::ServerContextBase& call_;
  const std::string_view method_;

  absl::Mutex mu_;  // A stream reads and ends in different threads.
  std::string target_ ABSL_GUARDED_BY(mu_);
};

class CallAuditors final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  CallAuditors(const Access& access, AuditLog& log) : access_(access), log_(log) {}

  // Null: the call goes on without one.
  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    std::string_view method = info->method();
    if (method.starts_with("/")) method.remove_prefix(1);
    const Permission* permission = FindPermission(method);
    if (permission == nullptr || !permission->changes) return nullptr;
    if (method != kSession) {
      return new CallAuditor(access_, log_, *info->server_context(), permission->method);
    }
    AuditEntry entry = EntryOf(access_, *info->server_context(), method);
    entry.outcome = "BEGUN";
    log_.Write(entry);
    return nullptr;
  }

 private:
  const Access& access_;
  AuditLog& log_;
};

// Of refused calls: enough for people's mistakes, and 30 MB a day under a flood.
struct RefusalBudgets {
  LineBudget known{100, absl::Seconds(1)};
  LineBudget unknown{100, absl::Seconds(1)};
};

// "" unless it is one string.
std::string TextOf(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  const bool is_text = field != nullptr && !field->is_repeated() &&
                       field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return is_text ? message.GetReflection()->GetString(message, field) : "";
}

}  // namespace

std::string TargetOf(const Message& request) {
  for (const char* name : {"job_id", "sweep_id", "name"}) {
    if (std::string text = TextOf(request, name); !text.empty()) return text;
  }
  for (const char* name : {"spec", "header"}) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    return TargetOf(request.GetReflection()->GetMessage(request, field));
  }
  return "";
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallAudit(
    const Access& access, AuditLog& log) {
  return std::make_unique<CallAuditors>(access, log);
}

OnRefused AuditRefusals(AuditLog& log) {
  auto budgets = std::make_shared<RefusalBudgets>();
  return [&log, budgets](std::string_view method, const absl::StatusOr<Caller>& caller,
                         const absl::Status& why) {
    AuditEntry entry = EntryOf(caller, method);
    const auto left_out = (caller.ok() ? budgets->known : budgets->unknown).Take(entry.time);
    if (!left_out.has_value()) return;
    entry.left_out = *left_out;
    entry.outcome = CodeName(why.raw_code());
    log.Write(entry);
  };
}

}  // namespace outerloop::coordinator
