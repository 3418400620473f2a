// How many files and connections a process may have open.
#ifndef OUTERLOOP_COMMON_FILE_LIMIT_H_
#define OUTERLOOP_COMMON_FILE_LIMIT_H_

#include <cstdint>

namespace outerloop {

// Raises the soft limit of open file descriptors to the hard one: the usual soft limit of 1,024 is
// meant for programs that use select(2). Returns the limit that holds now; children inherit it.
uint64_t RaiseFileLimit();

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_FILE_LIMIT_H_
