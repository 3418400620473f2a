#include "tests/simulation/reducers.h"

#include <algorithm>

namespace outerloop::simulation {

// ---- A member

class PeerNetwork::Member : public SimulatedReducer {
 public:
  Member(PeerNetwork& network, const v1::ReduceHeader& header, int worker, Process& process)
      : network_(network), header_(header), worker_(worker), process_(process) {
    mailbox().member = this;
  }

  ~Member() override {
    if (mailbox().member == this) mailbox().member = nullptr;
    ForEachPeer([rank = header_.rank()](Mailbox& peer) { peer.lost.insert(rank); });
  }

  void AllReduce(const Words& words, Done done) override {
    const uint64_t round = next_round_++;
    mailbox().rounds[round][header_.rank()] = words;
    ForEachPeer(
        [round, rank = header_.rank(), words](Mailbox& peer) { peer.rounds[round][rank] = words; });
    waiting_ = {round, std::move(done)};
    Look();
  }

  // Something has arrived.
  void Look() {
    if (!waiting_) return;
    const auto& words = mailbox().rounds[waiting_->first];
    if (words.size() == header_.size()) return Finish(Sum(words));
    const bool hopeless = std::any_of(mailbox().lost.begin(), mailbox().lost.end(),
                                      [&](uint32_t rank) { return !words.contains(rank); });
    if (hopeless) Finish(absl::UnavailableError("a peer is gone"));
  }

 private:
  Mailbox& mailbox() { return network_.mailboxes_[network_.AddressOf(header_, header_.rank())]; }

  void ForEachPeer(const std::function<void(Mailbox&)>& arrive) {
    for (uint32_t rank = 0; rank < header_.size(); ++rank) {
      if (rank != header_.rank()) network_.Send(header_, worker_, rank, arrive);
    }
  }

  Words Sum(const std::map<uint32_t, Words>& all) const {
    Words sum(all.begin()->second.size());
    for (const auto& [rank, words] : all) Arithmetic::Add(words, sum);
    if (network_.mutation_ == Mutation::kInexactSum && all.size() > 2) ++sum[0];
    return sum;
  }

  void Finish(absl::StatusOr<Words> result) {
    mailbox().rounds.erase(waiting_->first);
    const Done done = std::move(waiting_->second);
    waiting_.reset();
    process_.Run([done, result = std::move(result)] { done(result); });
  }

  PeerNetwork& network_;
  const v1::ReduceHeader header_;
  const int worker_;
  Process& process_;
  uint64_t next_round_ = 0;
  std::optional<std::pair<uint64_t, Done>> waiting_;
};

// ---- The network

std::unique_ptr<SimulatedReducer> PeerNetwork::Open(const v1::ReduceHeader& header, int worker,
                                                    Process& process) {
  workers_[AddressOf(header, header.rank())] = worker;
  return std::make_unique<Member>(*this, header, worker, process);
}

PeerNetwork::Address PeerNetwork::AddressOf(const v1::ReduceHeader& header, uint32_t rank) const {
  const bool mixed = mutation_ == Mutation::kMixesGenerations;
  return {header.job_id(), mixed ? header.size() : header.generation(), rank};
}

void PeerNetwork::Block(int a, int b, absl::Time until) {
  blocked_until_[std::minmax(a, b)] = until;
}

void PeerNetwork::Send(const v1::ReduceHeader& from, int worker, uint32_t to,
                       std::function<void(Mailbox&)> arrive) {
  const Address here = AddressOf(from, from.rank());
  const Address there = AddressOf(from, to);
  absl::Time start = timeline_.now();
  if (const auto peer = workers_.find(there); peer != workers_.end()) {
    const auto blocked = blocked_until_.find(std::minmax(worker, peer->second));
    if (blocked != blocked_until_.end()) start = std::max(start, blocked->second);
  }
  absl::Time& last = last_sent_[{here, there}];
  last = std::max(last, start + random_.Between(absl::Microseconds(50), absl::Microseconds(1500)));
  timeline_.At(last, [this, there, arrive = std::move(arrive)] {
    Mailbox& mailbox = mailboxes_[there];
    arrive(mailbox);
    if (mailbox.member != nullptr) mailbox.member->Look();
  });
}

}  // namespace outerloop::simulation
