// `outerloop dataset export`, and the contact sheet of `dataset show`.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_DATASET_EXPORT_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_DATASET_EXPORT_H_

#include <string>

#include "absl/status/status.h"
#include "client/command_line/session.h"

namespace CLI {
class App;
}

namespace outerloop::client {

// As the functions of verbs.h; `group` is `outerloop dataset`.
void AddDatasetExport(CLI::App& group, Session& session);

// Fetches the data set `name` and writes some images of some of its classes to `path`, as a PNG
// file.
absl::Status WriteContactSheet(const Session& session, Client& client, const std::string& name,
                               const std::string& path);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_DATASET_EXPORT_H_
