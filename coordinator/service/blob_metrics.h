// Bytes of files that come and go.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_BLOB_METRICS_H_
#define OUTERLOOP_COORDINATOR_SERVICE_BLOB_METRICS_H_

#include "prometheus/counter.h"
#include "prometheus/registry.h"

namespace outerloop::coordinator {

// Data sets and checkpoints, to and from workers and clients. The registry must outlive it. Metrics
// are thread-safe.
struct BlobMetrics {
  explicit BlobMetrics(prometheus::Registry& registry)
      : BlobMetrics(prometheus::BuildCounter()
                        .Name("outerloop_blob_bytes_total")
                        .Help("Bytes of data sets and checkpoints that came in and went out.")
                        .Register(registry)) {}

  prometheus::Counter& received;  // outerloop_blob_bytes_total{direction="in"}
  prometheus::Counter& sent;      // outerloop_blob_bytes_total{direction="out"}

 private:
  explicit BlobMetrics(prometheus::Family<prometheus::Counter>& bytes)
      : received(bytes.Add({{"direction", "in"}})), sent(bytes.Add({{"direction", "out"}})) {}
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_BLOB_METRICS_H_
