# Whether the CUDA worker is built, by OUTERLOOP_CUDA: sets OUTERLOOP_CUDA_TOOLKIT to the toolkit's
# folder if it is, and to nothing if not. It takes nvcc (for where the toolkit is) and the CUDA
# libraries of the torch wheel; a GPU is only needed to run it.

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
