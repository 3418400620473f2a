#include "client/terminal/status_display.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace outerloop::client {
namespace {

// To the line's start, and clear it.
constexpr char kClearLine[] = "\r\x1b[K";

}  // namespace

StatusDisplay::StatusDisplay(std::ostream& out, const StatusDisplayOptions& options)
    : out_(out), options_(options) {}

StatusDisplay::~StatusDisplay() { Finish(); }

void StatusDisplay::Show(const ProgressLine& line, const std::string& key, absl::Time now) {
  const std::string full_key = absl::StrCat(line.label, "\n", key);
  const absl::Duration interval = options_.is_terminal ? options_.redraw : options_.log_interval;
  line_ = line;
  is_shown_ = false;
  if (full_key == shown_key_ && now - shown_at_ < interval) return;
  shown_key_ = full_key;
  Draw(now);
}

void StatusDisplay::Note(const std::string& text) {
  if (is_open_) out_ << kClearLine;
  is_open_ = false;
  out_ << text << std::endl;
}

void StatusDisplay::Finish() {
  if (!is_shown_) Draw(shown_at_);
  if (is_open_) out_ << std::endl;
  is_open_ = false;
}

void StatusDisplay::Draw(absl::Time now) {
  if (options_.is_terminal) {
    // Not into the last column, where some terminals wrap.
    out_ << kClearLine << RenderBar(line_, options_.columns - 1) << std::flush;
    is_open_ = true;
  } else if (std::string text = RenderPlain(line_); text != written_) {
    out_ << text << std::endl;
    written_ = std::move(text);
  }
  is_shown_ = true;
  shown_at_ = now;
}

}  // namespace outerloop::client
