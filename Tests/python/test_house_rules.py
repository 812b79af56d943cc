# SPDX-License-Identifier: Apache-2.0
"""Every house rule is shown to find its breach, and to let the right thing pass."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import house_rules
from house import doc_rules, swift_rules, text_rules
from house.swift_text import code_only
from house.tree import Finding, Tree

ROOT = Path(__file__).resolve().parents[2]
Rule = Callable[[Tree], Iterator[Finding]]
SPDX = f"// {text_rules.LICENCE}\n"


def findings(root: Path, rule: Rule, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(rule(Tree(root)))


FORBIDDEN_HOST = "https://" + "py" + "pi.org/simple"
NOTE = "# TO" + "DO: later\n"
MACHINE = "see /ho" + "me/someone/file\n"

BREACHES: list[tuple[Rule, str, str, int]] = [
    (swift_rules.imports, "Sources/AmaruCore/A.swift", "import Swift\nimport Foundation\n", 2),
    (swift_rules.imports, "Sources/AmaruCore/A.swift", "internal import Glibc\n", 1),
    (swift_rules.imports, "Sources/AmaruHTTP/A.swift", "\n\nimport AmaruCore\n", 3),
    (swift_rules.imports, "Sources/AmaruIO/A.swift", "@preconcurrency import CNghttp2\n", 1),
    (swift_rules.imports, "Sources/AmaruCodegen/A.swift", "import struct Foundation.URL\n", 1),
    (swift_rules.imports, "Sources/Surprise/A.swift", "let a = 1\n", 1),
    (swift_rules.unsafe_files, "Sources/Amaru/A.swift", "a\nlet p: UnsafeRawPointer\n", 2),
    (swift_rules.unsafe_files, "Sources/Amaru/A.swift", "struct S: @unchecked Sendable {}\n", 1),
    (swift_rules.unsafe_files, "Sources/Amaru/A.swift", "nonisolated(unsafe) var a = 1\n", 1),
    (swift_rules.unsafe_files, "Sources/Amaru/A.swift", "x.withUnsafeBytes { $0 }\n", 1),
    (swift_rules.unsafe_files, "Sources/Amaru/A.swift", "Unmanaged.passRetained(x)\n", 1),
    (swift_rules.unsafe_files, swift_rules.LIST, "# why\nSources/Amaru/Gone.swift # x\n", 2),
    (swift_rules.no_traps, "Sources/Amaru/A.swift", "a\nb\nfatalError()\n", 3),
    (swift_rules.no_traps, "Sources/Amaru/A.swift", "let a = try! f()\n", 1),
    (swift_rules.no_traps, "Sources/Amaru/A.swift", "precondition(a)\n", 1),
    (swift_rules.no_traps, "Sources/Amaru/A.swift", 'let a = "\\(try! f("x"))"\n', 1),
    (text_rules.licence, "Sources/Amaru/A.swift", "import Swift\n", 1),
    (text_rules.licence, "scripts/a.sh", "#!/usr/bin/env bash\necho\n", 2),
    (text_rules.licence, "Package.swift", "// swift-tools-version: 6.2\nimport X\n", 2),
    (text_rules.length, "Sources/Amaru/A.swift", SPDX + "a\n" * 400, 401),
    (text_rules.leftovers, "scripts/a.py", "\n" + NOTE, 2),
    (text_rules.no_registries, "docs/a.md", FORBIDDEN_HOST, 1),
    (text_rules.no_machine_paths, "docs/a.md", "\n" + MACHINE, 2),
    (doc_rules.links, "docs/a.md", "[a](gone.md)\n", 1),
    (doc_rules.links, "docs/a.md", "# Here\n[a](#there)\n", 2),
    (doc_rules.short_readme, "README.md", "a\n" * 150, 150),
    (doc_rules.snippets, "README.md", "<!-- from: gone.sh -->\n```\na\n```\n", 1),
    (doc_rules.snippets, "README.md", "<!-- from: README.md -->\nno block\n", 1),
    (house_rules.generated_code, "scripts/generate.sh", "echo stale; exit 1\n", 1),
]


@pytest.mark.parametrize(("rule", "path", "text", "line"), BREACHES)
def test_a_breach_is_found_where_it_is(
    tmp_path: Path, rule: Rule, path: str, text: str, line: int
) -> None:
    found = findings(tmp_path, rule, {path: text})
    assert [(finding.path, finding.line) for finding in found] == [(path, line)]
    assert found[0].cure


RIGHT: list[tuple[Rule, str, str]] = [
    (swift_rules.imports, "Sources/AmaruProtocols/A.swift", "package import AmaruHTTP\n"),
    (swift_rules.imports, "Sources/AmaruCore/A.swift", "/* import Glibc */ // import Glibc\n"),
    (swift_rules.imports, "Tests/AmaruCoreTests/A.swift", "import Foundation\n"),
    (swift_rules.unsafe_files, "Sources/Amaru/A.swift", '// Unsafe\nlet a = "withUnsafe"\n'),
    (
        swift_rules.no_traps,
        "Sources/Amaru/A.swift",
        'let a = #"try! \\("# + """\nfatalError(\n"""\n',
    ),
    (swift_rules.no_traps, "Tests/AmaruTests/A.swift", "try! f()\n"),
    (text_rules.licence, "Package.swift", "// swift-tools-version: 6.2\n" + SPDX),
    (text_rules.licence, "docs/a.md", "# A page\n"),
    (text_rules.length, "Sources/Amaru/A.swift", SPDX + "a\n" * 399),
    (text_rules.length, "Tests/Golden/A.swift", "a\n" * 500),
    (text_rules.leftovers, "scripts/a.py", "TODOS = 1\n"),
    (text_rules.no_machine_paths, "docs/a.md", "https://example.org/home/page ./home/x\n"),
    (doc_rules.links, "docs/a.md", "# A `b` page!\n[a](#a-b-page) [b](a.md) [c](https://x.y)\n"),
    (doc_rules.links, "docs/a.md", "```\n[a](gone.md)\n```\n`[a](gone.md)`\n"),
    (doc_rules.short_readme, "README.md", "a\n" * 149),
    (house_rules.generated_code, "scripts/generate.sh", "exit 0\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), RIGHT)
def test_what_is_right_passes(tmp_path: Path, rule: Rule, path: str, text: str) -> None:
    assert findings(tmp_path, rule, {path: text}) == []


def test_a_listed_file_may_be_unsafe(tmp_path: Path) -> None:
    files = {
        "Sources/Amaru/A.swift": "let p: UnsafeRawPointer\n",
        swift_rules.LIST: "Sources/Amaru/A.swift  # C's callbacks\n",
    }
    assert findings(tmp_path, swift_rules.unsafe_files, files) == []


def test_a_snippet_is_compared_with_its_file(tmp_path: Path) -> None:
    page = "<!-- from: demo.py -->\n```python\nprint(1)\nprint(2)\n```\n"
    source = "def f():\n    print(1)\n    print(2)\n"
    assert findings(tmp_path, doc_rules.snippets, {"README.md": page, "demo.py": source}) == []
    changed = findings(tmp_path, doc_rules.snippets, {"demo.py": source.replace("2", "3")})
    assert [finding.line for finding in changed] == [2]


def test_blanking_keeps_every_line_in_its_place() -> None:
    source = 'a /* b\n/* c */ */ d "e\\"f\\(g(")"))h" i\n"""\nj\n""" k // l\n'
    blanked = code_only(source)
    assert [line.split() for line in blanked.splitlines()] == [
        ["a"],
        ["d", "g(", ")", "i"],
        [],
        [],
        ["k"],
    ]
    assert len(blanked) == len(source)


def test_the_program_prints_its_findings_and_fails(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(NOTE)
    command = [sys.executable, str(ROOT / "scripts/house_rules.py"), "--root", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "a.py:1: no SPDX line; begin the file with" in ran.stdout
    assert "2 findings" in ran.stdout
