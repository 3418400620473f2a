#include "coordinator/core/job_event.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace outerloop::coordinator {
namespace {

// As event.proto says.
constexpr size_t kMaxText = 2000;
constexpr size_t kMaxWorkers = 16;

// The beginning of UTF-8 text, without half a character at its end.
std::string Cut(const std::string& text) {
  if (text.size() <= kMaxText) return text;
  size_t end = kMaxText;
  const auto continues = [&text](size_t i) { return (text[i] & 0xC0) == 0x80; };
  while (end > 0 && continues(end)) --end;
  return text.substr(0, end);
}

}  // namespace

v1::JobEvent MakeEvent(v1::JobEvent::Kind kind, const std::string& text) {
  v1::JobEvent event;
  event.set_kind(kind);
  event.set_text(Cut(text));
  return event;
}

v1::JobEvent MakeEvent(v1::JobEvent::Kind kind, const std::vector<std::string>& workers) {
  v1::JobEvent event = MakeEvent(kind, "");
  for (size_t i = 0; i < std::min(workers.size(), kMaxWorkers); ++i) event.add_workers(workers[i]);
  if (workers.size() > kMaxWorkers) {
    event.set_text(absl::StrCat("and ", workers.size() - kMaxWorkers, " more"));
  }
  return event;
}

bool IsAskedFor(v1::JobEvent::Kind kind) {
  return kind == v1::JobEvent::PRIORITY_CHANGED || kind == v1::JobEvent::PAUSE_REQUESTED ||
         kind == v1::JobEvent::RESUMED || kind == v1::JobEvent::CANCELLED;
}

EventRecord SubmissionOf(const JobRecord& job) {
  EventRecord record{job.job_id, MakeEvent(v1::JobEvent::SUBMITTED, "")};
  record.event.set_number(1);
  SetTimestamp(job.created, record.event.mutable_time());
  return record;
}

std::optional<v1::JobEvent::Kind> KindOfChange(v1::JobState before, v1::JobState now, bool held) {
  const bool stood = before == v1::PAUSED || IsFinal(before);
  switch (now) {
    case v1::SUCCEEDED:
      return v1::JobEvent::SUCCEEDED;
    case v1::FAILED:
      return v1::JobEvent::FAILED;
    case v1::CANCELLED:
      return v1::JobEvent::CANCELLED;
    case v1::PAUSED:
      return held ? v1::JobEvent::HELD : v1::JobEvent::PAUSED;
    case v1::QUEUED:
      return stood ? v1::JobEvent::RESUMED : v1::JobEvent::PREEMPTED;
    default:
      return stood ? std::make_optional(v1::JobEvent::RESUMED) : std::nullopt;
  }
}

}  // namespace outerloop::coordinator
