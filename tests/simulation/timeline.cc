#include "tests/simulation/timeline.h"

#include <algorithm>
#include <utility>

namespace outerloop::simulation {

void Timeline::At(absl::Time when, std::function<void()> what) {
  entries_.push_back({std::max(when, now_), ++put_down_, std::move(what)});
  std::push_heap(entries_.begin(), entries_.end(), Later);
}

bool Timeline::Next() {
  if (entries_.empty()) return false;
  std::pop_heap(entries_.begin(), entries_.end(), Later);
  const Entry entry = std::move(entries_.back());
  entries_.pop_back();
  now_ = entry.when;
  ++happened_;
  entry.what();
  return true;
}

}  // namespace outerloop::simulation
