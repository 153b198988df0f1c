# The package of browsers and Node.js; included by the Makefile. EMSCRIPTEN names the folder of
# Emscripten (Debian: /usr/share/emscripten).
NPM := packages/npm
EMSCRIPTEN ?= /usr/share/emscripten
NODE ?= node

.PHONY: web test-web

web: ## libtcs as a WebAssembly module, into packages/npm/dist (Emscripten)
	EMSCRIPTEN=$(EMSCRIPTEN) $(CMAKE) --preset web > /dev/null
	$(CMAKE) --build --preset web --parallel $(JOBS) > /dev/null
	mkdir -p $(NPM)/dist/tfic
	cp build/web/kernels/wasm/tcs.wasm $(NPM)/dist/tcs.wasm
	cd zoo/tfic && cp manifest.json entropy.tcsb synthesis.tcsn analysis.tcsn $(CURDIR)/$(NPM)/dist/tfic
	cp LICENSE NOTICE $(NPM)

# What is missing is said, and what does not need it is tested all the same.
test-web: .venv/done ## the package in Node.js, Chromium and Firefox, and against Python
	@if ! command -v $(NODE) > /dev/null; then \
	  echo "skipped: $(NODE) is missing (apt-get install nodejs)"; \
	elif ! [ -d $(EMSCRIPTEN) ]; then \
	  echo "skipped: $(EMSCRIPTEN) is missing (apt-get install emscripten)"; \
	else \
	  $(MAKE) web && cd $(NPM) && $(NODE) --test test/*.test.js && \
	  cd $(CURDIR) && $(RUN)/python -m pytest -q tests/web; \
	fi

.PHONY: page
PAGE := build/page
ENCODE := $(RUN)/python -m tcsdk encode --quiet --force
PICTURES := examples/pictures

page: web .venv/done ## the page that reads streams, into build/page; any web host can show it
	mkdir -p $(PAGE)/samples
	$(ENCODE) $(PICTURES)/label.png --small --text codes -q 14 -o $(PAGE)/samples/label.tcs
	$(ENCODE) $(PICTURES)/typical.png -q 10 --base-quality 6 --text read -o $(PAGE)/samples/layers.tcs
	-$(ENCODE) $(PICTURES)/typical.png --verify --verify-limit 10 -q 6 -o $(PAGE)/samples/states.tcs
	$(NODE) packages/npm/page/assemble.mjs $(PAGE)
	@echo "python3 -m http.server -d $(PAGE), then open the address that it prints"
