// What a coordinator is told when it starts.
#ifndef OUTERLOOP_COORDINATOR_OPTIONS_H_
#define OUTERLOOP_COORDINATOR_OPTIONS_H_

#include <cstdint>
#include <string>

#include "coordinator/security/limits.h"
#include "coordinator/security/server_security.h"

namespace outerloop::coordinator {

struct Options {
  std::string listen = "localhost:7070";  // HOST:PORT; port 0 takes a free one.
  ServerSecurity security;                // Of that address.
  Limits limits;                          // Of callers.
  std::string audit_log;                  // File that changes are written to; "": none.
  int metrics_port = 9464;                // On the same host; 0 takes a free one.
  std::string health_listen;              // HOST:PORT of a health service alone; "": none.
  std::string data_dir;                   // Everything it keeps. Required.
  std::string log_level = "info";         // debug, info, warn or error.
  uint32_t worker_quota = 0;              // Workers that an owner may have; 0: any number.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_OPTIONS_H_
