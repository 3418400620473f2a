// The release that this was built from.
#ifndef OUTERLOOP_COMMON_VERSION_H_
#define OUTERLOOP_COMMON_VERSION_H_

namespace outerloop {

// Major.minor.patch, from the top CMakeLists.txt.
inline constexpr char kVersion[] = OUTERLOOP_VERSION;

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_VERSION_H_
