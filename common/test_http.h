// HTTP as a test wants it.
#ifndef OUTERLOOP_COMMON_TEST_HTTP_H_
#define OUTERLOOP_COMMON_TEST_HTTP_H_

#include <string>

namespace outerloop {

// The whole answer, head and body, to a GET of `path` at this machine's `port`; "" if nobody
// listens there. For tests only. Blocks until the server closes the connection.
std::string HttpGet(int port, const std::string& path);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_TEST_HTTP_H_
