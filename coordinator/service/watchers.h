// Who watches what.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_WATCHERS_H_
#define OUTERLOOP_COORDINATOR_SERVICE_WATCHERS_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace outerloop::coordinator {

// Functions that are called with new views of the thing of an id, one an owner. `View` points to
// what is seen. Thread-compatible.
template <typename View>
class Watchers {
 public:
  using Watcher = std::function<void(const View&)>;

  void Add(const void* owner, const std::string& id, Watcher watcher) {
    entries_[owner] = {id, std::move(watcher)};
  }
  // Nothing if it has none.
  void Remove(const void* owner) { entries_.erase(owner); }
  // Calls all that watch this id.
  void Tell(const std::string& id, const View& view) const {
    for (const auto& [owner, entry] : entries_) {
      if (entry.first == id) entry.second(view);
    }
  }
  // What is watched.
  std::set<std::string> Ids() const {
    std::set<std::string> ids;
    for (const auto& [owner, entry] : entries_) ids.insert(entry.first);
    return ids;
  }

 private:
  std::map<const void*, std::pair<std::string, Watcher>> entries_;  // By owner.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_WATCHERS_H_
