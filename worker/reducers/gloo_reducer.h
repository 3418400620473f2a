// The reducer for workers that reach each other by TCP: a ring all-reduce by Gloo.
#ifndef OUTERLOOP_WORKER_REDUCERS_GLOO_REDUCER_H_
#define OUTERLOOP_WORKER_REDUCERS_GLOO_REDUCER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/reducers/gloo_ring.h"
#include "worker/reducers/reducer.h"

namespace outerloop::worker {

// Sums of 64-bit integers modulo 2^64, so that no order of adding changes a bit. Each member is
// connected with the next and the previous rank alone; what they greet each other with says job,
// generation and rank. gloo_ring.h says what goes for its connections.
class GlooReducer final : public Reducer {
 public:
  // Listens at `address`, a numeric address of this machine that the other members reach, on free
  // ports, for a group of at least two. Does not wait for anybody. UNAVAILABLE if it cannot listen.
  static absl::StatusOr<std::unique_ptr<Reducer>> Create(const std::string& address,
                                                         const v1::ReduceHeader& header);

  std::string endpoint() const override { return ring_->endpoint(); }
  absl::Status Connect(std::span<const std::string> endpoints, absl::Time deadline) override;
  absl::Status AllReduce(std::span<int64_t> words, absl::Time deadline) override;
  void Abort() override { ring_->Abort(); }

  // How members' words are added.
  static void AddWords(void* out, const void* a, const void* b, size_t words);

 private:
  GlooReducer(const v1::ReduceHeader& header, std::unique_ptr<GlooRing> ring)
      : header_(header), ring_(std::move(ring)) {}

  const v1::ReduceHeader header_;
  const std::unique_ptr<GlooRing> ring_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_GLOO_REDUCER_H_
