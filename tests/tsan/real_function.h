// The functions that those of this folder stand before.
#ifndef OUTERLOOP_TESTS_TSAN_REAL_FUNCTION_H_
#define OUTERLOOP_TESTS_TSAN_REAL_FUNCTION_H_

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace outerloop::tests {

// The function of that (mangled) name which the dynamic linker would take without this program's.
// Ends the process if there is none: the libraries are not those that this folder is written for.
template <typename Signature>
Signature* RealFunction(const char* symbol) {
  void* const address = dlsym(RTLD_NEXT, symbol);
  if (address == nullptr) {
    std::fprintf(stderr, "tests/tsan: no library has %s\n", symbol);
    std::abort();
  }
  return reinterpret_cast<Signature*>(address);
}

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_TSAN_REAL_FUNCTION_H_
