#include "coordinator/service/sweep_board.h"

#include <set>
#include <utility>

#include "google/protobuf/util/message_differencer.h"

namespace outerloop::coordinator {

using google::protobuf::util::MessageDifferencer;

void SweepBoard::Refresh() {
  absl::MutexLock lock(&mu_);
  const std::set<std::string> ids = watchers_.Ids();
  std::erase_if(shown_, [&ids](const auto& entry) { return !ids.contains(entry.first); });
  for (const std::string& id : ids) {
    const View view = look_(id);
    View& shown = shown_[id];
    if (view == nullptr || (shown != nullptr && MessageDifferencer::Equals(*shown, *view))) {
      continue;
    }
    shown = view;
    watchers_.Tell(id, view);
  }
}

void SweepBoard::Watch(const void* owner, const std::string& sweep_id, Watcher watcher) {
  absl::MutexLock lock(&mu_);
  if (const View view = look_(sweep_id)) {
    watcher(view);
    shown_.try_emplace(sweep_id, view);
  }
  watchers_.Add(owner, sweep_id, std::move(watcher));
}

void SweepBoard::Unwatch(const void* owner) {
  absl::MutexLock lock(&mu_);
  watchers_.Remove(owner);
}

}  // namespace outerloop::coordinator
