#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the Python extension: python/amaru/_native.abi3.so, with Swift's runtime inside.
# Usage: scripts/python_native.sh
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=${SCRATCH_PATH:-.build/python}
exports=$scratch/exports.map
mkdir -p "$scratch"
# Nothing but CPython's entry is seen from outside.
echo '{ global: PyInit__native; local: *; };' >"$exports"
swift build -c release --scratch-path "$scratch" --product AmaruPython \
  -Xswiftc -static-stdlib -Xlinker --gc-sections -Xlinker -s \
  -Xlinker "--version-script=$exports"
built=$(swift build -c release --scratch-path "$scratch" --show-bin-path)/libAmaruPython.so
# A copy that is mapped stays whole: the old file goes before the new one comes.
cp "$built" python/amaru/_native.abi3.so.new
mv python/amaru/_native.abi3.so.new python/amaru/_native.abi3.so
