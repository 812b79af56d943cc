#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Format, lint and house rules. All checks run, then the exit status tells. --fix formats in place.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The files git knows or would add; in an exported tree without git, all but what is built.
sources() { # suffix
  { git ls-files -z --cached --others --exclude-standard -- "*$1" 2>/dev/null ||
    find . -name "*$1" -not -path '*/.*' -print0; } |
    while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done
}

# Golden files hold what the generator wrote, and are judged by its tests.
readonly GOLDEN='/Golden|/Generated/|\.(amaru|pb)\.swift$'

if [ "${1-}" = --fix ]; then
  sources .swift | grep -zEv "$GOLDEN" | xargs -0 -r swift format format --in-place --parallel
  .venv/bin/python -m ruff format . && exec .venv/bin/python -m ruff check --fix .
fi

status=0
judge() { # name, command...
  local name=$1
  shift
  if "$@"; then echo "check: $name ok"; else
    status=1
    echo "check: $name FAILED; $CURE" >&2
  fi
}

swift_format() {
  sources .swift | grep -zEv "$GOLDEN" | xargs -0 -r swift format lint --strict --parallel
}

CURE='`make format` formats what can be formatted'
judge 'swift format' swift_format
judge 'ruff check' .venv/bin/python -m ruff check --quiet .
judge 'ruff format' .venv/bin/python -m ruff format --quiet --check .
CURE='each line above names its cure'
judge 'house rules' .venv/bin/python scripts/house_rules.py
exit $status
