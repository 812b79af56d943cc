#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the house rules: prints `file:line: problem; cure` for each breach, and exits 1."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from house import doc_rules, swift_rules, text_rules
from house.tree import Finding, Tree

GENERATE = "scripts/generate.sh"


def generated_code(tree: Tree) -> Iterator[Finding]:
    """What a program writes is what is in the tree."""
    if not (tree.root / GENERATE).is_file():
        return
    ran = subprocess.run(
        ["bash", GENERATE, "--check"], cwd=tree.root, capture_output=True, text=True
    )
    if ran.returncode != 0:
        last = (ran.stderr or ran.stdout).strip().splitlines()[-1:] or ["it printed nothing"]
        problem = f"generated code is not up to date ({last[0]})"
        yield Finding(GENERATE, 1, problem, "run `make generate` and commit the result")


RULES: list[Callable[[Tree], Iterator[Finding]]] = [
    swift_rules.imports,
    swift_rules.unsafe_files,
    swift_rules.no_traps,
    text_rules.licence,
    text_rules.length,
    text_rules.leftovers,
    text_rules.no_registries,
    text_rules.no_machine_paths,
    doc_rules.links,
    doc_rules.short_readme,
    doc_rules.snippets,
    generated_code,
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=Path, default=root, help="the tree to check")
    parser.add_argument("--list", action="store_true", help="print the rules and stop")
    unsafe_help = "print the files with unsafe code, as scripts/unsafe_files.txt wants them"
    parser.add_argument("--list-unsafe", action="store_true", help=unsafe_help)
    options = parser.parse_args()
    if options.list:
        for rule in RULES:
            print(f"{rule.__name__}: {rule.__doc__}")
        return 0
    tree = Tree(options.root)
    if options.list_unsafe:
        print("\n".join(sorted(swift_rules.unsafe_places(tree))))
        return 0
    findings = [finding for rule in RULES for finding in rule(tree)]
    for finding in findings:
        print(finding)
    print(f"house rules: {len(RULES)} rules, {len(tree.files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
