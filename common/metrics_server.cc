#include "common/metrics_server.h"

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "prometheus/exposer.h"

namespace outerloop {

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& host,
                                                                    int port) {
  if (port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--metrics-port ", port, ": must be 0 (a free port) to 65535"));
  }
  const std::string address = absl::StrCat(host, ":", port);
  try {
    auto registry = std::make_shared<prometheus::Registry>();
    auto exposer = std::make_unique<prometheus::Exposer>(address);
    exposer->RegisterCollectable(registry);
    const int bound_port = exposer->GetListeningPorts().at(0);
    return std::unique_ptr<MetricsServer>(
        new MetricsServer(std::move(exposer), std::move(registry), bound_port));
  } catch (const std::exception&) {  // The library does not say why it could not bind.
    return absl::AlreadyExistsError(
        absl::StrCat("cannot serve metrics on ", address,
                     ": the port is in use, or the address is not one of this machine's; choose "
                     "another with --metrics-port (0 takes a free one)"));
  }
}

MetricsServer::MetricsServer(std::unique_ptr<prometheus::Exposer> exposer,
                             std::shared_ptr<prometheus::Registry> registry, int port)
    : registry_(std::move(registry)), exposer_(std::move(exposer)), port_(port) {}

MetricsServer::~MetricsServer() = default;

void MetricsServer::Add(std::shared_ptr<prometheus::Collectable> collectable) {
  exposer_->RegisterCollectable(collectable);
  collectables_.push_back(std::move(collectable));
}

}  // namespace outerloop
