# syntax=docker/dockerfile:1
# The CUDA worker:
#   docker build -f docker/cuda.Dockerfile -t outerloop-worker-cuda:0.1.0 .
# The toolkit serves the build alone. A worker runs on the driver of its host and on the CUDA libraries
# that LibTorch was built with, which come from the same wheels as LibTorch itself: several GB, of
# which nothing can be left out.
ARG CUDA=docker.io/nvidia/cuda:13.0.1-devel-ubuntu24.04
ARG UBUNTU=docker.io/library/ubuntu:24.04

FROM ${CUDA} AS build
WORKDIR /src
COPY scripts scripts
# The wheels that scripts/requirements.txt leaves out, in the versions that torch names.
RUN scripts/setup.sh \
    && .deps/bin/python -m pip install --no-cache-dir --no-compile torch==2.11.0
COPY . .
RUN cmake --preset release -DOUTERLOOP_TESTS=OFF -DOUTERLOOP_BENCHMARKS=OFF -DOUTERLOOP_CUDA=ON \
    && cmake --build --preset release --target outerloop outerloop-worker-cuda
RUN docker/collect.sh /out outerloop outerloop-worker-cuda

FROM ${UBUNTU}
LABEL org.opencontainers.image.title="outerloop-worker-cuda" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN --mount=type=bind,from=build,source=/out,target=/out \
    --mount=type=bind,source=docker/install.sh,target=/install.sh \
    /install.sh /cache
ENV HOME=/tmp \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    OUTERLOOP_METRICS_HOST=0.0.0.0 \
    OUTERLOOP_HEALTH_LISTEN=0.0.0.0:7072 \
    OUTERLOOP_CACHE_DIR=/cache \
    OUTERLOOP_DEVICE=cuda
EXPOSE 7072 9465
VOLUME ["/cache"]
STOPSIGNAL SIGTERM
USER 65532:65532
ENTRYPOINT ["outerloop-worker-cuda"]
