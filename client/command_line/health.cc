#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/health_check.h"
#include "common/status_macros.h"
#include "grpcpp/create_channel.h"

namespace outerloop::client {
namespace {

constexpr absl::Duration kHealthTimeout = absl::Seconds(5);

// Asked once: whoever probes decides how often.
absl::StatusOr<int> AskForHealth(const Session& session) {
  ASSIGN_OR_RETURN(const auto credentials,
                   MakeChannelCredentials(session.address, session.security));
  const auto channel = grpc::CreateChannel(session.address, credentials);
  RETURN_IF_ERROR(CheckHealth(channel, kHealthTimeout));
  session.Print({{"address", session.address}, {"serving", true}},
                absl::StrCat(session.address, " serves\n"));
  return kSuccess;
}

}  // namespace

void AddHealth(CLI::App& app, Session& session) {
  app.add_subcommand("health", "Ask a coordinator or worker once whether it serves")
      ->callback([&session] { session.run = [&session] { return AskForHealth(session); }; });
}

}  // namespace outerloop::client
