// The program `outerloop`, without its process.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_COMMAND_LINE_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_COMMAND_LINE_H_

#include <stop_token>
#include <string>
#include <vector>

#include "client/command_line/session.h"

namespace outerloop::client {

// Does what `arguments` (without the program's name) say and returns the exit code: kSuccess,
// kFailure, or kUsage if the arguments are wrong. Reads the variables that options name. `stop` is
// requested by Ctrl-C.
int RunCommandLine(std::vector<std::string> arguments, const Console& console,
                   std::stop_token stop);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_COMMAND_LINE_H_
