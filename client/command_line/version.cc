#include "common/version.h"

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"

namespace outerloop::client {

void AddVersion(CLI::App& app, Session& session) {
  app.add_subcommand("version", "Print the version")->callback([&session] {
    session.run = [&session] {
      session.Print({{"version", kVersion}}, absl::StrCat(kVersion, "\n"));
      return kSuccess;
    };
  });
}

}  // namespace outerloop::client
