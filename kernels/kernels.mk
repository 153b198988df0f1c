# Checks of libtcs that need more than a Python environment; included by the Makefile.
CMAKE ?= cmake
AARCH64 ?= aarch64-linux-gnu
QEMU ?= qemu-aarch64
FUZZ_SECONDS ?= 30
FUZZ_TARGETS := header chunks quality_map bundle rans tile
GOLDEN := $(wildcard tests/golden/v*/*)
JOBS ?= 2

.PHONY: test-native test-arm sanitize fuzz

define build
	$(CMAKE) -S kernels -B $(1) -DTCS_WERROR=ON -DTCS_BUILD_TESTS=ON $(2) > /dev/null
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
	$(call build,build/native)
	$(call check,build/native,)

test-arm: ## the same on an emulated AArch64 (g++-aarch64-linux-gnu, qemu-user)
	$(call build,build/aarch64,-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
	  -DCMAKE_C_COMPILER=$(AARCH64)-gcc -DCMAKE_CXX_COMPILER=$(AARCH64)-g++ \
	  -DCMAKE_EXE_LINKER_FLAGS=-static)
	$(call check,build/aarch64,$(QEMU))

sanitize: ## golden vectors, C interface and Python tests of the kernels under ASan and UBSan
	$(call build,build/sanitize,-DTCS_SANITIZE=address$(comma)undefined)
	$(call check,build/sanitize,)

fuzz: ## FUZZ_SECONDS (30) of coverage-guided fuzzing per target, under ASan and UBSan
	$(call build,build/fuzz,-DTCS_SANITIZE=address$(comma)undefined -DTCS_BUILD_FUZZ=ON)
	for target in $(FUZZ_TARGETS); do \
	  mkdir -p build/fuzz/corpus/$$target && \
	  build/fuzz/fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) build/fuzz/corpus/$$target \
	    || exit 1; \
	done

comma := ,
