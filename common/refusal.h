// How fields of a specification are refused: INVALID_ARGUMENT with the field's path, the value and
// what is allowed.
#ifndef OUTERLOOP_COMMON_REFUSAL_H_
#define OUTERLOOP_COMMON_REFUSAL_H_

#include <string>

#include "absl/status/status.h"

namespace outerloop {

// "PATH: VALUE is not allowed; give ALLOWED".
absl::Status Refuse(const std::string& path, const std::string& value, const std::string& allowed);
// "PATH: nothing given; give ALLOWED".
absl::Status Missing(const std::string& path, const std::string& allowed);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_REFUSAL_H_
