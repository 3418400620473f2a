// Progress of a file on its way.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_BYTE_PROGRESS_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_BYTE_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/terminal/format.h"
#include "client/terminal/progress_line.h"

namespace outerloop::client {

// "sending [====>  ]  60%  15.0 MiB/25.0 MiB".
inline ProgressLine ByteProgress(const std::string& label, uint64_t done, uint64_t total) {
  return {.label = label,
          .done = done,
          .total = total,
          .count = absl::StrCat(FormatBytes(done), "/", FormatBytes(total)),
          .fields = {}};
}

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_BYTE_PROGRESS_H_
