# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/doors.md, made from what the doors say. Run it to see them:

PYTHONPATH=scripts:Tests/python:.cache/test-stubs .venv/bin/python -m doors.table
"""

from doors.door import Behaviour
from doors.every import DOORS


def families() -> list[str]:
    return list(dict.fromkeys(door.family for door in DOORS))


def behaviours() -> str:
    """A line for each behaviour, a column for each family; a number stands for a reason."""
    reasons: list[str] = []
    lines = [row("", *families()), row(*["---"] * (len(families()) + 1))]
    for behaviour in Behaviour:
        cells = []
        for family in families():
            found = [door.cannot.get(behaviour) for door in DOORS if door.family == family]
            assert len(set(found)) == 1, f"the doors of {family} differ in {behaviour}"
            reason = found[0]
            if reason and reason not in reasons:
                reasons.append(reason)
            cells.append(f"no ({reasons.index(reason) + 1})" if reason else "yes")
        lines.append(row(behaviour.value, *cells))
    return "\n".join([*lines, "", *(f"{n}. {text}" for n, text in enumerate(reasons, 1))])


def clients() -> str:
    """The clients of each family."""
    lines = [row("door", "clients"), row("---", "---")]
    for family in families():
        names = [f"`{door.name}`" for door in DOORS if door.family == family]
        lines.append(row(family, ", ".join(names)))
    return "\n".join(lines)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(behaviours(), clients(), sep="\n\n")
