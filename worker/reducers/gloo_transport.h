// A transport of Gloo's whose waits can be ended from outside.
#ifndef OUTERLOOP_WORKER_REDUCERS_GLOO_TRANSPORT_H_
#define OUTERLOOP_WORKER_REDUCERS_GLOO_TRANSPORT_H_

#include <gloo/transport/context.h>

#include <cstddef>
#include <memory>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace outerloop::worker {

// Wraps another transport. Gloo knows no way to end a collective but a timeout, and closing a
// connection wakes nobody who waits for data from it; so the buffers that collectives wait on are
// wrapped, too, and a wait that is ended throws std::runtime_error. As other transports, used by
// one thread, End aside.
class GlooTransport final : public gloo::transport::Context {
 public:
  explicit GlooTransport(std::shared_ptr<gloo::transport::Context> inner);
  ~GlooTransport() override;

  // At most one for each rank, all before the first use. May throw.
  std::unique_ptr<gloo::transport::Pair>& createPair(int rank) override;
  std::unique_ptr<gloo::transport::Pair>& getPair(int rank) override;
  std::unique_ptr<gloo::transport::UnboundBuffer> createUnboundBuffer(void* ptr,
                                                                      size_t size) override;

  // Ends all waits for buffers and for connections, those to come as well, and closes all
  // connections. A connect that is ended returns as if it had succeeded; what follows it throws.
  // From any thread; takes up to 10 ms a connection, as long as Gloo's thread may sleep.
  void End();

 private:
  // The waits that are to be ended together. Thread-safe.
  class Waits {
   public:
    void Add(gloo::transport::UnboundBuffer* buffer) ABSL_LOCKS_EXCLUDED(mu_);
    void Remove(gloo::transport::UnboundBuffer* buffer) ABSL_LOCKS_EXCLUDED(mu_);
    void End() ABSL_LOCKS_EXCLUDED(mu_);

   private:
    absl::Mutex mu_;
    bool ended_ ABSL_GUARDED_BY(mu_) = false;
    std::set<gloo::transport::UnboundBuffer*> buffers_ ABSL_GUARDED_BY(mu_);
  };
  class Buffer;

  const std::shared_ptr<gloo::transport::Context> inner_;
  Waits waits_;
  std::vector<int> ranks_;  // That have a pair.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_GLOO_TRANSPORT_H_
