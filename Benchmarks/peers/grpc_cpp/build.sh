#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the gRPC C++ server and client of the comparison from the distribution's packages into $1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:?usage: build.sh OUTPUT_FOLDER}
mkdir -p "$out"
out=$(cd "$out" && pwd)
contract=$here/../../Sources/amaru-bench-server
# Rebuilt only when a source is newer: linking gRPC takes a while.
newest=$out/client
for source in "$here/server.cc" "$here/client.cc" "$contract/echo.proto"; do
  [ "$newest" -nt "$source" ] || newest=
done
[ -n "$newest" ] && exit 0
# The distribution's protoc and plugin, of the same release as its headers.
protoc=/usr/bin/protoc plugin=/usr/bin/grpc_cpp_plugin
"$protoc" -I "$contract" --cpp_out="$out" --grpc_out="$out" \
  --plugin=protoc-gen-grpc="$plugin" "$contract/echo.proto"
read -ra libraries <<<"$(pkg-config --libs grpc++ protobuf)"
for program in server client; do
  g++ -std=c++17 -O2 -DNDEBUG -I "$out" "$here/$program.cc" "$out/echo.pb.cc" "$out/echo.grpc.pb.cc" \
    -o "$out/$program" -Wl,--copy-dt-needed-entries "${libraries[@]}" -lpthread
done
