#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

std::string WorkerTable(const std::vector<v1::WorkerStatus>& workers) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"WORKER"},
               {"HOST"},
               {"PID", kRight},
               {"DEVICE"},
               {"THREADS", kRight},
               {"ACTIVITY"},
               {"JOB"},
               {"CONNECTED"}});
  for (const v1::WorkerStatus& worker : workers) {
    const std::string& capability = worker.numerics().capability();
    table.AddRow(
        {worker.worker_id(), worker.host(), absl::StrCat(worker.pid()),
         absl::StrCat(worker.numerics().device(), capability.empty() ? "" : " ", capability),
         absl::StrCat(worker.threads()), worker.activity(), worker.job_id(),
         FormatTimestamp(worker.connected())});
  }
  return table.Render();
}

absl::StatusOr<int> Workers(const Session& session) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::WorkerStatus> workers, client->ListWorkers());
  Json list = Json::array();
  for (const v1::WorkerStatus& worker : workers) {
    list.push_back(MessageToJson(worker, JsonFields::kAll));
  }
  session.Print({{"workers", list}}, WorkerTable(workers));
  return kSuccess;
}

}  // namespace

void AddWorkers(CLI::App& app, Session& session) {
  app.add_subcommand("workers", "List the workers that are connected")->callback([&session] {
    session.run = [&session] { return Workers(session); };
  });
}

}  // namespace outerloop::client
