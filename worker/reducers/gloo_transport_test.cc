#include "worker/reducers/gloo_transport.h"

#include <gloo/transport/device.h>
#include <gloo/transport/tcp/device.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <thread>

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

// One of two members; the other one does not exist.
class GlooTransportTest : public testing::Test {
 protected:
  GlooTransportTest() { transport_->createPair(1); }
  std::unique_ptr<gloo::transport::UnboundBuffer> MakeBuffer() {
    return transport_->createUnboundBuffer(&word_, sizeof(word_));
  }

  int64_t word_ = 0;
  std::shared_ptr<gloo::transport::Device> device_ =
      gloo::transport::tcp::CreateDevice("127.0.0.1");
  std::shared_ptr<GlooTransport> transport_ =
      std::make_shared<GlooTransport>(device_->createContext(/*rank=*/0, /*size=*/2));
};

TEST_F(GlooTransportTest, PassesOnWhatItWraps) {
  EXPECT_EQ(transport_->rank, 0);
  EXPECT_EQ(transport_->size, 2);
  EXPECT_NE(transport_->getPair(1), nullptr);
  const auto buffer = MakeBuffer();
  EXPECT_EQ(buffer->ptr, &word_);
  EXPECT_EQ(buffer->size, sizeof(word_));
}

TEST_F(GlooTransportTest, EndsAWaitThatRuns) {
  const auto buffer = MakeBuffer();
  std::thread ender([this] { transport_->End(); });
  EXPECT_THROW(buffer->waitRecv(std::chrono::hours(1)), std::runtime_error);
  ender.join();
}

TEST_F(GlooTransportTest, EndsWaitsOfBothKindsThatAreToCome) {
  const auto buffer = MakeBuffer();
  transport_->End();
  EXPECT_THROW(buffer->waitRecv(std::chrono::hours(1)), std::runtime_error);
  EXPECT_THROW(buffer->waitSend(std::chrono::hours(1)), std::runtime_error);
}

TEST_F(GlooTransportTest, EndsWaitsForBuffersMadeLater) {
  transport_->End();
  EXPECT_THROW(MakeBuffer()->waitRecv(std::chrono::hours(1)), std::runtime_error);
}

TEST_F(GlooTransportTest, ForgetsBuffersThatAreNoMore) {
  MakeBuffer();
  transport_->End();
}

}  // namespace
}  // namespace outerloop::worker
