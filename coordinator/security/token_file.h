// The table of tokens, as its file has it now.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_TOKEN_FILE_H_
#define OUTERLOOP_COORDINATOR_SECURITY_TOKEN_FILE_H_

#include <sys/stat.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/security/token_table.h"

namespace outerloop::coordinator {

// Thread-safe.
class TokenFile {
 public:
  // INVALID_ARGUMENT, naming --tokens-file, the file and the line, if it cannot be used.
  static absl::StatusOr<std::unique_ptr<TokenFile>> Open(const std::string& path);

  // Reads the file again if it is another than before; a file that cannot be used changes nothing,
  // and is logged. One look at the file's entry in its folder a call.
  std::shared_ptr<const TokenTable> Table() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  explicit TokenFile(std::string path) : path_(std::move(path)) {}
  absl::Status Reload() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::string path_;
  absl::Mutex mu_;
  struct stat seen_ ABSL_GUARDED_BY(mu_) = {};  // When it was read last, well or badly.
  std::shared_ptr<const TokenTable> table_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_TOKEN_FILE_H_
