// Names of things: ones that the coordinator makes up, and ones that people give.
#ifndef OUTERLOOP_COORDINATOR_CORE_IDENTIFIER_H_
#define OUTERLOOP_COORDINATOR_CORE_IDENTIFIER_H_

#include <string>
#include <string_view>

namespace outerloop::coordinator {

// `prefix` and 12 characters of 0-9 and a-z without i, l, o and u (which people misread), e.g.
// "job-7k2m9x0qc4tz" for "job-". 60 random bits of the operating system: nobody guesses or meets
// one twice. Thread-safe.
std::string NewIdentifier(std::string_view prefix);

// Whether `name` has 1 to 63 characters of [a-z0-9-]: the form of names of jobs and data sets.
bool IsJobName(std::string_view name);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_IDENTIFIER_H_
