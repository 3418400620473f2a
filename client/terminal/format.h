// Quantities as short text for people.
#ifndef OUTERLOOP_CLIENT_TERMINAL_FORMAT_H_
#define OUTERLOOP_CLIENT_TERMINAL_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace outerloop::client {

// "0:07", "12:34", "1:02:03"; whole seconds, rounded. Not negative.
std::string FormatClock(absl::Duration duration);

// "812 B", "3.4 KiB", "12.0 MiB".
std::string FormatBytes(uint64_t bytes);

// Four digits that matter: "0.01234", "12.35", "1235".
std::string FormatNumber(double value);

// "2026-01-31 12:00:00" in local time; "-" for one that is not set.
std::string FormatTimestamp(const google::protobuf::Timestamp& time);

// Characters that `text`, which is UTF-8, takes on a terminal. Wide and combining ones are not
// accounted for.
size_t DisplayWidth(const std::string& text);

// The first `columns` characters of `text`.
std::string CutToWidth(const std::string& text, size_t columns);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_TERMINAL_FORMAT_H_
