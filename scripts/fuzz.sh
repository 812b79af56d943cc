#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds each fuzz target of Fuzz/ with libFuzzer and AddressSanitizer, and runs it for a while.
# Usage: scripts/fuzz.sh [SECONDS-FOR-EACH [TARGET...]]
#
# A finding fails the script; its input is kept in .cache/fuzz/TARGET/findings. Put it into
# Fuzz/Corpus/TARGET, which every run replays, and into a test.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- $(cd Fuzz/Sources && ls)
# Swift's runtime keeps memory for good that the leak checker would report.
export ASAN_OPTIONS=detect_leaks=0

# Package.swift has the targets only then.
export AMARU_FUZZ=1
scratch=${SCRATCH_PATH:-.build/fuzz}
status=0
for target in "$@"; do
  swift build -c release --scratch-path "$scratch" \
    --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address --product "$target"
  program=$(swift build -c release --scratch-path "$scratch" \
    --show-bin-path)/$target
  folder=.cache/fuzz/$target
  mkdir -p "$folder/corpus" "$folder/findings" "Fuzz/Corpus/$target"
  echo "fuzzing $target for $seconds seconds"
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="$folder/findings/" "$folder/corpus" \
    "Fuzz/Corpus/$target" >"$folder/log.txt" 2>&1 || status=1
  grep -E '^stat::number_of_executed_units|^stat::average_exec|ERROR|SUMMARY|Fatal error|Test unit' \
    "$folder/log.txt" || true
done
[ "$status" = 0 ] || echo "fuzzing found something; see .cache/fuzz/*/log.txt" >&2
exit "$status"
