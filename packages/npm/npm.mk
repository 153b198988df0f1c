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
	cp build/web/kernels/wasm/tcs.wasm kernels/src/text_model.bin $(NPM)/dist
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

.PHONY: page page-size page-avif
PAGE := build/page
WHEEL_PAGE := build/wheel-page
ENCODE := $(RUN)/python -m tcsdk encode --quiet --force
PICTURES := examples/pictures

page: web .venv/done ## the page that makes and shows streams, into build/page; any web host can show it
	mkdir -p $(PAGE)/samples
	$(RUN)/python -c "from PIL import Image; Image.open('$(PICTURES)/label.png').save('$(PAGE)/samples/label.webp', quality=90)"
	$(ENCODE) $(PICTURES)/label.png --small --text codes -q 14 -o $(PAGE)/samples/label.tcs
	$(ENCODE) $(PICTURES)/typical.png -q 10 --base-quality 6 --text read -o $(PAGE)/samples/layers.tcs
	-$(ENCODE) $(PICTURES)/typical.png --verify --verify-limit 10 -q 6 -o $(PAGE)/samples/states.tcs
	$(NODE) $(NPM)/page/assemble.mjs $(PAGE)
	rm -rf $(WHEEL_PAGE) && mkdir -p $(WHEEL_PAGE)/samples && cp $(PAGE)/samples/* $(WHEEL_PAGE)/samples
	$(NODE) $(NPM)/page/assemble.mjs $(WHEEL_PAGE) --without-nets
	@echo "tcsdk serve, then open the address that it prints"

page-size: page ## what it takes to open the page and show a stream, gzipped; fails above 1.5 MB
	$(NODE) $(NPM)/page/size.mjs $(PAGE)

# Another codec to compare with: fetched from the npm registry, never kept in git.
AVIF := @jsquash/avif@2.1.1
AVIF_PACKED := jsquash-avif-2.1.1.tgz
AVIF_SHA256 := b6c6204b63f9cb17aac7d6ee92b8a4aeba2403dccd49ffc9a93b778923049b5b

page-avif: ## an AVIF encoder (WebAssembly, 3.5 MB) beside the page in build/page, from npm
	mkdir -p build/avif $(PAGE)/avif
	cd build/avif && npm pack --silent $(AVIF) > /dev/null
	echo "$(AVIF_SHA256)  build/avif/$(AVIF_PACKED)" | sha256sum --check --quiet
	tar -C build/avif -xzf build/avif/$(AVIF_PACKED)
	cd build/avif/package && cp LICENSE codec/enc/avif_enc.js codec/enc/avif_enc.wasm $(CURDIR)/$(PAGE)/avif
	echo '{"package": "$(AVIF)"}' > $(PAGE)/avif/version.json
