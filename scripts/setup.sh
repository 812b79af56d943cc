#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what a group of targets needs and is not there yet:
#
#   scripts/setup.sh [core|test|bench|interop]...      (default: core)
#
# System packages come from apt, Python packages from PyPI into .venv. A second run only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly SWIFT_NEEDED=6.3

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# The system packages of a group, each with a file or command that proves it is there.
packages() {
  case $1 in
    core) echo 'libnghttp2-dev:/usr/include/nghttp2/nghttp2.h zlib1g-dev:/usr/include/zlib.h
      libssl-dev:/usr/include/openssl/ssl.h
      libsqlite3-dev:/usr/include/sqlite3.h pkg-config:pkg-config' ;;
    test) echo 'git:git curl:curl openssl:openssl iproute2:tc util-linux:unshare grpc-proto:/usr/share/grpc-proto/grpc/health/v1/health.proto
      libprotobuf-dev:/usr/include/google/protobuf/any.proto'
      # Ubuntu has it as a snap alone; the tests that need it are skipped there.
      ! grep -qx 'ID=debian' /etc/os-release || echo 'chromium:chromium' ;;
    bench) echo 'nghttp2-client:h2load nghttp2-server:nghttpd wrk:wrk nginx:/usr/sbin/nginx g++:g++ util-linux:taskset
      libgrpc++-dev:/usr/include/grpcpp/grpcpp.h protobuf-compiler:protoc
      libprotobuf-dev:/usr/include/google/protobuf/port_def.inc
      protobuf-compiler-grpc:grpc_cpp_plugin' ;;
    interop) echo 'tar:tar gzip:gzip' ;;
  esac
}

has() { # a file or a command, looked for outside .venv
  case $1 in
    /*) [ -e "$1" ] ;;
    *) PATH="${PATH//"$PWD/.venv/bin:"/}" command -v "$1" >/dev/null ;;
  esac
}

check_swift() {
  local get="get Swift $SWIFT_NEEDED from https://www.swift.org/install/linux (swiftly install $SWIFT_NEEDED)"
  command -v swift >/dev/null || die "no Swift toolchain on PATH: $get"
  local version
  version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -1)
  [ -n "$version" ] || die "\`swift --version\` does not answer: $get"
  [ "$(printf '%s\n' "$SWIFT_NEEDED" "$version" | sort -V | head -1)" = "$SWIFT_NEEDED" ] ||
    die "Swift $version is too old: $get"
}

# SwiftPM tells packages by the names of their folders, whatever their case, and takes two of one name for one.
check_folder() {
  local own manifest
  own=$(basename "$PWD" | tr '[:upper:]' '[:lower:]')
  for manifest in Examples/*/Package.swift Examples/*/*/Package.swift */Package.swift; do
    [ "$(basename "$(dirname "$manifest")" | tr '[:upper:]' '[:lower:]')" != "$own" ] ||
      die "SwiftPM would take $PWD for $(dirname "$manifest"), which has the same name: rename the clone's folder"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else die "not root and no sudo; as root run: $*"; fi
}

install_packages() { # names
  [ $# -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "these are missing, and there is no apt-get here; install their like: $*"
  say "installing with apt-get: $*"
  local log=.cache/apt.log
  mkdir -p .cache
  as_root apt-get update >"$log" 2>&1 || say "apt-get update had trouble (see $log); going on"
  as_root apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@" </dev/null >>"$log" 2>&1 || {
    tail -5 "$log" >&2
    die "apt-get could not install them; the whole output is in $log"
  }
}

readonly PYTHON_OK='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'

missing_packages() { # groups
  local group entry
  for group in "$@"; do
    for entry in $(packages "$group"); do
      has "${entry#*:}" || printf '%s ' "${entry%%:*}"
    done
  done
  python3 -c "$PYTHON_OK" 2>/dev/null || [ -x .venv/bin/python ] || printf 'python3-venv '
}

make_venv() {
  if [ -d .venv ] && ! .venv/bin/python -c '' 2>/dev/null; then
    say ".venv no longer runs (moved?); making it anew"
    rm -rf .venv
  fi
  [ -d .venv ] && return 0
  python3 -c "$PYTHON_OK" 2>/dev/null ||
    die "python3 is missing, older than 3.10, or has no venv: apt-get install python3-venv"
  say "making .venv with $(python3 --version)"
  python3 -m venv .venv || { rm -rf .venv; die "python3 -m venv failed: apt-get install python3-venv"; }
}

# The stamp holds the requirements that were installed; the interpreter must still be the same.
install_python() { # group
  local list=scripts/requirements/$1.txt stamp=.venv/installed-$1
  cmp -s "$list" "$stamp" && return 0
  say "installing from PyPI into .venv: $(grep -v '^#' "$list" | sed 's/[<>=].*//' | tr '\n' ' ')"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$list" </dev/null ||
    die "pip could not install $list; is the network there, or a mirror set in pip.conf?"
  cp "$list" "$stamp"
}

main() {
  local groups=(core) group missing
  for group in "$@"; do
    case $group in
      core) ;;
      test | bench | interop) groups+=("$group") ;;
      *) die "no group called $group; there are: core test bench interop" ;;
    esac
  done
  check_folder
  check_swift
  missing=$(missing_packages "${groups[@]}")
  # shellcheck disable=SC2086  # one word each
  install_packages $missing
  missing=$(missing_packages "${groups[@]}")
  [ -z "$missing" ] || die "still missing after the installation: $missing"
  make_venv
  for group in "${groups[@]}"; do install_python "$group"; done
}

main "$@"
