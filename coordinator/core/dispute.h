// Members of a group that report different parameters after the same step.
#ifndef OUTERLOOP_COORDINATOR_CORE_DISPUTE_H_
#define OUTERLOOP_COORDINATOR_CORE_DISPUTE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace outerloop::coordinator {

struct Dispute {
  uint64_t step = 0;
  std::map<std::string, std::vector<std::string>> workers;  // Ids, by the digest they report.

  bool disagree() const { return workers.size() > 1; }
};

// Why the job fails, for people: names the workers in the minority as those who computed
// differently, or says that there is no majority, and gives every digest with its workers.
std::string Verdict(const Dispute& dispute);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_DISPUTE_H_
