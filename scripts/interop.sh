#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs gRPC's interop tests in every direction: its Python client against our server, our client against
# our server, and our client against its Python server, each in plaintext and over TLS. Its part comes from
# the distribution's own gRPC source package, which is fetched into .cache with apt; nothing of it comes into
# the tree.
#
#   scripts/interop.sh [--list] [--case NAME]... [--server-cmd COMMAND | --upstream-server]
#
# AMARU_INTEROP_SERVER and AMARU_INTEROP_CLIENT name binaries to use in place of those built here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly CACHE=$PWD/.cache/interop TREE=$PWD/.cache/interop/tree PYTHON=$PWD/.venv/bin/python
readonly BINARY=Conformance/.build/release/interop-server

die() { printf 'interop: %s\n' "$*" >&2; exit 1; }

prepare() {
  [ ! -f "$CACHE/ready" ] || return 0
  rm -rf "$CACHE"
  mkdir -p "$TREE/unpacked"
  echo "interop: fetching the source package grpc"
  scripts/fetch_source.sh grpc "$CACHE"
  tar -xf "$CACHE"/grpc_*.orig.tar.* -C "$TREE/unpacked" --strip-components=1 --wildcards \
    '*/src/python/grpcio_tests/tests/interop/*' '*/src/python/grpcio_tests/tests/unit/test_common.py' \
    '*/src/proto/grpc/testing/empty.proto' '*/src/proto/grpc/testing/messages.proto' \
    '*/src/proto/grpc/testing/test.proto'
  mkdir -p "$TREE/tests"
  mv "$TREE/unpacked/src/python/grpcio_tests/tests/interop" "$TREE/tests/interop"
  mv "$TREE/unpacked/src/python/grpcio_tests/tests/unit" "$TREE/tests/unit"
  echo "interop: generating stubs"
  "$PYTHON" -m grpc_tools.protoc -I "$TREE/unpacked" --python_out="$TREE" \
    --grpc_python_out="$TREE" "$TREE"/unpacked/src/proto/grpc/testing/*.proto
  touch "$CACHE/ready"
}

generate_ours() {
  mkdir -p "$TREE/ours"
  (cd Conformance/protos && find . -name '*.proto' -print0 | xargs -0 \
    "$PYTHON" -m grpc_tools.protoc -I . --python_out="$TREE/ours" --grpc_python_out="$TREE/ours")
}

server='' list='' arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --server-cmd) server=${2:?--server-cmd wants a command}; shift ;;
    --upstream-server) server=$(printf '%q ' "$PYTHON" Conformance/interop/upstream_server.py "$TREE") ;;
    --list) list=1; arguments+=(--list) ;;
    --case) arguments+=(--case "${2:?--case wants a name}"); shift ;;
    -h | --help) sed -n '3,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) die "unknown argument $1" ;;
  esac
  shift
done

[ -x "$PYTHON" ] || die "run \`make setup-interop\` first"
prepare
generate_ours
if [ -z "$server" ] && [ -z "$list" ]; then
  server=$(printf '%q' "${AMARU_INTEROP_SERVER:-$BINARY}")
  if [ -z "${AMARU_INTEROP_SERVER:-}" ]; then
    swift build -c release --package-path Conformance --product interop-server
  fi
fi
client=${AMARU_INTEROP_CLIENT:-Conformance/.build/release/interop-client}
if [ -z "${AMARU_INTEROP_CLIENT:-}" ] && [ -z "$list" ]; then
  swift build -c release --package-path Conformance --product interop-client
fi
exec "$PYTHON" Conformance/interop/run.py --tree "$TREE" --server "$server" --client "$client" \
  "${arguments[@]}"
