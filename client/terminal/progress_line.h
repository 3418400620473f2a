// One line that shows how far something is.
#ifndef OUTERLOOP_CLIENT_TERMINAL_PROGRESS_LINE_H_
#define OUTERLOOP_CLIENT_TERMINAL_PROGRESS_LINE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace outerloop::client {

struct ProgressLine {
  std::string label;  // First, e.g. "RUNNING".
  uint64_t done = 0;
  uint64_t total = 0;               // 0: unknown, then there is no bar.
  std::string count;                // "120/2000"; may be empty.
  std::vector<std::string> fields;  // "41.3 steps/s", most important first.
};

// "RUNNING [=====>    ]  50%  1000/2000  41.3 steps/s" in at most `columns` characters: the bar
// takes what room there is, 10 to 30 characters in steps of 5; then fields are left out from the
// end; then the line is cut.
std::string RenderBar(const ProgressLine& line, int columns);

// The same without a bar, for logs: "RUNNING  50%  1000/2000  41.3 steps/s".
std::string RenderPlain(const ProgressLine& line);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_TERMINAL_PROGRESS_LINE_H_
