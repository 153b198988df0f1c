# Checks of libtcs that need more than a Python environment; included by the Makefile. Each is a
# preset of CMakePresets.json, which work without make as well.
CMAKE ?= cmake
CTEST ?= ctest
FUZZ_SECONDS ?= 30
FUZZ_SEED ?= 1
FUZZ_RUNS ?= 0
FUZZ_TARGETS := header chunks layer quality_map bundle rans tile text atlas packets weights net onnx_graph
JOBS ?= 2
SANITIZE_PYTHON ?= $(TRAIN)/python

.PHONY: test-native test-arm test-wasm sanitize fuzz

define build
	$(CMAKE) --preset $(1) $(2) > /dev/null
	$(CMAKE) --build --preset $(1) --parallel $(JOBS) > /dev/null
endef

test-native: ## golden vectors and C interface on this machine, without Python
	$(call build,native)
	$(CTEST) --preset native

test-arm: ## the same on an emulated AArch64 (g++-aarch64-linux-gnu, qemu-user)
	$(call build,aarch64)
	$(CTEST) --preset aarch64

test-wasm: ## the same as WebAssembly (EMSCRIPTEN names the folder of Emscripten, Node.js runs it)
	$(call build,wasm)
	$(CTEST) --preset wasm

sanitize: .venv-train/done ## golden vectors, C interface and Python tests under ASan and UBSan
	$(call build,sanitize,-DPython_EXECUTABLE=$(abspath $(SANITIZE_PYTHON)) \
	  -Dpybind11_DIR=$$($(SANITIZE_PYTHON) -m pybind11 --cmakedir))
	$(CTEST) --preset sanitize
	ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=kernels/tests/sanitized \
	TCS_SANITIZED=$$(ls $(CURDIR)/build/sanitize/kernels/_kernels*.so) \
	LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so)" \
	  $(SANITIZE_PYTHON) -m pytest -q -p no:cacheprovider tests/kernels

# What a target keeps (crash-*, hang-*, slow-unit-*) lies in build/fuzz/kept.
fuzz: ## FUZZ_SECONDS (30; FUZZ_RUNS with 0) of coverage-guided fuzzing per target, sanitized
	$(call build,fuzz)
	$(PYTHON) kernels/fuzz/seeds.py build/fuzz/corpus
	mkdir -p build/fuzz/kept
	for target in $(FUZZ_TARGETS); do \
	  build/fuzz/kernels/fuzz/fuzz_$$target -seed=$(FUZZ_SEED) -runs=$(FUZZ_RUNS) \
	    -artifact_prefix=build/fuzz/kept/ -max_total_time=$(FUZZ_SECONDS) \
	    build/fuzz/corpus/$$target || exit 1; \
	done
