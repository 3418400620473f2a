#include "worker/reducers/gloo_transport.h"

#include <stdexcept>
#include <utility>

namespace outerloop::worker {
namespace {

void EndWaitsFor(gloo::transport::UnboundBuffer& buffer) {
  buffer.abortWaitRecv();
  buffer.abortWaitSend();
}

}  // namespace

// Passes everything on to the buffer of the wrapped transport.
class GlooTransport::Buffer final : public gloo::transport::UnboundBuffer {
 public:
  Buffer(std::unique_ptr<gloo::transport::UnboundBuffer> inner, Waits& waits)
      : UnboundBuffer(inner->ptr, inner->size), inner_(std::move(inner)), waits_(waits) {
    waits_.Add(inner_.get());
  }
  ~Buffer() override { waits_.Remove(inner_.get()); }

  bool waitRecv(int* rank, std::chrono::milliseconds timeout) override {
    return ThrowUnless(inner_->waitRecv(rank, timeout));
  }
  bool waitSend(int* rank, std::chrono::milliseconds timeout) override {
    return ThrowUnless(inner_->waitSend(rank, timeout));
  }
  void abortWaitRecv() override { inner_->abortWaitRecv(); }
  void abortWaitSend() override { inner_->abortWaitSend(); }
  void send(int rank, uint64_t slot, size_t offset, size_t bytes) override {
    inner_->send(rank, slot, offset, bytes);
  }
  void recv(int rank, uint64_t slot, size_t offset, size_t bytes) override {
    inner_->recv(rank, slot, offset, bytes);
  }
  void recv(std::vector<int> ranks, uint64_t slot, size_t offset, size_t bytes) override {
    inner_->recv(std::move(ranks), slot, offset, bytes);
  }

 private:
  static bool ThrowUnless(bool completed) {
    if (!completed) throw std::runtime_error("a wait was ended");
    return true;
  }

  const std::unique_ptr<gloo::transport::UnboundBuffer> inner_;
  Waits& waits_;
};

GlooTransport::GlooTransport(std::shared_ptr<gloo::transport::Context> inner)
    : Context(inner->rank, inner->size), inner_(std::move(inner)) {}

GlooTransport::~GlooTransport() = default;

std::unique_ptr<gloo::transport::Pair>& GlooTransport::createPair(int rank) {
  auto& pair = inner_->createPair(rank);
  ranks_.push_back(rank);
  return pair;
}

std::unique_ptr<gloo::transport::Pair>& GlooTransport::getPair(int rank) {
  return inner_->getPair(rank);
}

std::unique_ptr<gloo::transport::UnboundBuffer> GlooTransport::createUnboundBuffer(void* ptr,
                                                                                   size_t size) {
  return std::make_unique<Buffer>(inner_->createUnboundBuffer(ptr, size), waits_);
}

void GlooTransport::End() {
  waits_.End();
  for (const int rank : ranks_) inner_->getPair(rank)->close();
}

void GlooTransport::Waits::Add(gloo::transport::UnboundBuffer* buffer) {
  absl::MutexLock lock(&mu_);
  buffers_.insert(buffer);
  if (ended_) EndWaitsFor(*buffer);
}

void GlooTransport::Waits::Remove(gloo::transport::UnboundBuffer* buffer) {
  absl::MutexLock lock(&mu_);
  buffers_.erase(buffer);
}

void GlooTransport::Waits::End() {
  absl::MutexLock lock(&mu_);
  ended_ = true;
  for (gloo::transport::UnboundBuffer* buffer : buffers_) EndWaitsFor(*buffer);
}

}  // namespace outerloop::worker
