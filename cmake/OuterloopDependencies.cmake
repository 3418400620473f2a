# Every library from outside, found once, each as a target.

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Boost REQUIRED)
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
find_path(UTF8PROC_INCLUDE_DIR utf8proc.h REQUIRED)
find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
find_path(GLOO_INCLUDE_DIR gloo/allreduce.h REQUIRED)
find_library(GLOO_LIBRARY gloo REQUIRED)
find_package(LibTorch REQUIRED)
if(OUTERLOOP_TESTS)
  find_package(GTest REQUIRED)
endif()
if(OUTERLOOP_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()

add_library(cli11 INTERFACE)
target_include_directories(cli11 SYSTEM INTERFACE ${CLI11_INCLUDE_DIR})

# LibTorch exports another version's copy of Gloo's symbols: this library must be loaded before it
# (tests/linkage). Hence an option, as options stand before all libraries, and not left to the linker
# to drop where it comes before what needs it.
add_library(gloo INTERFACE)
target_include_directories(gloo SYSTEM INTERFACE ${GLOO_INCLUDE_DIR})
target_link_options(gloo INTERFACE
  "SHELL:-Wl,--push-state,--no-as-needed ${GLOO_LIBRARY} -Wl,--pop-state")

add_library(utf8proc INTERFACE)
target_include_directories(utf8proc SYSTEM INTERFACE ${UTF8PROC_INCLUDE_DIR})
target_link_libraries(utf8proc INTERFACE ${UTF8PROC_LIBRARY})
