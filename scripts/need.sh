#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a script of the project, or says in one line that this checkout does not have it.
set -euo pipefail
[ -x "$1" ] || { echo "$1 is not in this checkout" >&2; exit 1; }
exec "$@"
