#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measures the protobuf codec and its peers in one run, prints a table, and writes JSON.
# Usage: Benchmarks/codec.sh [JSON-FILE]
#
# The peers are the distribution's C++ protobuf at -O2 and Python's upb. A peer that is not
# installed is left out. Figures are nanoseconds of CPU time, the best of several rounds.
set -eu
cd "$(dirname "$0")/.."
result=${1:-}
work=.cache/codec
message=Benchmarks/codec/bench_item.bin
mkdir -p "$work"

scratch=${SCRATCH_PATH:-Benchmarks/.build}
swift build -c release --package-path Benchmarks --scratch-path "$scratch" \
  --product amaru-codec-bench
amaru=$(swift build -c release --package-path Benchmarks --scratch-path "$scratch" \
  --show-bin-path)/amaru-codec-bench

cpp=
if command -v g++ >/dev/null && [ -x /usr/bin/protoc ] &&
  [ -f /usr/include/google/protobuf/message.h ]; then
  /usr/bin/protoc -I Benchmarks/codec --cpp_out="$work" bench.proto
  g++ -std=c++17 -O2 -DNDEBUG -I "$work" Benchmarks/peers/codec_cpp.cc "$work/bench.pb.cc" \
    -o "$work/codec_cpp" -lprotobuf -lpthread
  cpp=$work/codec_cpp
fi

python=
for candidate in .venv/bin/python python3; do
  [ -z "$python" ] || break
  protoc=.venv/bin/protoc
  [ -x "$protoc" ] || protoc=protoc
  command -v "$protoc" >/dev/null && "$protoc" -I Benchmarks/codec --python_out="$work" bench.proto
  if command -v "$candidate" >/dev/null &&
    PYTHONPATH=$work "$candidate" -c 'import bench_pb2' 2>/dev/null; then
    python=$candidate
  fi
done

: >"$work/rounds"
for round in 1 2 3; do
  echo "amaru $("$amaru" "$message")" >>"$work/rounds"
  [ -z "$cpp" ] || echo "cpp $("$cpp" "$message")" >>"$work/rounds"
  [ -z "$python" ] ||
    echo "upb $("$python" Benchmarks/peers/codec_upb.py "$work" "$message")" >>"$work/rounds"
done

python3 - "$work/rounds" "$result" <<'END'
import json
import sys

best = {}
for line in open(sys.argv[1]):
    name, figures = line.split(" ", 1)
    for key, value in json.loads(figures).items():
        row = best.setdefault(name, {})
        row[key] = round(min(value, row.get(key, value)), 1)
columns = ["decode_ns", "decode_arena_ns", "decode_reused_ns", "encode_ns", "encode_array_ns"]
columns += ["json_encode_ns", "json_decode_ns"]
print("| runtime | " + " | ".join(columns) + " |")
print("|---" * (len(columns) + 1) + "|")
for name, row in best.items():
    print(f"| {name} | " + " | ".join(str(row.get(column, "")) for column in columns) + " |")
amaru = best["amaru"]
binary = amaru["decode_ns"]
for key, peer in [("json_encode_ns", "encode"), ("json_decode_ns", "decode")]:
    line = f"JSON {peer}: {amaru[key] / binary:.2f} of our binary decode"
    if "cpp" in best:
        line += f"; C++ takes {best['cpp'][key] / amaru[key]:.1f} times as long"
    print(line)
print("1 MiB of bytes:", {key: value for key, value in amaru.items() if "1mib" in key})
if sys.argv[2]:
    with open(sys.argv[2], "w") as file:
        json.dump(best, file, indent=2)
END
