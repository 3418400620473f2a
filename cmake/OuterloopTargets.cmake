# One target a unit. Names are folder_unit, e.g. common_sha256; sources are relative to the folder.

# outerloop_library(NAME [SRCS ...] [HDRS ...] [DEPS ...] [TORCH] [UNITY])
# TORCH: the unit includes LibTorch; it gets the precompiled header. UNITY: short files below large
# headers, compiled eight at a time.
function(outerloop_library name)
  cmake_parse_arguments(ARG "TORCH;UNITY" "" "SRCS;HDRS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS} ${ARG_HDRS})
    target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(${name} PUBLIC ${ARG_DEPS}
      PRIVATE $<BUILD_INTERFACE:outerloop_warnings>)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${ARG_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    _outerloop_torch(${name} "${ARG_TORCH}")
  else()
    add_library(${name} INTERFACE ${ARG_HDRS})
    target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

# outerloop_binary(NAME SRCS ... [DEPS ...] [TORCH]): an executable under bin/.
function(outerloop_binary name)
  cmake_parse_arguments(ARG "TORCH" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} outerloop_warnings)
  _outerloop_tsan(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  _outerloop_torch(${name} "${ARG_TORCH}")
endfunction()

# Builds the tests with the label `threads`, and the programs that they start.
add_custom_target(threads_tests)

# outerloop_test(NAME SRCS ... [DEPS ...] [TORCH] [UNITY] [LABEL quick|slow] [TIMEOUT seconds] [SERIAL]
#                [THREADS] [GPU])
# A GoogleTest program and one CTest test of the same name. SERIAL: not beside other tests. THREADS:
# what it tests uses several threads; it gets the label `threads` too, and the preset `tsan` builds
# it. GPU: it has the label `gpu` instead of another, and is skipped where there is no NVIDIA GPU.
function(outerloop_test name)
  if(NOT OUTERLOOP_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "TORCH;UNITY;SERIAL;THREADS;GPU" "LABEL;TIMEOUT" "SRCS;DEPS" ${ARGN})
  if(ARG_GPU)
    set(ARG_LABEL gpu)
    set(launcher ${PROJECT_SOURCE_DIR}/scripts/on_gpu.sh)
  endif()
  if(NOT ARG_LABEL)
    set(ARG_LABEL quick)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} outerloop_warnings GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${ARG_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  _outerloop_tsan(${name})
  _outerloop_torch(${name} "${ARG_TORCH}")
  add_test(NAME ${name} COMMAND ${launcher} $<TARGET_FILE:${name}>)
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
    SKIP_RETURN_CODE 77)
  if(ARG_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
  if(ARG_THREADS)
    set_property(TEST ${name} APPEND PROPERTY LABELS threads)
    add_dependencies(threads_tests ${name})
  endif()
endfunction()

# Under ThreadSanitizer, every program says what Abseil does: see tests/tsan/abseil_annotations.cc.
function(_outerloop_tsan name)
  if(OUTERLOOP_SANITIZE STREQUAL "thread")
    target_link_libraries(${name} PRIVATE $<TARGET_OBJECTS:tests_tsan_annotations>
      absl::synchronization ${CMAKE_DL_LIBS})
  endif()
endfunction()

# torch/torch.h takes 11 s a file with this precompiled header and 30 s without.
function(_outerloop_torch name wanted)
  if(NOT wanted)
    return()
  endif()
  target_link_libraries(${name} PUBLIC LibTorch::cpu)
  if(NOT TARGET torch_precompiled)
    file(WRITE ${PROJECT_BINARY_DIR}/torch_precompiled.cc "// Carries the precompiled LibTorch header.\n")
    add_library(torch_precompiled STATIC ${PROJECT_BINARY_DIR}/torch_precompiled.cc)
    target_link_libraries(torch_precompiled PUBLIC LibTorch::cpu PRIVATE outerloop_warnings)
    target_precompile_headers(torch_precompiled PRIVATE <torch/torch.h>)
  endif()
  target_precompile_headers(${name} REUSE_FROM torch_precompiled)
  # The header is compiled position-independent as libraries are, so what reuses it must be too.
  get_target_property(type ${name} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIC)
  endif()
endfunction()
