// A coordinator that does what a test tells it.
#ifndef OUTERLOOP_WORKER_TESTING_FAKE_COORDINATOR_H_
#define OUTERLOOP_WORKER_TESTING_FAKE_COORDINATOR_H_

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "worker/reducers/reduce_service.h"

namespace outerloop::worker {

// WorkerService on a free port of this machine. Waiting for a worker fails the test after 30 s.
// Thread-safe.
class FakeCoordinator final : public v1::WorkerService::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::WorkerMessage>;

  // One worker's stream, as the test sees it.
  class Connection {
   public:
    const v1::Hello& hello() const { return hello_; }
    void Send(const v1::CoordinatorMessage& message) ABSL_LOCKS_EXCLUDED(mu_);
    // The next message of the worker's, heartbeats left out. Blocks.
    v1::WorkerMessage Receive() ABSL_LOCKS_EXCLUDED(mu_);
    // The next heartbeat. Blocks.
    v1::Heartbeat NextHeartbeat() ABSL_LOCKS_EXCLUDED(mu_);
    // Breaks the stream, as a network does.
    void Break() ABSL_LOCKS_EXCLUDED(mu_);
    // Blocks until the worker has ended the stream.
    void WaitForEnd() ABSL_LOCKS_EXCLUDED(mu_);

   private:
    friend class FakeCoordinator;
    grpc::Status Serve(Stream* stream) ABSL_LOCKS_EXCLUDED(mu_);

    v1::Hello hello_;
    absl::Mutex mu_;
    grpc::ServerContext* context_ ABSL_GUARDED_BY(mu_) = nullptr;  // Null once ended.
    Stream* stream_ ABSL_GUARDED_BY(mu_) = nullptr;                // Likewise.
    std::deque<v1::WorkerMessage> received_ ABSL_GUARDED_BY(mu_);
    uint64_t heartbeats_ ABSL_GUARDED_BY(mu_) = 0;
    v1::Heartbeat heartbeat_ ABSL_GUARDED_BY(mu_);  // The latest.
  };

  FakeCoordinator();
  ~FakeCoordinator() override;

  // A new channel to it.
  std::shared_ptr<grpc::Channel> NewChannel() const;
  const std::string& address() const { return address_; }

  // The next worker that connects, after the Welcome. Blocks. Connections live as long as this.
  Connection& Accept() ABSL_LOCKS_EXCLUDED(mu_);
  // Refuses every Hello from now on.
  void Refuse(const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mu_);

  // What FetchBlob gives for the blob's digest, which is returned; or for a digest, whatever is in
  // it.
  std::string AddBlob(const std::string& bytes) ABSL_LOCKS_EXCLUDED(mu_);
  void SetBlob(const std::string& sha256, const std::string& bytes) ABSL_LOCKS_EXCLUDED(mu_);

  // The next StoreCheckpoints end with these, in order; then with OK.
  void FailStores(std::deque<grpc::Status> statuses) ABSL_LOCKS_EXCLUDED(mu_);
  // The checkpoint stored under that step. Blocks.
  std::string WaitForCheckpoint(uint64_t step) ABSL_LOCKS_EXCLUDED(mu_);
  // StoreCheckpoints so far, failed ones too.
  int stores() ABSL_LOCKS_EXCLUDED(mu_);

  ReduceService& reduce() { return reduce_; }

 private:
  grpc::Status Session(grpc::ServerContext* context, Stream* stream) override;
  grpc::Status AllReduce(grpc::ServerContext* context, ReduceService::Stream* stream) override;
  grpc::Status FetchBlob(grpc::ServerContext* context, const v1::FetchBlobRequest* request,
                         grpc::ServerWriter<v1::BlobChunk>* writer) override;
  grpc::Status StoreCheckpoint(grpc::ServerContext* context,
                               grpc::ServerReader<v1::StoreCheckpointRequest>* reader,
                               v1::StoreCheckpointResponse* response) override;

  ReduceService reduce_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;

  absl::Mutex mu_;
  std::list<Connection> connections_ ABSL_GUARDED_BY(mu_);
  std::deque<Connection*> waiting_ ABSL_GUARDED_BY(mu_);  // Not yet accepted by the test.
  grpc::Status refusal_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> blobs_ ABSL_GUARDED_BY(mu_);
  std::deque<grpc::Status> store_failures_ ABSL_GUARDED_BY(mu_);
  int stores_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<uint64_t, std::string> checkpoints_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TESTING_FAKE_COORDINATOR_H_
