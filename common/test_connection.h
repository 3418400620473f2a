// A bare connection, for tests of servers.
#ifndef OUTERLOOP_COMMON_TEST_CONNECTION_H_
#define OUTERLOOP_COMMON_TEST_CONNECTION_H_

#include <string>
#include <string_view>

namespace outerloop {

// To a port of 127.0.0.1; says only what it is told to. Closed with the object. Thread-compatible.
class TestConnection {
 public:
  explicit TestConnection(int port);
  ~TestConnection();
  TestConnection(const TestConnection&) = delete;
  TestConnection& operator=(const TestConnection&) = delete;

  bool connected() const { return connected_; }

  void Send(std::string_view bytes) const;
  // All that the other side says before it closes.
  std::string ReadAll() const;
  // Blocks until the other side says something (true) or has closed it.
  bool IsTaken() const;
  // Whether the other side has closed it by now. Reads what it said first.
  bool IsClosed() const;

 private:
  const int fd_;
  bool connected_ = false;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_TEST_CONNECTION_H_
