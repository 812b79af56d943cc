# SPDX-License-Identifier: Apache-2.0
# `make` prints the targets. Each installs what it needs first (scripts/setup.sh), and says so.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Relative paths only, so that the clone may have any name, one with spaces too.
PYTHON := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PROTOC_PATH := $(CURDIR)/.venv/bin/protoc

INVENTORY := Examples/inventory
SERVER := $(INVENTORY)/.build/release/inventory-server
HOST ?= 127.0.0.1
PORT ?= 50051
DATA ?= inventory.db
PYTEST_FLAGS ?=
SWIFT_TEST_FLAGS ?=

.PHONY: help
help: ## Print this list
	@echo 'Amaru. Usage: make TARGET'
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1	\2/p' Makefile | expand -t 16

.PHONY: setup
setup: ## Install what build and tests need: apt packages, and PyPI packages into .venv
	@scripts/setup.sh core test
	@echo 'setup: all is there'

.PHONY: setup-core setup-test setup-bench setup-interop
setup-core setup-test setup-bench setup-interop: setup-%:
	@scripts/setup.sh $*

.PHONY: build
build: setup-core ## Build the library and the Inventory server for release
	swift build -c release --package-path $(INVENTORY) --product inventory-server

.PHONY: run
run: build ## Serve Inventory on 127.0.0.1:50051 (HOST=, PORT=, DATA=file or :memory:)
	exec $(SERVER) --host '$(HOST)' --port '$(PORT)' --data '$(DATA)'

.PHONY: demo
demo: setup-test build ## Serve Inventory, call it from Python, show what passed over the wire
	@$(PYTHON) scripts/demo.py --server $(SERVER)

.PHONY: test
test: test-swift test-python ## Run every test, Swift and Python

.PHONY: test-swift
test-swift: setup-test ## Run the Swift tests of this package, the examples and the tools
	@scripts/test_swift.sh $(SWIFT_TEST_FLAGS)

.PHONY: test-python
test-python: setup-test build ## Run the Python tests against the real server
	@$(PYTHON) -m pytest -q Tests/python $(PYTEST_FLAGS)

.PHONY: test-asan
test-asan: setup-core ## Run the Swift tests under AddressSanitizer, with its leak checker
	LSAN_OPTIONS="suppressions='$(CURDIR)/Tests/lsan-suppressions.txt'" swift test --sanitize=address --scratch-path .build/asan $(SWIFT_TEST_FLAGS)

.PHONY: test-tsan
test-tsan: setup-core ## Run the Swift tests under ThreadSanitizer
	TSAN_OPTIONS="suppressions='$(CURDIR)/Tests/tsan-suppressions.txt'" swift test --sanitize=thread --scratch-path .build/tsan $(SWIFT_TEST_FLAGS)

SOAK_SECONDS ?= 600
.PHONY: soak
soak: setup-test ## Keep both ends busy for ten minutes (SOAK_SECONDS=), and see that memory stays as it is
	swift build -c release --product fault-tool
	@$(PYTHON) scripts/soak.py --tool .build/release/fault-tool --seconds '$(SOAK_SECONDS)'

.PHONY: check
check: setup-test ## Check formatting, lint and house rules; changes nothing
	@scripts/check.sh

.PHONY: format
format: setup-test ## Format the Swift and the Python sources in place
	@scripts/check.sh --fix

.PHONY: generate
generate: setup-core ## Make the generated sources anew
	@scripts/need.sh scripts/generate.sh

.PHONY: interop
interop: setup-interop ## Run gRPC's interop tests: its client and ours against our server, ours against its server
	@scripts/interop.sh

.PHONY: conformance
conformance: setup-test ## Run the protobuf conformance suite
	@scripts/need.sh scripts/conformance.sh

.PHONY: test-differential
test-differential: setup-test ## Compare with Python's protobuf on 100,000 random messages (DIFFERENTIAL="--seed 2 ...")
	@$(PYTHON) Conformance/differential/run.py $(DIFFERENTIAL)

.PHONY: fuzz
fuzz: setup-core ## Fuzz the parsers (scripts/fuzz.sh says for how long)
	@scripts/need.sh scripts/fuzz.sh

.PHONY: bench
bench: setup-bench ## Compare with other servers under the same load (BENCH="--quick --only ...")
	@$(PYTHON) Benchmarks/run.py $(BENCH)

.PHONY: compile-time
compile-time: setup-core setup-test ## Measure the compiler time of generated code: 100 messages of 12 fields
	@scripts/compile_time.sh

.PHONY: clean
clean: ## Remove everything that was built or downloaded
	rm -rf .build .cache .venv Examples/*/.build Examples/*/*/.build Benchmarks/.build Conformance/.build Conformance/messagepack/.build Fuzz/.build
	rm -rf Examples/*/python_client/.venv .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f Examples/*/python_client/src/*_pb2*.py*
