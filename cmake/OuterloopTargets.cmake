# One target a unit. Names are folder_unit, e.g. common_sha256; sources are relative to the folder.

# outerloop_library(NAME [SRCS ...] [HDRS ...] [DEPS ...] [OPTIONS ...] [TORCH] [UNITY])
# OPTIONS: of the compiler, for this unit's code alone. TORCH: the unit includes LibTorch; it gets the
# precompiled header. UNITY: short files below large headers, compiled eight at a time.
function(outerloop_library name)
  cmake_parse_arguments(ARG "TORCH;UNITY" "" "SRCS;HDRS;DEPS;OPTIONS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS} ${ARG_HDRS})
    target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(${name} PUBLIC ${ARG_DEPS}
      PRIVATE $<BUILD_INTERFACE:outerloop_warnings>)
    target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${ARG_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    if(NOT ARG_OPTIONS)  # Precompiled headers are for one set of options.
      _outerloop_precompiled(${name} "${ARG_TORCH}")
    endif()
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
  _outerloop_precompiled(${name} "${ARG_TORCH}")
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
  _outerloop_precompiled(${name} "${ARG_TORCH}" TEST)
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

# _outerloop_precompiled(NAME TORCH [TEST]): the precompiled headers of a target. LibTorch's are there in
# every build: torch/torch.h takes 11 s a file with them and 30 s without. Builds with sanitizers, which
# are to be done within minutes, have those of gRPC, Abseil, the messages, CLI11 and GoogleTest too, for every
# target, but for the few of fuzzing; elsewhere a file finds only what it includes itself.
function(_outerloop_precompiled name torch)
  set(carrier precompiled)
  if(OUTERLOOP_SANITIZE AND NOT OUTERLOOP_FUZZ)
    set(deps outerloop_grpc absl::synchronization cli11 nlohmann_json::nlohmann_json)
    set(headers <absl/synchronization/notification.h> <grpcpp/grpcpp.h> <CLI/CLI.hpp>
      <nlohmann/json.hpp> <outerloop/v1/worker_service.grpc.pb.h>)
    if("TEST" IN_LIST ARGN)
      string(APPEND carrier _test)
      list(APPEND deps GTest::gmock)
      list(APPEND headers <gmock/gmock.h>)
    endif()
  endif()
  if(torch)
    target_link_libraries(${name} PUBLIC LibTorch::cpu)
    string(APPEND carrier _torch)
    list(APPEND deps LibTorch::cpu)
    list(APPEND headers <torch/torch.h>)
  endif()
  if(headers)
    _outerloop_reuse(${name} ${carrier} DEPS ${deps} HEADERS ${headers})
  endif()
endfunction()

# _outerloop_reuse(NAME CARRIER DEPS ... HEADERS ...): `name` uses the headers that the library CARRIER, an
# empty file, has compiled; makes that library the first time.
function(_outerloop_reuse name carrier)
  cmake_parse_arguments(ARG "" "" "DEPS;HEADERS" ${ARGN})
  if(NOT TARGET ${carrier})
    file(WRITE ${PROJECT_BINARY_DIR}/${carrier}.cc "// Carries precompiled headers.\n")
    add_library(${carrier} STATIC ${PROJECT_BINARY_DIR}/${carrier}.cc)
    target_link_libraries(${carrier} PRIVATE ${ARG_DEPS} outerloop_warnings)
    target_precompile_headers(${carrier} PRIVATE ${ARG_HEADERS})
  endif()
  target_precompile_headers(${name} REUSE_FROM ${carrier})
  # The headers are compiled position-independent as libraries are, so what reuses them must be too.
  get_target_property(type ${name} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIC)
  endif()
endfunction()
