// What happened in a simulated run, line by line.
#ifndef OUTERLOOP_TESTS_SIMULATION_TRACE_H_
#define OUTERLOOP_TESTS_SIMULATION_TRACE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/str_format.h"
#include "tests/simulation/random.h"
#include "tests/simulation/timeline.h"

namespace outerloop::simulation {

// Lines go to a sink, with the time before them. Without a sink nothing is formatted, and a run
// costs a tenth. Thread-compatible.
class Trace {
 public:
  using Sink = std::function<void(const std::string& line)>;

  // `timeline` must outlive the trace. `sink` may be null.
  Trace(const Timeline& timeline, Sink sink) : timeline_(timeline), sink_(std::move(sink)) {}

  bool on() const { return sink_ != nullptr; }

  // As absl::StrFormat.
  template <typename... Args>
  void Note(const absl::FormatSpec<Args...>& format, const Args&... args) {
    if (!on()) return;
    const double seconds = absl::ToDoubleSeconds(timeline_.now() - absl::UnixEpoch());
    sink_(absl::StrFormat("%11.6f ", seconds) + absl::StrFormat(format, args...));
  }

 private:
  const Timeline& timeline_;
  const Sink sink_;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_TRACE_H_
