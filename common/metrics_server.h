// Prometheus metrics of a process over HTTP, by prometheus-cpp.
#ifndef OUTERLOOP_COMMON_METRICS_SERVER_H_
#define OUTERLOOP_COMMON_METRICS_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"
#include "prometheus/registry.h"

namespace prometheus {
class Exposer;
}

namespace outerloop {

// Serves GET /metrics on `host` until destroyed, which takes up to two seconds: the library's
// server looks only that often whether it is to stop. Thread-safe.
class MetricsServer {
 public:
  // `port` 0 takes a free one. ALREADY_EXISTS, naming the address and the flag `--metrics-port`, if
  // the port is in use.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& host, int port);
  ~MetricsServer();

  // Where metrics are made. Look one up once and keep it.
  prometheus::Registry& registry() { return *registry_; }
  // Serves these as well. Not thread-safe.
  void Add(std::shared_ptr<prometheus::Collectable> collectable);
  int port() const { return port_; }

 private:
  MetricsServer(std::unique_ptr<prometheus::Exposer> exposer,
                std::shared_ptr<prometheus::Registry> registry, int port);

  const std::shared_ptr<prometheus::Registry> registry_;
  std::vector<std::shared_ptr<prometheus::Collectable>> collectables_;  // The exposer's are weak.
  const std::unique_ptr<prometheus::Exposer> exposer_;
  const int port_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_METRICS_SERVER_H_
