#include "coordinator/core/allocation.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace outerloop::coordinator {
namespace {

// The decision while it is being made.
class Allocation {
 public:
  Allocation(std::span<const Demand> demands, Headcount workers, uint32_t quota)
      : left_(std::move(workers)), quota_(quota) {
    std::map<std::string, size_t> owners;
    for (const Demand& demand : demands) {
      const size_t owner = owners.emplace(demand.owner, owners.size()).first->second;
      cases_.push_back({.demand = demand, .owner = owner, .runs = Total(demand.has) > 0});
      cases_.back().share.workers.resize(left_.size());
    }
    owned_.resize(owners.size());
  }

  // Rule 1.
  void GiveMinima() {
    std::map<int32_t, std::vector<Case*>, std::greater<>> by_priority;
    for (Case& one : cases_) by_priority[one.demand.priority].push_back(&one);
    for (const auto& [priority, equals] : by_priority) {
      std::map<size_t, std::deque<Case*>> waiting;  // By owner.
      for (Case* one : equals) {
        if (one->runs) {
          GiveMinimum(*one);
        } else {
          waiting[one->owner].push_back(one);
        }
      }
      GiveInTurn(waiting);
    }
  }

  // Rule 2, where nobody needs what others have: one step instead of one for each worker.
  bool KeepAll() {
    Headcount needed(left_.size());
    std::vector<uint64_t> owned(owned_.begin(), owned_.end());
    for (const Case& one : cases_) {
      if (one.choice == nullptr) continue;
      if (Total(one.demand.has) > one.demand.max) return false;
      for (size_t kind = 0; kind < left_.size(); ++kind) {
        needed[kind] += Kept(one, kind);
        owned[one.owner] += Kept(one, kind);
      }
    }
    for (size_t kind = 0; kind < left_.size(); ++kind) {
      if (needed[kind] > left_[kind]) return false;
    }
    if (std::any_of(owned.begin(), owned.end(), [this](uint64_t n) { return n > quota_; })) {
      return false;
    }
    for (Case& one : cases_) {
      for (size_t kind = 0; one.choice != nullptr && kind < left_.size(); ++kind) {
        Give(one, kind, Kept(one, kind));
      }
    }
    return true;
  }

  // Rules 2 and 3: `limit` says how many workers of a kind a demand may come to have.
  template <typename Limit>
  void Spread(const Limit& limit) {
    while (Total(left_) > 0) {
      const auto [next, kind] = NextSpare(limit);
      if (next == nullptr) return;
      Give(*next, kind, 1);
    }
  }

  std::vector<Share> TakeShares() {
    std::vector<Share> shares;
    for (Case& one : cases_) shares.push_back(std::move(one.share));
    return shares;
  }

 private:
  // A demand and what becomes of it.
  struct Case {
    const Demand& demand;
    size_t owner;
    bool runs;
    const std::vector<size_t>* choice = nullptr;  // Once it has its minimum.
    uint32_t total = 0;                           // Of its share.
    Share share = {};
  };

  // What it has beyond its share.
  static uint32_t Kept(const Case& one, size_t kind) {
    return one.demand.has[kind] - std::min(one.demand.has[kind], one.share.workers[kind]);
  }

  // To the owner with the fewest workers, again and again. Addresses ascend as cases do.
  void GiveInTurn(std::map<size_t, std::deque<Case*>>& waiting) {
    while (!waiting.empty()) {
      const auto rank = [this](const auto& entry) {
        return std::make_pair(owned_[entry.first], entry.second.front());
      };
      const auto next =
          std::min_element(waiting.begin(), waiting.end(),
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
      GiveMinimum(*next->second.front());
      next->second.pop_front();
      if (next->second.empty()) waiting.erase(next);
    }
  }

  // Ascending: who is next.
  std::tuple<int32_t, uint32_t, uint32_t, const Case*> SpareRank(const Case& one) const {
    return {-one.demand.priority, owned_[one.owner], one.total, &one};
  }

  bool IsWithinQuota(const Case& one, uint32_t more) const {
    return uint64_t{owned_[one.owner]} + more <= quota_;
  }

  void Give(Case& one, size_t kind, uint32_t workers) {
    left_[kind] -= workers;
    one.share.workers[kind] += workers;
    one.total += workers;
    owned_[one.owner] += workers;
  }

  void GiveMinimum(Case& one) {
    const bool may = IsWithinQuota(one, one.demand.min);
    one.share.want = may ? Share::Want::kWorkers : Share::Want::kQuota;
    if (!may) return;
    for (const std::vector<size_t>& choice : one.demand.choices) {
      uint64_t there = 0;
      for (const size_t kind : choice) there += left_[kind];
      if (there < one.demand.min) continue;
      one.choice = &choice;
      one.share.want = Share::Want::kNothing;
      return TakeMinimum(one);
    }
  }

  // Of its own workers first.
  void TakeMinimum(Case& one) {
    for (const bool own : {true, false}) {
      for (const size_t kind : *one.choice) {
        const uint32_t there = own ? std::min(one.demand.has[kind], left_[kind]) : left_[kind];
        Give(one, kind, std::min(one.demand.min - one.total, there));
      }
    }
  }

  // Null if nobody may have more.
  template <typename Limit>
  std::pair<Case*, size_t> NextSpare(const Limit& limit) {
    std::pair<Case*, size_t> best{nullptr, 0};
    for (Case& one : cases_) {
      if (one.choice == nullptr || one.total >= one.demand.max || !IsWithinQuota(one, 1)) continue;
      if (best.first != nullptr && SpareRank(*best.first) < SpareRank(one)) continue;
      const auto kind = std::find_if(one.choice->begin(), one.choice->end(), [&](size_t kind) {
        return left_[kind] > 0 && one.share.workers[kind] < limit(one.demand, kind);
      });
      if (kind != one.choice->end()) best = {&one, *kind};
    }
    return best;
  }

  Headcount left_;
  const uint32_t quota_;
  std::vector<Case> cases_;
  std::vector<uint32_t> owned_;  // How many workers each owner has got.
};

}  // namespace

uint32_t Total(const Headcount& workers) {
  return std::accumulate(workers.begin(), workers.end(), uint32_t{0});
}

std::vector<Share> Allocate(std::span<const Demand> demands, Headcount workers, uint32_t quota) {
  Allocation allocation(demands, std::move(workers), quota);
  allocation.GiveMinima();
  if (!allocation.KeepAll()) {
    allocation.Spread([](const Demand& demand, size_t kind) { return demand.has[kind]; });
  }
  allocation.Spread([](const Demand& demand, size_t) { return demand.max; });
  return allocation.TakeShares();
}

}  // namespace outerloop::coordinator
