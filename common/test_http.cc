#include "common/test_http.h"

#include "common/test_connection.h"

namespace outerloop {

std::string HttpGet(int port, const std::string& path) {
  const TestConnection connection(port);
  if (!connection.connected()) return "";
  connection.Send("GET " + path + " HTTP/1.0\r\n\r\n");
  return connection.ReadAll();
}

}  // namespace outerloop
