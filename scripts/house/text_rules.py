# SPDX-License-Identifier: Apache-2.0
"""Rules about every file: licence line, length, leftovers, names of machines."""

import re
from collections.abc import Iterator

from house.tree import Finding, Tree

MOST_LINES = 400
# Put together here, so that this file does not break its own rules.
LICENCE = "SPDX-" + "License-Identifier: Apache-2.0"
WORDS = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
LEFTOVERS = re.compile(rf"\b({'|'.join(WORDS)})\b")
REGISTRIES = [
    "deb.debian" + ".org",
    "security.debian" + ".org",
    "snapshot.debian" + ".org",
    "archive.ubuntu" + ".com",
    "security.ubuntu" + ".com",
    "ports.ubuntu" + ".com",
    "pypi" + ".org",
    "pypi.python" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "yarnpkg" + ".com",
    "crates" + ".io",
    "rubygems" + ".org",
    "proxy.golang" + ".org",
    "sum.golang" + ".org",
    "docker" + ".io",
    "ghcr" + ".io",
]
REGISTRY = re.compile("|".join(re.escape(name) for name in REGISTRIES), re.IGNORECASE)
FOLDERS = "|".join(["work", "root", "home", "Users"])
MACHINE_PATH = re.compile(rf"(?<![\w.~)}}-])/(?:{FOLDERS})/\w")


def licence(tree: Tree) -> Iterator[Finding]:
    """Every source begins with the SPDX line, after a shebang or a tools version only."""
    for file in tree.files:
        if not file.is_code or file.is_generated or not file.lines:
            continue
        first = file.lines[0]
        skip = 1 if first.startswith("#!") or "swift-tools-version" in first else 0
        if LICENCE not in "".join(file.lines[skip : skip + 1]):
            yield Finding(file.path, skip + 1, "no SPDX line", f"begin the file with `{LICENCE}`")


def length(tree: Tree) -> Iterator[Finding]:
    """No source is longer than 400 lines."""
    for file in tree.files:
        if file.is_code and not file.is_generated and len(file.lines) > MOST_LINES:
            problem = f"{len(file.lines)} lines, {MOST_LINES} are allowed"
            yield Finding(file.path, MOST_LINES + 1, problem, "split it: what layer is missing?")


def leftovers(tree: Tree) -> Iterator[Finding]:
    """No note of unfinished work."""
    for file in tree.files:
        if file.is_generated:
            continue
        for number, line in enumerate(file.lines, 1):
            if match := LEFTOVERS.search(line):
                cure = "do it now, or write it where plans are kept"
                yield Finding(file.path, number, f"{match[1]} left behind", cure)


def no_registries(tree: Tree) -> Iterator[Finding]:
    """No file names a package registry: apt and pip know theirs."""
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if match := REGISTRY.search(line):
                cure = "leave it out: the machine's own configuration names its registry or mirror"
                yield Finding(file.path, number, f"the registry {match[0]} is named", cure)


def no_machine_paths(tree: Tree) -> Iterator[Finding]:
    """No file holds a path that exists on one machine only."""
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if match := MACHINE_PATH.search(line):
                cure = "use a path relative to the root of the project"
                yield Finding(file.path, number, f"a path of one machine: {match[0]}...", cure)
