# SPDX-License-Identifier: Apache-2.0
"""Prints templates and paths with what google.api_core.path_template (PyPI: google-api-core) makes
of them, for PathTableTests.swift: `1 TEMPLATE PATH` when they match, `0 TEMPLATE PATH` when not.

It knows no verbs, and a `**` of its takes at least one segment: such pairs are left out.
"""

import random

from google.api_core import path_template


def template(rng: random.Random) -> str:
    parts = []
    for index in range(rng.randint(1, 5)):
        kind = rng.randrange(8)
        if kind < 3:
            parts.append(rng.choice("abc"))
        elif kind < 5:
            parts.append("*")
        elif kind < 6:
            parts.append(f"{{v{index}}}")
        else:
            inner = "/".join(rng.choice(["a", "b", "*"]) for _ in range(rng.randint(1, 3)))
            parts.append(f"{{v{index}={inner}}}")
    if rng.random() < 0.3:
        parts.append(rng.choice(["**", "{rest=**}", "{rest=a/**}"]))
    return "/" + "/".join(parts)


def path(rng: random.Random, pattern: str) -> str:
    """Most often one that is near to the pattern."""
    plain = pattern.replace("{", "").replace("}", "").replace("=", "/")
    parts = [
        rng.choice("abcx") if part == "*" or part.startswith("v") else part
        for part in plain.split("/")[1:]
        if not part.startswith("v") or rng.random() < 0.3
    ]
    parts = [part for part in parts if part not in ("**", "rest")]
    parts += rng.choices("abx", k=rng.choice([0, 0, 1, 2]))
    if rng.random() < 0.3 and parts:
        parts[rng.randrange(len(parts))] = rng.choice("abcx")
    return "/" + "/".join(parts)


def main() -> None:
    rng = random.Random(6)
    seen = set()
    while len(seen) < 600:
        pattern = template(rng)
        target = path(rng, pattern)
        if "**" in pattern and not target.strip("/"):
            continue
        matches = path_template.validate(pattern, target)
        # Where only an empty `**` would tell them apart.
        if "**" in pattern and path_template.validate(pattern, target + "/z") != matches:
            continue
        seen.add(f"{int(matches)} {pattern} {target}")
    print("\n".join(sorted(seen)))


main()
