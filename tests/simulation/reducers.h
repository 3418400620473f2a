// The simulated reducers: sums over the members of a group.
#ifndef OUTERLOOP_TESTS_SIMULATION_REDUCERS_H_
#define OUTERLOOP_TESTS_SIMULATION_REDUCERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outerloop/v1/worker_service.pb.h"
#include "tests/simulation/arithmetic.h"
#include "tests/simulation/mutation.h"
#include "tests/simulation/process.h"
#include "tests/simulation/random.h"

namespace outerloop::simulation {

// One member of one generation, as worker/reducers/reducer.h. After an error it is dead.
class SimulatedReducer {
 public:
  using Done = std::function<void(absl::StatusOr<Words>)>;

  // The peers learn of its end.
  virtual ~SimulatedReducer() = default;
  // `done` runs in the member's process, unless the reducer is destroyed first. One at a time.
  virtual void AllReduce(const Words& words, Done done) = 0;
};

// Direct connections between workers, as gloo and NCCL have them: every member sends its words to
// every other. Each gets a sum as soon as it has everybody's words, so some may have it while
// others never do. Thread-compatible.
class PeerNetwork {
 public:
  PeerNetwork(Timeline& timeline, uint64_t seed, Mutation mutation)
      : timeline_(timeline), random_(seed), mutation_(mutation) {}

  // A member's reducer. `worker` is its machine. The network must outlive it.
  std::unique_ptr<SimulatedReducer> Open(const v1::ReduceHeader& header, int worker,
                                         Process& process);

  // Nothing passes between the two machines until then.
  void Block(int a, int b, absl::Time until);

 private:
  class Member;
  using Address = std::tuple<std::string, uint64_t, uint32_t>;  // Job, generation, rank.

  // What has arrived for a member, also before it has opened its reducer.
  struct Mailbox {
    Member* member = nullptr;
    std::map<uint64_t, std::map<uint32_t, Words>> rounds;  // By round and sender.
    std::set<uint32_t> lost;                               // Peers.
  };

  Address AddressOf(const v1::ReduceHeader& header, uint32_t rank) const;
  // From one member to another, in order.
  void Send(const v1::ReduceHeader& from, int worker, uint32_t to,
            std::function<void(Mailbox&)> arrive);

  Timeline& timeline_;
  Random random_;
  const Mutation mutation_;
  std::map<Address, Mailbox> mailboxes_;
  std::map<Address, int> workers_;                               // Where a member is.
  std::map<std::pair<Address, Address>, absl::Time> last_sent_;  // When it arrives.
  std::map<std::pair<int, int>, absl::Time> blocked_until_;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_REDUCERS_H_
