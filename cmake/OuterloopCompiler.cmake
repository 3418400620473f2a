# Language, warnings, sanitizers, ccache and linker of our own code.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# -g1: line tables for stack traces at half the link time of full debug information.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

add_library(outerloop_warnings INTERFACE)
target_compile_options(outerloop_warnings INTERFACE
  -Wall -Wextra -Werror -Wno-unused-parameter -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(outerloop_warnings INTERFACE -Wthread-safety -Werror=thread-safety)
else()
  # False positives of GCC 12 inside optional, variant and string.
  target_compile_options(outerloop_warnings INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()

if(OUTERLOOP_SANITIZE)
  # Instrumented code is not there to be fast, and compiles in half the time this way.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -DNDEBUG")
  # -pthread everywhere, as precompiled headers want one set of options.
  add_compile_options(-fsanitize=${OUTERLOOP_SANITIZE} -fno-omit-frame-pointer -pthread)
  add_link_options(-fsanitize=${OUTERLOOP_SANITIZE})
  if(OUTERLOOP_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)  # What it reports fails the test.
  endif()
endif()

if(OUTERLOOP_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # Tells libFuzzer which branches are taken.
endif()

find_program(OUTERLOOP_CCACHE ccache)
if(OUTERLOOP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache asks for with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${OUTERLOOP_CCACHE})
endif()

find_program(OUTERLOOP_LLD ld.lld)
if(OUTERLOOP_LLD)
  add_link_options(-fuse-ld=lld)
endif()
