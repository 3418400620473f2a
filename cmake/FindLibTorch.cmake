# LibTorch out of the pinned PyPI wheel, without the wheel's own CMake package: that one wants a
# CUDA toolkit even for a build that uses only the CPU libraries.
#
# Input:   OUTERLOOP_DEPS, the virtual environment made by scripts/setup.sh (default: .deps).
# Targets: LibTorch::cpu   libtorch_cpu and libc10.
#          LibTorch::cuda  the same plus libtorch_cuda and libc10_cuda; only where the wheel has them.

set(OUTERLOOP_DEPS ${PROJECT_SOURCE_DIR}/.deps CACHE PATH "Virtual environment with the torch wheel")
file(GLOB _torch_roots ${OUTERLOOP_DEPS}/lib/python3*/site-packages/torch)
find_path(LibTorch_ROOT_DIR include/torch/csrc/api/include/torch/torch.h
  HINTS ${_torch_roots} NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH)
find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY
  REASON_FAILURE_MESSAGE "run scripts/setup.sh (or `make build`, which does) to install the wheel")

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  add_library(LibTorch::cpu INTERFACE IMPORTED GLOBAL)
  # -idirafter: the wheel ships an old copy of protobuf's headers, which must come after the system's.
  target_compile_options(LibTorch::cpu INTERFACE
    "SHELL:-idirafter ${LibTorch_ROOT_DIR}/include/torch/csrc/api/include"
    "SHELL:-idirafter ${LibTorch_ROOT_DIR}/include")
  # The wheel's libraries name their own NVIDIA packages by run path; nothing here calls into those.
  target_link_options(LibTorch::cpu INTERFACE
    -Wl,--allow-shlib-undefined -Wl,-rpath,${LibTorch_ROOT_DIR}/lib)
  target_link_libraries(LibTorch::cpu INTERFACE ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY})

  if(LibTorch_CUDA_LIBRARY AND LibTorch_C10_CUDA_LIBRARY)
    add_library(LibTorch::cuda INTERFACE IMPORTED GLOBAL)
    # --no-as-needed: the CUDA back end registers itself when its library is loaded.
    target_link_libraries(LibTorch::cuda INTERFACE LibTorch::cpu
      -Wl,--no-as-needed ${LibTorch_CUDA_LIBRARY} ${LibTorch_C10_CUDA_LIBRARY} -Wl,--as-needed)
  endif()
endif()
