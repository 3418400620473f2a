// From std::string_view to Abseil's.
#ifndef OUTERLOOP_COMMON_STRING_VIEW_H_
#define OUTERLOOP_COMMON_STRING_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace outerloop {

// `text` as an argument of StrCat and its kin. Where Abseil was built for C++14, as Debian 12's
// was, its string_view is a type of its own, to which std::string_view does not convert.
inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_STRING_VIEW_H_
