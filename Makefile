# The front door. `make` alone lists the targets. CMake does the work: see CMakePresets.json for
# building without this file.

SHELL := /bin/bash
STEP := @scripts/step.sh
BUILD := build/release

.DEFAULT_GOAL := help
.PHONY: help setup build test simulate faults demo train bench bench-gpu lint format check-all fresh-machine test-images clean

help:  ## This list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */make \1\t/' | expand -t 24

setup:  ## Install what is missing: Debian packages and LibTorch.
	$(STEP) setup scripts/setup.sh

build: setup  ## Set up, configure once, and build into build/release.
	$(STEP) configure bash -c '[ -f $(BUILD)/build.ninja ] || cmake --preset release'
	$(STEP) build cmake --build --preset release

test: build  ## Build, and run every test.
	$(STEP) setup-operations scripts/setup.sh --operations
	$(STEP) test ctest --preset release -j2

simulate: build  ## Build, and run SEEDS (default: 10000) simulated schedules of faults on all cores.
	$(STEP) simulate $(BUILD)/bin/simulate --seeds $(or $(SEEDS),10000)
	$(STEP) simulate-mistakes $(BUILD)/bin/simulate --seeds $(or $(SEEDS),10000) --mutation all

demo: build  ## Build, and train MAML on Omniglot with a coordinator and two workers.
	$(STEP) demo scripts/demo.sh

train: build  ## Build, and train PRESETS (default: all); figures and curves go to docs/results.
	$(STEP) setup-dev scripts/setup.sh --dev
	$(STEP) train scripts/train.sh $(or $(PRESETS),$(basename $(notdir $(wildcard client/presets/*.yaml))))

bench: build  ## Build, and run every benchmark; set up the libraries that it compares with.
	$(STEP) setup-peers scripts/setup.sh --peers
	$(STEP) bench scripts/bench.sh

bench-gpu: build  ## Build, test on an NVIDIA GPU, and compare with other libraries there.
	$(STEP) setup-peers scripts/setup.sh --peers
	$(STEP) bench-gpu scripts/bench_gpu.sh

faults: build  ## Build, and kill workers and coordinators while MAML trains on Omniglot.
	$(STEP) faults scripts/faults.sh

lint: build  ## Check format, scripts, and the C++ files changed since main (LINT=--all: all).
	$(STEP) setup-dev scripts/setup.sh --dev
	$(STEP) lint scripts/lint.sh $(LINT)

format:  ## Format every C++ file in place.
	$(STEP) setup-dev scripts/setup.sh --dev
	$(STEP) format scripts/format.sh

check-all:  ## Build and test with the sanitizers, and build with Clang's thread-safety check.
	$(STEP) setup-dev scripts/setup.sh --dev
	$(STEP) check-all scripts/check_all.sh

fresh-machine:  ## Try TARGET (default: demo) on a new Debian 12. Needs root.
	$(STEP) fresh-machine scripts/fresh_machine.sh $(or $(TARGET),demo)

test-images: build  ## Build the images of docker/ by buildah, and send a job through them. Needs root.
	$(STEP) test-images scripts/test_images.sh

clean:  ## Remove everything that was built. Keeps what setup installed.
	rm -rf build
