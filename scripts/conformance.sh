#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs protobuf's official conformance suite against our runtime, with generated and with dynamic
# messages. Every test must pass, required and recommended: the list of known failures is empty.
#
# The runner comes from the source package of the distribution's own protobuf, so that it fits the
# library that it is linked with. It is kept in .cache/.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
cache=$root/.cache/conformance
export AMARU_CONFORMANCE=1
runner=$cache/conformance-test-runner
mkdir -p "$cache"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_tools() {
  missing=
  for package in g++ protobuf-compiler libprotobuf-dev libprotoc-dev dpkg-dev; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
  done
  [ -z "$missing" ] || {
    as_root apt-get update -q
    as_root apt-get install -qy --no-install-recommends $missing
  }
}

# Unpacks the source package of the machine's own libprotobuf.
fetch_source() {
  rm -rf "$cache/source"
  mkdir -p "$cache/source"
  scripts/fetch_source.sh "protobuf=$(dpkg-query -W -f '${source:Version}' libprotobuf-dev)" \
    "$cache/source"
  (cd "$cache/source" && dpkg-source --no-check -x protobuf_*.dsc)
}

build_runner() {
  source=$(echo "$cache"/source/protobuf-*/)
  source=${source%/}
  build=$cache/build
  rm -rf "$build"
  mkdir -p "$build"
  # The compiler that belongs to the distribution's libprotobuf, whatever is first in the path.
  /usr/bin/protoc -I "$source/conformance" -I "$source/src" --cpp_out="$build" \
    conformance.proto google/protobuf/test_messages_proto2.proto \
    google/protobuf/test_messages_proto3.proto
  json=$(find "$source" -name jsoncpp.cpp | head -n 1)
  if [ -z "$json" ]; then
    as_root apt-get install -qy --no-install-recommends libjsoncpp-dev
    json=-ljsoncpp
  fi
  # The headers of the source package come before the system's: the runner uses some that are not
  # installed.
  g++ -std=c++17 -O0 -w -o "$runner" -I "$build" -I "$source/src" -I "$source" \
    -I "$source/conformance" -I /usr/include/jsoncpp \
    "$source"/conformance/conformance_test.cc \
    "$source"/conformance/conformance_test_runner.cc \
    "$source"/conformance/conformance_test_main.cc \
    "$source"/conformance/binary_json_conformance_suite.cc \
    "$source"/conformance/text_format_conformance_suite.cc \
    "$build"/*.cc "$build"/google/protobuf/*.cc $json -lprotobuf -lpthread
}

install_tools
[ -d "$cache/source" ] && ls "$cache"/source/protobuf-*/ >/dev/null 2>&1 || fetch_source
[ -x "$runner" ] || build_runner

# The testee's protos are the suite's own.
for proto in conformance/conformance.proto src/google/protobuf/test_messages_proto2.proto \
  src/google/protobuf/test_messages_proto3.proto; do
  cp "$cache"/source/protobuf-*/"$proto" Conformance/Sources/amaru-conformance/
done

scratch=${SCRATCH_PATH:-Conformance/.build}
swift build --package-path Conformance --scratch-path "$scratch" \
  --product amaru-conformance
testee=$(swift build --package-path Conformance --scratch-path "$scratch" \
  --show-bin-path)/amaru-conformance

# The runner takes one suite for binary and JSON, and one for text. Its exit status is not zero
# when a test fails that is not in the list, and --enforce_recommended counts recommendations too.
: >"$cache/failures.txt"
failed=0
run_suites() { # name, value of AMARU_TESTEE
  log=$cache/log-$2.txt
  status=0
  AMARU_TESTEE=$2 "$runner" --enforce_recommended --failure_list "$cache/failures.txt" \
    --output_dir "$cache" "$testee" >"$log" 2>&1 || status=$?
  grep -E '^ERROR|unexpected failed|exited' "$log" | sort -u | head -n 40 || true
  grep -E '^CONFORMANCE SUITE' "$log" | sed "s/^/$1: /" || true
  # Nothing is skipped: a test that does not run proves nothing.
  if [ "$status" != 0 ] ||
    [ "$(grep -c '^CONFORMANCE SUITE PASSED: [1-9][0-9]* successes, 0 skipped' "$log")" != 2 ]; then
    echo "conformance of $1 failed; see $log" >&2
    failed=1
  fi
}
run_suites 'generated messages' generated
run_suites 'dynamic messages' dynamic
exit "$failed"
