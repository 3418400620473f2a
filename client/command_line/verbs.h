// The verbs of the command line, one a source file.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_VERBS_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_VERBS_H_

#include "client/command_line/session.h"

namespace CLI {
class App;
}

namespace outerloop::client {

// Each adds a subcommand to `app` that sets `session.run` when it is given. Both must outlive the
// parsing and the run.
void AddUp(CLI::App& app, Session& session);
void AddSubmit(CLI::App& app, Session& session);
void AddSweep(CLI::App& app, Session& session);
void AddList(CLI::App& app, Session& session);
void AddDescribe(CLI::App& app, Session& session);
void AddWatch(CLI::App& app, Session& session);
void AddEvents(CLI::App& app, Session& session);
void AddHealth(CLI::App& app, Session& session);
void AddHistory(CLI::App& app, Session& session);
void AddReport(CLI::App& app, Session& session);
void AddCancel(CLI::App& app, Session& session);
void AddPause(CLI::App& app, Session& session);
void AddResume(CLI::App& app, Session& session);
void AddPriority(CLI::App& app, Session& session);
void AddDelete(CLI::App& app, Session& session);
void AddDownload(CLI::App& app, Session& session);
void AddEvaluate(CLI::App& app, Session& session);
void AddCompare(CLI::App& app, Session& session);
void AddScores(CLI::App& app, Session& session);
void AddDataset(CLI::App& app, Session& session);
void AddWorkers(CLI::App& app, Session& session);
void AddPresets(CLI::App& app, Session& session);
void AddVersion(CLI::App& app, Session& session);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_VERBS_H_
