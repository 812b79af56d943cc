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

# The examples share one build folder, so that the library is built once for all of them.
BUILD := Examples/.build
INVENTORY_SERVER := $(BUILD)/release/inventory-server
USERS_SERVER := $(BUILD)/release/users-server
USERS_CLIENT := $(BUILD)/release/users-client
GREETER_SERVER := $(BUILD)/release/greeter-server
EXAMPLES_SERVER := $(BUILD)/release/examples-server
HOST ?= 127.0.0.1
PORT ?= 50051
HTTP_PORT ?= 8000
DATA ?= inventory.db
USERS_DATA ?= users.db
PYTEST_FLAGS ?=
SWIFT_TEST_FLAGS ?=

.PHONY: help
help: ## Print this list
	@echo 'Amaru. Usage: make TARGET'
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1	\2/p' Makefile | expand -t 20

.PHONY: setup
setup: ## Install what build and tests need: apt packages, and PyPI packages into .venv
	@scripts/setup.sh core test
	@echo 'setup: all is there'

.PHONY: setup-core setup-test setup-bench setup-interop
setup-core setup-test setup-bench setup-interop: setup-%:
	@scripts/setup.sh $*

.PHONY: build
build: setup-core ## Build the library and the examples for release
	for example in inventory users greeter; do \
	  swift build -c release --package-path Examples/$$example --scratch-path $(BUILD); \
	done
	swift build -c release --package-path Examples --scratch-path $(BUILD)

.PHONY: python
python: setup-core ## Build the extension of the Python package, python/amaru
	@scripts/need.sh scripts/python_native.sh

.PHONY: run
run: build ## Serve all examples on 127.0.0.1, gRPC on 50051 and HTTP on 8000 (HOST= PORT= HTTP_PORT= DATA= USERS_DATA=)
	exec $(EXAMPLES_SERVER) --host '$(HOST)' --port '$(PORT)' --http-port '$(HTTP_PORT)' --items '$(DATA)' --users '$(USERS_DATA)'

.PHONY: demo
demo: setup-test build ## Serve the examples, call them through every door, show what passes
	@$(PYTHON) scripts/demo.py --server $(INVENTORY_SERVER)
	@$(PYTHON) scripts/demo_users.py --server $(USERS_SERVER) --client $(USERS_CLIENT)
	@$(PYTHON) scripts/demo_greeter.py --server $(GREETER_SERVER)

.PHONY: demo-balancing
demo-balancing: build ## Three Users servers, one client over them, and one of them killed meanwhile
	@$(PYTHON) Examples/users/three_servers.py --server $(USERS_SERVER) --client $(USERS_CLIENT)

.PHONY: test
test: test-swift test-python ## Run every test, Swift and Python

.PHONY: test-swift
test-swift: setup-test ## Run the Swift tests of this package, the examples and the tools
	@scripts/test_swift.sh $(SWIFT_TEST_FLAGS)

.PHONY: test-python
test-python: setup-test build ## Run the Python tests against the real servers and clients
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
	rm -rf .build .cache .venv Examples/.build Examples/*/.build Examples/*/*/.build Benchmarks/.build Conformance/.build Conformance/messagepack/.build Fuzz/.build
	rm -rf Examples/*/python_client/.venv Examples/users/python/.venv .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f Examples/*/python_client/*_pb2*.py* Examples/*/python_client/src/*_pb2*.py* Examples/users/python/*_pb2*.py*
