// Where progress goes: one line redrawn on a terminal, lines now and then in a log.
#ifndef OUTERLOOP_CLIENT_TERMINAL_STATUS_DISPLAY_H_
#define OUTERLOOP_CLIENT_TERMINAL_STATUS_DISPLAY_H_

#include <optional>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "client/terminal/progress_line.h"

namespace outerloop::client {

struct StatusDisplayOptions {
  bool is_terminal = false;
  int columns = 80;                                 // Of the terminal.
  absl::Duration redraw = absl::Milliseconds(100);  // Between redraws, on a terminal.
  absl::Duration log_interval = absl::Seconds(5);   // Between lines, in a log.
};

// Reads no clock: time is given to it. Thread-compatible.
class StatusDisplay {
 public:
  StatusDisplay(std::ostream& out, const StatusDisplayOptions& options);
  // As Finish.
  ~StatusDisplay();

  // Shows `line`, unless another one was shown just before. What differs in its label or its `key`
  // from the last one shown always shows. A log has no line twice in a row.
  void Show(const ProgressLine& line, const std::string& key, absl::Time now);

  // A line of its own, above the status.
  void Note(const std::string& text);

  // Shows what came last, and leaves it there.
  void Finish();

 private:
  void Draw(absl::Time now);

  std::ostream& out_;
  const StatusDisplayOptions options_;
  ProgressLine line_;     // The latest.
  bool is_shown_ = true;  // Whether the latest was shown.
  bool is_open_ = false;  // Whether the cursor stands behind a drawn line.
  std::string shown_key_;
  std::string written_;  // The last line of a log.
  absl::Time shown_at_ = absl::InfinitePast();
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_TERMINAL_STATUS_DISPLAY_H_
