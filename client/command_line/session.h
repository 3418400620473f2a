// What every verb of the command line works with.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_SESSION_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_SESSION_H_

#include <functional>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/message_json.h"
#include "client/terminal/status_display.h"

namespace outerloop::client {

// Exit codes of the command line.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kUsage = 2;

// Where text goes. Results go to `out`; progress, notes and errors to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
  int columns = 80;  // Of the terminal.
};

struct Session {
  Console console;
  std::stop_token stop;  // Requested by Ctrl-C.

  // The global options.
  std::string address = "localhost:7070";
  std::string output = "text";
  double retry_seconds = 60;
  ChannelSecurity security = {};

  // Set by the verb that was given: what to do, and the exit code it ends with. A status is printed
  // as an error and ends with kFailure.
  std::function<absl::StatusOr<int>()> run = nullptr;

  bool json() const { return output == "json"; }

  // A client of `address`. That the coordinator is away is said through `note`.
  absl::StatusOr<std::unique_ptr<Client>> Connect(
      const std::function<void(const std::string&)>& note) const;
  // The same; notes go to `err`.
  absl::StatusOr<std::unique_ptr<Client>> Connect() const;

  // For progress.
  StatusDisplay MakeDisplay() const;

  // The result of a verb: `json` under --output json, else `text`.
  void Print(const Json& json, const std::string& text) const;
  // To `err`; under --output json also as {"error": {code, message}} to `out`.
  void PrintError(const absl::Status& status) const;
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_SESSION_H_
