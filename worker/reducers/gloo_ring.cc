#include "worker/reducers/gloo_ring.h"

#include <gloo/allreduce.h>
#include <gloo/common/error.h>
#include <gloo/context.h>
#include <gloo/transport/tcp/device.h>
#include <gloo/types.h>
#include <netdb.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "worker/reducers/gloo_transport.h"
#include "worker/reducers/nameless_peers.h"

namespace outerloop::worker {
namespace {

// The watchdog keeps the deadlines: Gloo's hold for each wait, not for a whole call. Long, and
// short enough not to overflow when Gloo adds it to a time.
constexpr std::chrono::milliseconds kNever = std::chrono::hours(24 * 365);

// Of greetings, apart from those that Gloo's own collectives use (gloo/types.h).
constexpr uint8_t kGreetingSlotPrefix = 0x7f;

// What `call` throws, if it does.
std::optional<std::string> Caught(absl::FunctionRef<void()> call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an unknown exception";
  }
  return std::nullopt;
}

// Gloo crashes on what it cannot look up, and would take any name.
bool IsNumericAddress(const std::string& address) {
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0) return false;
  ::freeaddrinfo(found);
  return true;
}

// Where it has its default action, which ends the process when a peer closes a connection.
void IgnoreBrokenPipes() {
  struct sigaction action = {};
  if (sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
  }
}

// Names a round by its number and length, so that a member with another length finds no partner:
// Gloo ends a process that gets more bytes than it expects.
uint32_t TagOf(uint32_t round, size_t words) {
  return round * 0x9e3779b1u ^ static_cast<uint32_t>(words) * 0x85ebca6bu;
}

}  // namespace

// Gloo's context over connections that are made without its rendezvous.
class GlooRing::Context : public gloo::Context {
 public:
  Context(std::shared_ptr<gloo::transport::Device> device, std::shared_ptr<GlooTransport> transport)
      : gloo::Context(transport->rank, transport->size) {
    device_ = std::move(device);
    transportContext_ = std::move(transport);
    setTimeout(kNever);
  }
};

absl::StatusOr<std::unique_ptr<GlooRing>> GlooRing::Create(const std::string& address,
                                                           uint32_t rank, uint32_t size) {
  if (!IsNumericAddress(address)) {
    return absl::UnavailableError(absl::StrCat("gloo: '", address, "' is not an IP address"));
  }
  IgnoreBrokenPipes();
  TolerateNamelessPeers();
  std::unique_ptr<GlooRing> ring;
  const auto error = Caught([&] {
    auto device = gloo::transport::tcp::CreateDevice(address.c_str());
    auto connections = device->createContext(static_cast<int>(rank), static_cast<int>(size));
    connections->setTimeout(gloo::kNoTimeout);
    auto transport = std::make_shared<GlooTransport>(std::move(connections));
    auto context = std::make_shared<Context>(std::move(device), transport);
    ring.reset(new GlooRing(std::move(transport), std::move(context)));
    for (const int neighbour : ring->neighbours()) ring->transport_->createPair(neighbour);
  });
  if (error) {
    return absl::UnavailableError(absl::StrCat("gloo: cannot listen at '", address, "': ", *error));
  }
  return ring;
}

GlooRing::GlooRing(std::shared_ptr<GlooTransport> transport, std::shared_ptr<Context> context)
    : transport_(std::move(transport)), context_(std::move(context)), watchdog_([this] {
        End(absl::DeadlineExceededError("gloo: the other members did not answer in time"));
      }) {}

GlooRing::~GlooRing() = default;

std::vector<int> GlooRing::neighbours() const {
  const int rank = context_->rank, size = context_->size;
  if (size == 2) return {1 - rank};
  return {(rank + size - 1) % size, (rank + 1) % size};
}

std::string GlooRing::endpoint() const {
  std::string endpoint;
  for (const int neighbour : neighbours()) {
    const std::vector<char> address = transport_->getPair(neighbour)->address().bytes();
    endpoint.append(address.begin(), address.end());
  }
  return endpoint;
}

absl::Status GlooRing::Connect(std::span<const std::string> endpoints,
                               std::span<const std::string> greetings, absl::Time deadline) {
  return Run(deadline, [&] {
    ConnectPairs(endpoints);
    ExchangeGreetings(greetings);
    connected_ = true;
  });
}

void GlooRing::ConnectPairs(std::span<const std::string> endpoints) {
  // Of the ring's connections, numbered by the lower rank (the last one closes the ring), everybody
  // makes the one with the lower number first, so that nobody waits in a circle.
  std::vector<int> ranks = neighbours();
  if (context_->rank == 0) std::reverse(ranks.begin(), ranks.end());
  for (const int rank : ranks) {
    transport_->getPair(rank)->connect(AddressFor(rank, endpoints[rank]));
  }
}

std::vector<char> GlooRing::AddressFor(int rank, const std::string& endpoint) const {
  const std::vector<int> ranks = neighbours();
  const size_t size = this->endpoint().size();
  if (endpoint.size() != size) {
    throw std::runtime_error(absl::StrCat("the endpoint of rank ", rank, " has ", endpoint.size(),
                                          " bytes, not ", size));
  }
  // This member is the next one's previous, and the previous one's next.
  const size_t length = size / ranks.size();
  const char* const address = endpoint.data() + (rank == ranks.front() ? size - length : 0);
  return std::vector<char>(address, address + length);
}

void GlooRing::ExchangeGreetings(std::span<const std::string> greetings) {
  const uint64_t slot = gloo::Slot::build(kGreetingSlotPrefix, /*tag=*/0);
  const std::vector<int> ranks = neighbours();
  std::string mine = greetings[context_->rank];
  std::string theirs(ranks.size() * mine.size(), '\0');
  std::string expected;
  const auto out = context_->createUnboundBuffer(mine.data(), mine.size());
  const auto in = context_->createUnboundBuffer(theirs.data(), theirs.size());
  for (const int rank : ranks) {
    out->send(rank, slot);
    in->recv(rank, slot, expected.size(), mine.size());
    expected += greetings[rank];
  }
  for (size_t i = 0; i < ranks.size(); ++i) {
    out->waitSend(kNever);
    in->waitRecv(kNever);
  }
  if (theirs != expected) {
    throw std::runtime_error("another process answers at the address of a neighbour");
  }
}

absl::Status GlooRing::AllReduce(std::span<int64_t> words, Sum sum, absl::Time deadline) {
  return Run(deadline, [&] {
    if (!connected_) throw std::runtime_error("not connected");
    const uint32_t tag = TagOf(round_++, words.size());
    if (words.empty()) return;
    gloo::AllreduceOptions options(context_);
    options.setOutput(words.data(), words.size());
    options.setReduceFunction(sum);
    options.setTag(tag);
    options.setTimeout(kNever);
    gloo::allreduce(options);
  });
}

absl::Status GlooRing::Run(absl::Time deadline, absl::FunctionRef<void()> body) {
  if (absl::Status dead = end(); !dead.ok()) return dead;
  watchdog_.Set(deadline);
  const auto error = Caught(body);
  watchdog_.Lift();
  if (error) End(absl::UnavailableError(absl::StrCat("gloo: ", *error)));
  return end();
}

void GlooRing::Abort() { End(absl::AbortedError("gloo: aborted, for the generation has ended")); }

void GlooRing::End(const absl::Status& reason) {
  {
    absl::MutexLock lock(&mu_);
    if (!end_.ok()) return;
    end_ = reason;
  }
  transport_->End();
}

absl::Status GlooRing::end() const {
  absl::MutexLock lock(&mu_);
  return end_;
}

}  // namespace outerloop::worker
