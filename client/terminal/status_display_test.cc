#include "client/terminal/status_display.h"

#include <sstream>

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

ProgressLine Line(const std::string& label, const std::string& field) {
  return {.label = label, .done = 0, .total = 0, .count = {}, .fields = {field}};
}

absl::Time At(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

TEST(StatusDisplayTest, WritesLogLinesNowAndThen) {
  std::ostringstream out;
  StatusDisplay display(out, {.is_terminal = false});
  display.Show(Line("RUNNING", "1"), "", At(0));
  display.Show(Line("RUNNING", "2"), "", At(1));
  display.Show(Line("RUNNING", "3"), "", At(6));
  EXPECT_EQ(out.str(), "RUNNING  1\nRUNNING  3\n");
}

TEST(StatusDisplayTest, WritesAChangeAtOnce) {
  std::ostringstream out;
  StatusDisplay display(out, {.is_terminal = false});
  display.Show(Line("QUEUED", "no worker"), "no worker", At(0));
  display.Show(Line("QUEUED", "too few"), "too few", At(0.1));
  display.Show(Line("RUNNING", "1"), "", At(0.2));
  EXPECT_EQ(out.str(), "QUEUED  no worker\nQUEUED  too few\nRUNNING  1\n");
}

TEST(StatusDisplayTest, WritesTheLastLineInTheEnd) {
  std::ostringstream out;
  StatusDisplay display(out, {.is_terminal = false});
  display.Show(Line("RUNNING", "1"), "", At(0));
  display.Show(Line("RUNNING", "2"), "", At(1));
  display.Finish();
  display.Finish();
  EXPECT_EQ(out.str(), "RUNNING  1\nRUNNING  2\n");
}

TEST(StatusDisplayTest, WritesNoLineTwiceInARow) {
  std::ostringstream out;
  StatusDisplay display(out, {.is_terminal = false});
  display.Show(Line("RUNNING", "1"), "", At(0));
  display.Show(Line("RUNNING", "1"), "", At(6));
  display.Show(Line("RUNNING", "1"), "", At(6.1));
  display.Finish();
  EXPECT_EQ(out.str(), "RUNNING  1\n");
}

TEST(StatusDisplayTest, RedrawsOneLineOnATerminal) {
  std::ostringstream out;
  StatusDisplay display(out, {.is_terminal = true});
  display.Show(Line("RUNNING", "1"), "", At(0));
  display.Show(Line("RUNNING", "2"), "", At(0.01));
  display.Show(Line("RUNNING", "3"), "", At(0.2));
  display.Finish();
  EXPECT_EQ(out.str(), "\r\x1b[KRUNNING  1\r\x1b[KRUNNING  3\n");
}

TEST(StatusDisplayTest, PutsNotesAboveTheStatus) {
  std::ostringstream out;
  StatusDisplay display(out, {.is_terminal = true});
  display.Show(Line("RUNNING", "1"), "", At(0));
  display.Note("coordinator away");
  display.Show(Line("RUNNING", "2"), "", At(1));
  display.Finish();
  EXPECT_EQ(out.str(), "\r\x1b[KRUNNING  1\r\x1b[Kcoordinator away\n\r\x1b[KRUNNING  2\n");
}

}  // namespace
}  // namespace outerloop::client
