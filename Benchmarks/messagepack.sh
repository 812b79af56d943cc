#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measures MessagePack and Python's msgspec and msgpack in one run, prints a table, and writes JSON.
# Usage: Benchmarks/messagepack.sh [JSON-FILE]
#
# Figures are nanoseconds of CPU time, the best of several rounds; the peers' are without the call
# from Python. PYTHON names the interpreter that has the peers.
set -eu
cd "$(dirname "$0")/.."
result=${1:-}
work=.cache/messagepack
mkdir -p "$work"

scratch=${SCRATCH_PATH:-Benchmarks/.build}
swift build -c release --package-path Benchmarks --scratch-path "$scratch" \
  --product amaru-messagepack-bench
amaru=$(swift build -c release --package-path Benchmarks --scratch-path "$scratch" \
  --show-bin-path)/amaru-messagepack-bench
python=${PYTHON:-.venv/bin/python}

: >"$work/rounds"
for round in 1 2 3; do
  echo "amaru $("$amaru" "$work/item.msgpack")" >>"$work/rounds"
  "$python" Benchmarks/peers/messagepack_peers.py "$work/item.msgpack" >>"$work/rounds"
done

"$python" - "$work/rounds" "$result" <<'END'
import json
import sys

best = {}
for line in open(sys.argv[1]):
    name, figures = line.split(" ", 1)
    for key, value in json.loads(figures).items():
        row = best.setdefault(name, {})
        row[key] = round(min(value, row.get(key, value)), 1)
print("| ns | " + " | ".join(best) + " | msgspec / amaru |")
print("|---" * (len(best) + 2) + "|")
for key, value in best["amaru"].items():
    if not key.endswith("_ns"):
        continue
    peer = key.replace("_codable", "").replace("_write", "_encode")
    cells = [str(value)] + [str(best[name][peer]) for name in best if name != "amaru"]
    ratio = best["msgspec"][peer] / value
    print(f"| {key.removesuffix('_ns').replace('_', ' ')} | {' | '.join(cells)} | {ratio:.2f} |")
if sys.argv[2]:
    with open(sys.argv[2], "w") as file:
        json.dump(best, file, indent=2)
END
