# Whether kernels and the CUDA worker are built, by OUTERLOOP_CUDA: sets OUTERLOOP_CUDA_TOOLKIT to the
# toolkit's folder if they are, and to nothing if not. It takes nvcc and the CUDA libraries of the
# torch wheel; a GPU is only needed to run them. There is then the language CUDA, and a target
# outerloop_cuda for what includes the toolkit's headers. Where NCCL's header and library are found
# too, there is a target outerloop_nccl, and the CUDA worker can reduce by it.

set(OUTERLOOP_CUDA_TOOLKIT "")
if(NOT OUTERLOOP_CUDA STREQUAL "OFF")
  find_program(OUTERLOOP_NVCC nvcc HINTS /usr/local/cuda/bin)
  if(OUTERLOOP_NVCC AND TARGET LibTorch::cuda)
    file(REAL_PATH ${OUTERLOOP_NVCC} _nvcc)
    cmake_path(GET _nvcc PARENT_PATH _bin)
    cmake_path(GET _bin PARENT_PATH OUTERLOOP_CUDA_TOOLKIT)
  elseif(OUTERLOOP_CUDA STREQUAL "ON")
    message(FATAL_ERROR "OUTERLOOP_CUDA=ON needs nvcc (found: ${OUTERLOOP_NVCC}) and libtorch_cuda of "
      "the torch wheel (found: ${LibTorch_CUDA_LIBRARY})")
  endif()
endif()

if(OUTERLOOP_CUDA_TOOLKIT)
  # Ampere and Hopper; later GPUs compile the last one's code when they load it.
  set(CMAKE_CUDA_COMPILER ${OUTERLOOP_NVCC})
  set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  set(CMAKE_CUDA_ARCHITECTURES 80-real 90 CACHE STRING "GPUs to compile for")
  set(CMAKE_CUDA_STANDARD 17)
  set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)  # The one that LibTorch loads.
  enable_language(CUDA)

  add_library(outerloop_cuda INTERFACE)
  target_compile_options(outerloop_cuda INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-idirafter ${OUTERLOOP_CUDA_TOOLKIT}/include>")

  set(_libraries ${OUTERLOOP_CUDA_TOOLKIT}/lib64 ${OUTERLOOP_CUDA_TOOLKIT}/lib)
  find_library(OUTERLOOP_CUDART cudart HINTS ${_libraries})
  find_path(OUTERLOOP_NCCL_INCLUDE_DIR nccl.h HINTS ${OUTERLOOP_CUDA_TOOLKIT}/include)
  find_library(OUTERLOOP_NCCL nccl HINTS ${_libraries})
  if(OUTERLOOP_CUDART AND OUTERLOOP_NCCL AND OUTERLOOP_NCCL_INCLUDE_DIR)
    add_library(outerloop_nccl INTERFACE)
    target_compile_options(outerloop_nccl INTERFACE
      "SHELL:-idirafter ${OUTERLOOP_NCCL_INCLUDE_DIR}")
    # At run time the copies that came with the wheel, where they did: LibTorch was built with them.
    target_link_options(outerloop_nccl INTERFACE
      -Wl,-rpath,${LibTorch_ROOT_DIR}/../nvidia/nccl/lib
      -Wl,-rpath,${LibTorch_ROOT_DIR}/../nvidia/cu13/lib)
    target_link_libraries(outerloop_nccl INTERFACE outerloop_cuda ${OUTERLOOP_NCCL} ${OUTERLOOP_CUDART})
  else()
    message(STATUS "The CUDA worker is built without NCCL (found: ${OUTERLOOP_NCCL_INCLUDE_DIR}, "
      "${OUTERLOOP_NCCL}, ${OUTERLOOP_CUDART})")
  endif()
endif()
