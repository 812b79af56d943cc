#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Downloads a source package of the distribution, with a configuration of apt's of its own: the package sources of this
# machine, asked for source packages. The machine's own lists and settings stay as they are.
#
#   scripts/fetch_source.sh NAME[=VERSION] FOLDER
set -euo pipefail

package=$1 folder=$(realpath "$2")
apt=$folder/apt
die() { printf 'fetch_source: %s\n' "$*" >&2; exit 1; }

command -v apt-get >/dev/null || die "apt-get is needed to fetch the source package $package"
mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  name=$(basename "$file")
  case $file in
    *.sources) sed -E 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/$name" ;;
    *.list) [ ! -f "$file" ] ||
      sed -nE 's/^[[:space:]]*deb(-src)?([[:space:]])/deb-src\2/p' "$file" | sort -u >"$apt/parts/$name" ;;
  esac
done
options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/parts"
  -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User= -qq)
# A third party's repository may have no sources; what counts is whether the package is found.
apt-get "${options[@]}" update >"$folder/apt.log" 2>&1 || true
(cd "$folder" && apt-get "${options[@]}" --only-source source --download-only "$package" >>"$folder/apt.log" 2>&1) || {
  tail -5 "$folder/apt.log" >&2
  die "apt could not fetch the source package $package; see $folder/apt.log"
}
rm -rf "$apt"
