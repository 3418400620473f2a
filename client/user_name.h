// Who runs this program.
#ifndef OUTERLOOP_CLIENT_USER_NAME_H_
#define OUTERLOOP_CLIENT_USER_NAME_H_

#include <string>

namespace outerloop::client {

// The user's name in the system's list of users, else $USER; "" if there is neither.
std::string UserName();

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_USER_NAME_H_
