// The command line of outerloop-worker.
#ifndef OUTERLOOP_WORKER_OPTIONS_H_
#define OUTERLOOP_WORKER_OPTIONS_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <variant>

#include "common/channel_security.h"

namespace outerloop::worker {

// Each field is a flag and a variable: --metrics-port, OUTERLOOP_METRICS_PORT. Flags win.
struct Options {
  // What this worker is known by, over restarts. 1 to 63 characters. Default: the host's name.
  std::string name;
  std::string coordinator = "localhost:7070";  // HOST:PORT.
  ChannelSecurity security;                    // Of the channel to it. Default: none.
  std::string metrics_host = "localhost";      // Where /metrics is served; 0.0.0.0: everywhere.
  int metrics_port = 9465;                     // 0 takes a free one.
  std::string health_listen;                   // HOST:PORT of the health service; "": none.
  std::string cache_dir;                       // Default: outerloop in the user's cache folder.
  uint64_t cache_limit = 0;                    // Bytes of the cache folder. 0: no limit.
  std::string device = "auto";                 // auto, cpu, cuda or cuda:N.
  std::string back_end = "auto";               // auto, aten, cpu or cuda.
  int threads = 0;                             // Shards computed at a time. Default: all cores.
  std::string log_level = "info";              // debug, info, warn or error.

  bool operator==(const Options&) const = default;
};

// The options, complete and checked; or the process's exit code after --help and --version (0, text
// on `out`) or wrong usage (2, text on `err`).
std::variant<Options, int> ParseOptions(int argc, const char* const* argv, std::ostream& out,
                                        std::ostream& err);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_OPTIONS_H_
