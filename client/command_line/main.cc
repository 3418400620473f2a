// outerloop: the command line.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <stop_token>
#include <string>
#include <vector>

#include "client/command_line/command_line.h"
#include "common/shutdown_signal.h"

namespace {

int TerminalColumns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace

int main(int argc, char** argv) {
  std::stop_source stop;
  // The first Ctrl-C ends what goes on in good order, the second at once.
  const outerloop::ShutdownSignal signals([&stop](int signal) {
    if (!stop.request_stop()) std::_Exit(128 + signal);
  });
  const outerloop::client::Console console{.out = std::cout,
                                           .err = std::cerr,
                                           .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                           .columns = TerminalColumns()};
  return outerloop::client::RunCommandLine(std::vector<std::string>(argv + 1, argv + argc), console,
                                           stop.get_token());
}
