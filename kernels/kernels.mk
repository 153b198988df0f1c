# Checks of libtcs that need more than a Python environment; included by the Makefile.
CMAKE ?= cmake
AARCH64 ?= aarch64-linux-gnu
QEMU ?= qemu-aarch64
FUZZ_SECONDS ?= 30
FUZZ_TARGETS := header chunks layer quality_map bundle rans tile weights onnx_graph
GOLDEN := $(wildcard tests/golden/v*/*)
JOBS ?= 2
SANITIZE_PYTHON ?= $(TRAIN)/python
COMMA := ,

.PHONY: test-native test-arm sanitize fuzz

define build
	$(CMAKE) -S kernels -B $(1) -DTCS_WERROR=ON $(2) > /dev/null
	$(CMAKE) --build $(1) --parallel $(JOBS) > /dev/null
endef

# Every variant of the hot loops that the program $(1), started by $(2), can run.
define check
	for simd in $$($(2) $(1)/tests/golden_check --targets); do \
	  TCSDK_SIMD=$$simd $(2) $(1)/tests/golden_check $(GOLDEN) && \
	  TCSDK_SIMD=$$simd $(2) $(1)/tests/test_c_api tests/golden/v0/lanes_1 || exit 1; \
	done
endef

test-native: ## golden vectors and C interface on this machine, without Python
	$(call build,build/native,-DTCS_BUILD_TESTS=ON)
	$(call check,build/native,)

test-arm: ## the same on an emulated AArch64 (g++-aarch64-linux-gnu, qemu-user)
	$(call build,build/aarch64,-DTCS_BUILD_TESTS=ON -DCMAKE_EXE_LINKER_FLAGS=-static \
	  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
	  -DCMAKE_C_COMPILER=$(AARCH64)-gcc -DCMAKE_CXX_COMPILER=$(AARCH64)-g++)
	$(call check,build/aarch64,$(QEMU))

sanitize: .venv-train/done ## golden vectors, C interface and Python tests under ASan and UBSan
	$(call build,build/sanitize,-DTCS_BUILD_TESTS=ON -DTCS_SANITIZE=address$(COMMA)undefined \
	  -DTCS_BUILD_PYTHON=ON -DPython_EXECUTABLE=$(abspath $(SANITIZE_PYTHON)) \
	  -Dpybind11_DIR=$$($(SANITIZE_PYTHON) -m pybind11 --cmakedir))
	$(call check,build/sanitize,)
	ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=kernels/tests/sanitized \
	TCS_SANITIZED=$$(ls $(CURDIR)/build/sanitize/_kernels*.so) \
	LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so)" \
	  $(SANITIZE_PYTHON) -m pytest -q -p no:cacheprovider tests/kernels

fuzz: ## FUZZ_SECONDS (30) of coverage-guided fuzzing per target, under both sanitizers
	$(call build,build/fuzz,-DTCS_BUILD_FUZZ=ON -DTCS_SANITIZE=address$(COMMA)undefined)
	$(PYTHON) kernels/fuzz/seeds.py build/fuzz/corpus
	for target in $(FUZZ_TARGETS); do \
	  build/fuzz/fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) build/fuzz/corpus/$$target \
	    || exit 1; \
	done
