#include "worker/reducers/nccl_fake_api.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outerloop::worker {
namespace {

absl::Status Failed(const std::string& what) {
  return absl::UnavailableError(absl::StrCat(what, " failed, as ordered"));
}

}  // namespace

// ---- The world

std::vector<std::string> FakeNcclWorld::violations() const {
  absl::MutexLock lock(&mu_);
  return violations_;
}

std::vector<std::string> FakeNcclWorld::ids() const {
  absl::MutexLock lock(&mu_);
  return ids_;
}

void FakeNcclWorld::WaitUntilEmpty() const {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(
      +[](const int* members) { return *members == 0; }, &members_));
}

// ---- Orders and counts

FakeNccl::FakeNccl(std::shared_ptr<FakeNcclWorld> world) : world_(std::move(world)) {
  absl::MutexLock lock(&mu());
  ++world_->members_;
}

FakeNccl::~FakeNccl() {
  absl::MutexLock lock(&mu());
  if (!communicators_.empty()) Violate("a communicator was never aborted");
  if (!memory_.empty()) Violate("memory was never freed");
  if (has_stream_) Violate("a stream was never destroyed");
  --world_->members_;
}

void FakeNccl::Order(NcclFault fault) {
  absl::MutexLock lock(&mu());
  faults_.insert(fault);
}

void FakeNccl::Lift(NcclFault fault) {
  absl::MutexLock lock(&mu());
  faults_.erase(fault);
}

int FakeNccl::Calls(const std::string& function) const {
  absl::MutexLock lock(&mu());
  const auto found = calls_.find(function);
  return found == calls_.end() ? 0 : found->second;
}

void FakeNccl::WaitForCalls(const std::string& function, int count) const {
  absl::MutexLock lock(&mu());
  const auto reached = [this, &function, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu()) {
    const auto found = calls_.find(function);
    return found != calls_.end() && found->second >= count;
  };
  mu().Await(absl::Condition(&reached));
}

void FakeNccl::Note(const std::string& function) { ++calls_[function]; }

bool FakeNccl::Has(NcclFault fault) const { return faults_.contains(fault); }

void FakeNccl::HangFor(NcclFault fault) {
  const auto lifted = [this, fault]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu()) { return !Has(fault); };
  mu().Await(absl::Condition(&lifted));
}

void FakeNccl::Violate(const std::string& what) { world_->violations_.push_back(what); }

// ---- Communicators

absl::Status FakeNccl::UseDevice() {
  absl::MutexLock lock(&mu());
  Note("UseDevice");
  return Has(NcclFault::kNoDevice) ? Failed("UseDevice") : absl::OkStatus();
}

absl::StatusOr<std::string> FakeNccl::UniqueId() {
  absl::MutexLock lock(&mu());
  Note("UniqueId");
  std::string id = absl::StrCat("fake id ", world_->ids_.size());
  id.resize(kNcclIdBytes);
  world_->ids_.push_back(id);
  return id;
}

absl::StatusOr<NcclProgress> FakeNccl::InitRank(NcclComm** comm, int size, const std::string& id,
                                                int rank) {
  absl::MutexLock lock(&mu());
  Note("InitRank");
  HangFor(NcclFault::kInitCallHangs);
  auto communicator = std::make_unique<Communicator>();
  *comm = reinterpret_cast<NcclComm*>(communicator.get());
  communicator->user = std::this_thread::get_id();
  Clique& clique = world_->cliques_[id];
  communicator->clique = &clique;
  communicators_[*comm] = std::move(communicator);
  if (Has(NcclFault::kInitFails)) return Failed("InitRank");
  if (clique.size != 0 && clique.size != size) Violate("ranks disagree on the size");
  if (rank < 0 || rank >= size) Violate("a rank outside of the communicator");
  clique.size = size;
  ++clique.connected;
  return NcclProgress::kInProgress;
}

FakeNccl::Communicator* FakeNccl::Find(NcclComm* comm) {
  const auto found = communicators_.find(comm);
  if (found == communicators_.end()) {
    Violate("a call on a communicator that has ended");
    return nullptr;
  }
  if (found->second->user != std::this_thread::get_id()) Violate("a call by a second thread");
  return found->second.get();
}

absl::StatusOr<NcclProgress> FakeNccl::Error(NcclComm* comm) {
  absl::MutexLock lock(&mu());
  Note("Error");
  Communicator* communicator = Find(comm);
  if (communicator == nullptr) return Failed("Error");
  if (Has(NcclFault::kRemoteError)) return Failed("a peer");
  const Clique& clique = *communicator->clique;
  if (Has(NcclFault::kInitNeverEnds) || clique.connected < clique.size) {
    return NcclProgress::kInProgress;
  }
  if (communicator->not_enqueued != nullptr) {
    if (Has(NcclFault::kEnqueueNeverEnds)) return NcclProgress::kInProgress;
    stream_.push_back(std::exchange(communicator->not_enqueued, nullptr));
  }
  if (communicator->finalizing &&
      (Has(NcclFault::kFinalizeNeverEnds) || clique.finalized < clique.size)) {
    return NcclProgress::kInProgress;
  }
  return NcclProgress::kDone;
}

absl::StatusOr<NcclProgress> FakeNccl::AllReduce(int64_t* words, size_t count, NcclComm* comm,
                                                 CudaStream*) {
  absl::MutexLock lock(&mu());
  Note("AllReduce");
  Communicator* communicator = Find(comm);
  if (communicator == nullptr || Has(NcclFault::kAllReduceFails)) return Failed("AllReduce");
  if (communicator->not_enqueued != nullptr) Violate("a sum before the last is in the stream");
  communicator->not_enqueued = Sum(words, count, comm);
  return NcclProgress::kInProgress;
}

FakeNccl::Work FakeNccl::Sum(int64_t* words, size_t count, NcclComm* comm) {
  Communicator& communicator = *communicators_[comm];
  Clique::Round& round = communicator.clique->rounds[communicator.round++];
  const int size = communicator.clique->size;
  return [this, words, count, comm, size, &round, given = false]() mutable {
    mu().AssertHeld();
    if (!communicators_.contains(comm)) return true;  // Aborted: it stops.
    if (!given) {
      given = true;
      ++round.given;
      if (round.given == 1) round.sum.resize(count);
      if (round.sum.size() != count) Violate("ranks disagree on the length");
      for (size_t i = 0; i < count; ++i) {
        // Unsigned: wraps around, as on a GPU.
        round.sum[i] = static_cast<int64_t>(static_cast<uint64_t>(round.sum[i]) +
                                            static_cast<uint64_t>(words[i]));
      }
    }
    if (Has(NcclFault::kSumNeverEnds) || round.given < size) return false;
    std::memcpy(words, round.sum.data(), count * sizeof(int64_t));
    return true;
  };
}

absl::StatusOr<NcclProgress> FakeNccl::Finalize(NcclComm* comm) {
  absl::MutexLock lock(&mu());
  Note("Finalize");
  Communicator* communicator = Find(comm);
  if (communicator == nullptr) return Failed("Finalize");
  if (!communicator->finalizing) ++communicator->clique->finalized;
  communicator->finalizing = true;
  return NcclProgress::kInProgress;
}

absl::Status FakeNccl::Abort(NcclComm* comm) {
  absl::MutexLock lock(&mu());
  Note("Abort");
  HangFor(NcclFault::kAbortHangs);
  if (Find(comm) != nullptr) communicators_.erase(comm);
  return absl::OkStatus();
}

// ---- The GPU

absl::StatusOr<CudaStream*> FakeNccl::CreateStream() {
  absl::MutexLock lock(&mu());
  if (std::exchange(has_stream_, true)) Violate("a second stream");
  return reinterpret_cast<CudaStream*>(&stream_);
}

absl::Status FakeNccl::DestroyStream(CudaStream*) {
  absl::MutexLock lock(&mu());
  if (!Advance()) Violate("a stream was destroyed while it ran");
  has_stream_ = false;
  return absl::OkStatus();
}

absl::StatusOr<NcclProgress> FakeNccl::QueryStream(CudaStream*) {
  absl::MutexLock lock(&mu());
  Note("QueryStream");
  if (Has(NcclFault::kStreamFails)) return Failed("QueryStream");
  return Advance() ? NcclProgress::kDone : NcclProgress::kInProgress;
}

bool FakeNccl::Advance() {
  while (!stream_.empty() && stream_.front()()) stream_.pop_front();
  return stream_.empty();
}

absl::StatusOr<int64_t*> FakeNccl::Allocate(size_t words) {
  std::vector<int64_t> memory(words);
  int64_t* const address = memory.data();
  memory_[address] = std::move(memory);
  return address;
}

absl::Status FakeNccl::Free(int64_t* words) {
  if (!Advance()) Violate("memory was freed under a running sum");
  if (memory_.erase(words) == 0) Violate("memory was freed that was not allocated");
  return absl::OkStatus();
}

absl::StatusOr<int64_t*> FakeNccl::AllocateHost(size_t words) {
  absl::MutexLock lock(&mu());
  Note("AllocateHost");
  return Allocate(words);
}

absl::Status FakeNccl::FreeHost(int64_t* words) {
  absl::MutexLock lock(&mu());
  return Free(words);
}

absl::StatusOr<int64_t*> FakeNccl::AllocateDevice(size_t words) {
  absl::MutexLock lock(&mu());
  Note("AllocateDevice");
  if (Has(NcclFault::kAllocateFails)) return Failed("AllocateDevice");
  return Allocate(words);
}

absl::Status FakeNccl::FreeDevice(int64_t* words) {
  absl::MutexLock lock(&mu());
  const absl::Status status = Free(words);
  return Has(NcclFault::kFreeFails) ? Failed("FreeDevice") : status;
}

absl::Status FakeNccl::Copy(int64_t* to, const int64_t* from, size_t words) {
  stream_.emplace_back([to, from, words] {
    std::memcpy(to, from, words * sizeof(int64_t));
    return true;
  });
  return absl::OkStatus();
}

absl::Status FakeNccl::CopyToDevice(int64_t* device, const int64_t* host, size_t words,
                                    CudaStream*) {
  absl::MutexLock lock(&mu());
  return Copy(device, host, words);
}

absl::Status FakeNccl::CopyToHost(int64_t* host, const int64_t* device, size_t words, CudaStream*) {
  absl::MutexLock lock(&mu());
  return Copy(host, device, words);
}

}  // namespace outerloop::worker
