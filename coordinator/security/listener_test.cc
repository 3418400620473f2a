#include "coordinator/security/listener.h"

#include <atomic>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "common/grpc_status.h"
#include "common/test_connection.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/server.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

// A server without any method, behind a listener.
class ListenerTest : public testing::Test {
 protected:
  void Serve(size_t limit) {
    listener_ = *Listener::Bind("localhost:0", limit);
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(&nothing_);
    auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        grpc::InsecureServerCredentials());
    server_ = builder.BuildAndStart();
    listener_->Start(std::move(acceptor), [this] { ++turned_away_; });
  }
  void TearDown() override {
    if (listener_ != nullptr) listener_->Stop();
    if (server_ != nullptr) server_->Shutdown();
  }
  // What a call comes to: UNIMPLEMENTED if the server hears it.
  absl::StatusCode Call(const std::string& host) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel = grpc::CreateCustomChannel(absl::StrCat(host, ":", listener_->port()),
                                                   grpc::InsecureChannelCredentials(), arguments);
    grpc::ClientContext context;
    SetTimeout(context, absl::Minutes(1));
    context.set_wait_for_ready(true);  // The server is not told at once who is gone.
    const grpc::Slice empty;
    const grpc::ByteBuffer request(&empty, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::BlockingCounter done(1);
    grpc::GenericStub(channel).UnaryCall(&context, "/any/Thing", grpc::StubOptions(), &request,
                                         &response, [&](grpc::Status result) {
                                           status = std::move(result);
                                           done.DecrementCount();
                                         });
    done.Wait();
    return FromGrpcStatus(status).code();
  }

  grpc::CallbackGenericService nothing_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::Server> server_;
  std::atomic<int> turned_away_ = 0;
};

TEST_F(ListenerTest, HandsConnectionsToItsServer) {
  Serve(10);
  EXPECT_EQ(Call("localhost"), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(Call("127.0.0.1"), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(turned_away_, 0);
}

TEST_F(ListenerTest, TurnsAwayMoreThanItsLimitUntilOthersAreGone) {
  Serve(2);
  {
    const TestConnection one(listener_->port());
    const TestConnection two(listener_->port());
    EXPECT_TRUE(one.IsTaken());  // A server says its settings first.
    EXPECT_TRUE(two.IsTaken());
    const TestConnection three(listener_->port());
    EXPECT_TRUE(three.connected());
    EXPECT_FALSE(three.IsTaken());
    EXPECT_EQ(turned_away_, 1);
  }
  EXPECT_EQ(Call("localhost"), absl::StatusCode::kUnimplemented);
}

TEST_F(ListenerTest, SaysThatAPortIsTaken) {
  Serve(1);
  const auto second = Listener::Bind(absl::StrCat("localhost:", listener_->port()), 1);
  EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
}

TEST_F(ListenerTest, FreesItsPortWhenItStops) {
  Serve(1);
  const std::string address = absl::StrCat("localhost:", listener_->port());
  listener_->Stop();
  EXPECT_TRUE(Listener::Bind(address, 1).ok());
}

TEST_F(ListenerTest, RefusesWhatIsNoAddressOfThisMachine) {
  for (const char* address : {"nowhere.invalid:1", "localhost:port", "192.0.2.1:0"}) {
    const auto listener = Listener::Bind(address, 1);
    EXPECT_TRUE(absl::IsInvalidArgument(listener.status())) << address << listener.status();
  }
}

}  // namespace
}  // namespace outerloop::coordinator
