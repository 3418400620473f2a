#include "coordinator/service/rpc_metrics.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/metrics.h"
#include "grpcpp/support/interceptor.h"
#include "grpcpp/support/server_interceptor.h"

namespace outerloop::coordinator {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

const std::string& CodeName(grpc::StatusCode code) {
  static const auto* names = new std::vector<std::string>([] {
    std::vector<std::string> all;
    for (int i = 0; i <= grpc::StatusCode::UNAUTHENTICATED; ++i) {
      all.push_back(absl::StatusCodeToString(static_cast<absl::StatusCode>(i)));
    }
    return all;
  }());
  const auto index = static_cast<size_t>(code);
  return index < names->size() ? (*names)[index] : (*names)[grpc::StatusCode::UNKNOWN];
}

// "/outerloop.v1.JobService/GetJob" without its package.
std::string MethodName(absl::string_view path) {
  const size_t slash = path.rfind('/');
  const size_t dot = path.rfind('.', slash);
  return std::string(path.substr(dot == absl::string_view::npos ? 1 : dot + 1));
}

// gRPC makes up a name without a slash for calls that nobody serves.
bool IsServed(absl::string_view path) { return absl::StartsWith(path, "/"); }

bool IsLongLived(absl::string_view path) {
  return absl::EndsWith(path, "WorkerService/Session") ||
         absl::EndsWith(path, "WorkerService/AllReduce");
}

// Lives as long as its call.
class CallTimer final : public grpc::experimental::Interceptor {
 public:
  CallTimer(RpcMetrics& metrics, std::string method)
      : metrics_(metrics), method_(std::move(method)), begin_(absl::Now()) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      metrics_.Count(method_, methods->GetSendStatus().error_code(), absl::Now() - begin_);
    }
    methods->Proceed();
  }

 private:
  RpcMetrics& metrics_;
  const std::string method_;
  const absl::Time begin_;
};

class CallTimers final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit CallTimers(RpcMetrics& metrics) : metrics_(metrics) {}

  // Null: the call goes on without one.
  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    if (!IsServed(info->method()) || IsLongLived(info->method())) return nullptr;
    return new CallTimer(metrics_, MethodName(info->method()));
  }

 private:
  RpcMetrics& metrics_;
};

}  // namespace

RpcMetrics::RpcMetrics(prometheus::Registry& registry)
    : calls_(AddCounters(registry, "outerloop_rpc_total",
                         "Calls that have ended, by method and gRPC's code.")),
      seconds_(AddHistograms(
          registry, "outerloop_rpc_seconds",
          "Time from a call's arrival to its status; of a stream, its whole life.")) {}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> RpcMetrics::Watcher() {
  return std::make_unique<CallTimers>(*this);
}

void RpcMetrics::Count(const std::string& method, grpc::StatusCode code, absl::Duration taken) {
  calls_.Add({{"method", method}, {"code", CodeName(code)}}).Increment();
  seconds_
      .Add({{"method", method}},
           prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                   0.1, 0.25, 0.5, 1, 2.5, 10, 60})
      .Observe(absl::ToDoubleSeconds(taken));
}

}  // namespace outerloop::coordinator
