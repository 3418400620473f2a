// `outerloop dataset import`.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_DATASET_IMPORT_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_DATASET_IMPORT_H_

#include "client/command_line/session.h"

namespace CLI {
class App;
}

namespace outerloop::client {

// As the functions of verbs.h; `group` is `outerloop dataset`.
void AddDatasetImport(CLI::App& group, Session& session);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_DATASET_IMPORT_H_
