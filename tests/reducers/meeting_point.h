// What members of every kind of reducer need from outside, for tests.
#ifndef OUTERLOOP_TESTS_REDUCERS_MEETING_POINT_H_
#define OUTERLOOP_TESTS_REDUCERS_MEETING_POINT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/service/all_reduce_hub.h"
#include "coordinator/service/all_reduce_stream.h"
#include "grpcpp/grpcpp.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "worker/reducers/make_reducer.h"

namespace outerloop::tests {

// The coordinator's part in an all-reduce, and nothing else of it, on a port of this machine. There
// is one job. Thread-safe.
class MeetingPoint {
 public:
  MeetingPoint();
  ~MeetingPoint();

  // HOST:PORT.
  const std::string& address() const { return address_; }

  // Ends the generation before. Call before its members are made.
  void Begin(uint64_t generation, uint32_t size) { hub_.Begin("job", generation, size); }
  void End(uint64_t generation) { hub_.End("job", generation); }

  // A member, not yet connected. `address` is that of a meeting point. Aborts the program if it
  // cannot be made.
  static std::unique_ptr<worker::Reducer> MakeMember(const std::string& address, v1::Reducer kind,
                                                     uint64_t generation, uint32_t rank,
                                                     uint32_t size);

 private:
  class Service final
      : public v1::WorkerService::WithCallbackMethod_AllReduce<v1::WorkerService::Service> {
   public:
    explicit Service(coordinator::AllReduceHub& hub) : hub_(hub) {}
    grpc::ServerBidiReactor<v1::ReduceChunk, v1::ReduceChunk>* AllReduce(
        grpc::CallbackServerContext*) override {
      return new coordinator::AllReduceStream(hub_);
    }

   private:
    coordinator::AllReduceHub& hub_;
  };

  coordinator::AllReduceHub hub_;
  Service service_{hub_};
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// The members of one generation that live in this process, all or some of its ranks, each used by a
// thread of its own.
class Members {
 public:
  // Begins the generation, and makes members for the ranks below `here`.
  Members(MeetingPoint& point, v1::Reducer kind, uint64_t generation, uint32_t size, uint32_t here);
  // All of them.
  Members(MeetingPoint& point, v1::Reducer kind, uint64_t generation, uint32_t size)
      : Members(point, kind, generation, size, size) {}

  uint32_t size() const { return static_cast<uint32_t>(reducers_.size()); }
  worker::Reducer& operator[](uint32_t rank) { return *reducers_[rank]; }
  // The member leaves.
  void Destroy(uint32_t rank) { reducers_[rank].reset(); }

  // Of the members here; those of other processes are to be added, by rank.
  std::vector<std::string>& endpoints() { return endpoints_; }

  // Runs `body` for every rank, each in a thread of its own, and waits for all.
  void ForEach(const std::function<void(uint32_t rank)>& body) const;

  // Connects all members here, and expects it to succeed.
  void Connect();

 private:
  std::vector<std::unique_ptr<worker::Reducer>> reducers_;
  std::vector<std::string> endpoints_;
};

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_REDUCERS_MEETING_POINT_H_
