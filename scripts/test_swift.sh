#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the Swift tests of every package in the tree; the arguments go to `swift test`.
# All packages are tested even when one fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

status=0
for manifest in Package.swift Examples/*/Package.swift Conformance/Package.swift; do
  package=$(dirname "$manifest")
  [ -f "$manifest" ] && [ -d "$package/Tests" ] || continue
  # The Python tests live in Tests too, and SwiftPM takes no notice of them.
  find "$package/Tests" -name '*.swift' -print -quit | grep -q . || continue
  echo "== swift test: $package"
  swift test --package-path "$package" "$@" </dev/null || status=1
done
exit $status
