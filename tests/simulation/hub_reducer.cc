#include "tests/simulation/hub_reducer.h"

#include <cstring>
#include <utility>

#include "tests/simulation/coordinator_process.h"

namespace outerloop::simulation {

struct HubReducer::Pending {
  Done done;          // Null: nothing waits.
  absl::Status dead;  // Why nothing can be added up any more.

  void Finish(absl::StatusOr<Words> result) {
    if (done != nullptr) std::exchange(done, nullptr)(std::move(result));
  }
};

HubReducer::HubReducer(Cluster& cluster, Link& link, Process& process,
                       const v1::ReduceHeader& header)
    : cluster_(cluster), pending_(std::make_shared<Pending>()) {
  if (!cluster.coordinator.alive()) {
    pending_->dead = absl::UnavailableError("no coordinator");
    return;
  }
  stream_ = Stream::Make(link, process, cluster.coordinator);
  stream_->SetOnEnd(kClient, [pending = pending_](const absl::Status& status) {
    pending->dead = status.ok() ? absl::UnavailableError("closed") : status;
    pending->Finish(pending->dead);
  });
  v1::ReduceChunk first;
  *first.mutable_header() = header;
  Send(first);
}

HubReducer::~HubReducer() {
  pending_->done = nullptr;
  if (stream_ != nullptr) stream_->Close(kClient, absl::CancelledError("the member is gone"));
}

void HubReducer::Send(const v1::ReduceChunk& chunk) {
  const auto deliver = [pending = pending_](const v1::ReduceChunk& sum) {
    Words words(sum.data().size() / sizeof(int64_t));
    std::memcpy(words.data(), sum.data().data(), sum.data().size());
    pending->Finish(std::move(words));
  };
  stream_->Send(kClient,
                [&coordinator = cluster_.coordinator, stream = stream_.get(), chunk, deliver] {
                  coordinator.Reduce(stream->shared_from_this(), chunk, deliver);
                });
}

void HubReducer::AllReduce(const Words& words, Done done) {
  pending_->done = std::move(done);
  if (!pending_->dead.ok()) {
    const absl::Status dead = pending_->dead;
    return pending_->Finish(dead);
  }
  v1::ReduceChunk chunk;
  chunk.set_round(next_round_++);
  chunk.set_data(words.data(), words.size() * sizeof(int64_t));
  Send(chunk);
}

}  // namespace outerloop::simulation
