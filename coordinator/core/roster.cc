#include "coordinator/core/roster.h"

#include <algorithm>

#include "coordinator/core/reducer_choice.h"

namespace outerloop::coordinator {
namespace {

bool AreAlike(const WorkerConnected& a, const WorkerConnected& b) {
  return Rounds(a.numerics, b.numerics) && Rounds(b.numerics, a.numerics) &&
         CanReduce(a, v1::GLOO) == CanReduce(b, v1::GLOO) &&
         CanReduce(a, v1::NCCL) == CanReduce(b, v1::NCCL);
}

}  // namespace

size_t Roster::KindOf(const WorkerConnected& worker) const {
  const auto kind = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& candidate) {
    return AreAlike(*candidate.example, worker);
  });
  return static_cast<size_t>(kind - kinds_.begin());
}

size_t Roster::Count(const WorkerConnected& worker) {
  const size_t kind = KindOf(worker);
  if (kind == kinds_.size()) {
    kinds_.push_back({&worker, {}});
    all_.push_back(0);
  }
  ++all_[kind];
  return kind;
}

void Roster::AddFree(const WorkerConnected& worker) {
  kinds_[Count(worker)].free.push_back(worker.session);
}

void Roster::AddHeld(const WorkerConnected& worker, const std::string& holder) {
  const size_t kind = Count(worker);
  Headcount& held = held_[holder];
  held.resize(std::max(held.size(), kind + 1));
  ++held[kind];
}

Headcount Roster::HeldBy(const std::string& holder) const {
  const auto held = held_.find(holder);
  Headcount workers = held == held_.end() ? Headcount() : held->second;
  workers.resize(kinds_.size());
  return workers;
}

std::vector<std::vector<size_t>> Roster::ChoicesFor(const v1::Workers& wanted, v1::Reducer reducer,
                                                    const v1::Numerics& numerics) const {
  std::vector<std::vector<size_t>> choices;
  for (size_t kind = 0; kind < kinds_.size(); ++kind) {
    const WorkerConnected& worker = *kinds_[kind].example;
    const bool fits = wanted.mixed_numerics() || Rounds(worker.numerics, numerics);
    if (!fits || !CanReduce(worker, reducer)) continue;
    const auto choice = std::find_if(choices.begin(), choices.end(), [&](const auto& kinds) {
      return wanted.mixed_numerics() ||
             Rounds(worker.numerics, kinds_[kinds.front()].example->numerics);
    });
    if (choice == choices.end()) {
      choices.push_back({kind});
    } else {
      choice->push_back(kind);
    }
  }
  return choices;
}

size_t Roster::Free(const std::vector<size_t>& kinds) const {
  size_t free = 0;
  for (const size_t kind : kinds) free += kinds_[kind].free.size();
  return free;
}

std::vector<SessionId> Roster::Take(const Headcount& wanted) {
  std::vector<SessionId> taken;
  for (size_t kind = 0; kind < kinds_.size(); ++kind) {
    std::deque<SessionId>& free = kinds_[kind].free;
    const size_t count = std::min<size_t>(wanted[kind], free.size());
    const auto end = free.begin() + static_cast<std::ptrdiff_t>(count);
    taken.insert(taken.end(), free.begin(), end);
    free.erase(free.begin(), end);
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

}  // namespace outerloop::coordinator
