# SPDX-License-Identifier: Apache-2.0
"""Rules about the Swift sources: who imports what, where unsafe code is, what may not be there."""

import re
from collections.abc import Iterator

from house.swift_text import code_only
from house.tree import File, Finding, Tree

# What a module may import, apart from the toolchain's own modules in EVERYWHERE.
MAY_IMPORT: dict[str, set[str]] = {
    "AmaruProtobuf": set(),
    "AmaruMessagePack": set(),
    "AmaruCore": {"AmaruProtobuf"},
    "AmaruHTTP": {"CNghttp2", "Glibc"},
    "AmaruProtocols": {"AmaruCore", "AmaruProtobuf", "AmaruHTTP", "CZlib"},
    "AmaruIO": {"CAmaruLinux", "Glibc"},
    "AmaruTLS": {"AmaruCore", "AmaruIO", "COpenSSL", "Glibc"},
    "AmaruSharedMemory": {"AmaruCore", "CAmaruLinux"},
    "AmaruPython": {"AmaruCore", "AmaruSharedMemory", "CAmaruLinux", "CPythonABI", "Glibc"},
    "Amaru": {
        "AmaruProtobuf",
        "AmaruMessagePack",
        "AmaruCore",
        "AmaruHTTP",
        "AmaruProtocols",
        "AmaruIO",
        "AmaruTLS",
        "AmaruSharedMemory",
    },
    "AmaruCodegen": {"AmaruProtobuf"},
    "protoc-gen-amaru": {"AmaruCodegen", "AmaruProtobuf", "Foundation", "Glibc"},
    "amaru": {"Amaru", "AmaruProtobuf", "Glibc"},
}
EVERYWHERE = {"Swift", "Synchronization"}

IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)]*\))?\s+)*"
    r"(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)",
    re.MULTILINE,
)
UNSAFE = re.compile(r"\b\w*[uU]nsafe\w*|\bUnmanaged\b|@unchecked\b|\bexclusivity\(unchecked\)")
TRAPS = re.compile(r"\bfatalError\(|\btry!|\bprecondition\(|\bpreconditionFailure\(")


def _matches(file: File, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    code = code_only(file.text)
    for match in pattern.finditer(code):
        # An import's match begins with the blanks before it.
        yield code.count("\n", 0, match.end()) + 1, match


def _swift_sources(tree: Tree) -> Iterator[tuple[File, str]]:
    for file in tree.sources(".swift"):
        if file.module:
            yield file, file.module


def imports(tree: Tree) -> Iterator[Finding]:
    """A module imports only what the architecture allows it."""
    for file, module in _swift_sources(tree):
        if module not in MAY_IMPORT:
            cure = "name it and its imports in MAY_IMPORT of scripts/house/swift_rules.py"
            yield Finding(file.path, 1, f"the module {module} is not known", cure)
            continue
        allowed = MAY_IMPORT[module] | EVERYWHERE
        for line, match in _matches(file, IMPORT):
            if match[1] not in allowed:
                names = ", ".join(sorted(MAY_IMPORT[module])) or "nothing"
                cure = f"it may import {names}: move this code to a module that may"
                yield Finding(file.path, line, f"{module} imports {match[1]}", cure)


def unsafe_places(tree: Tree) -> dict[str, int]:
    """The Swift sources with unsafe code, each with the line of the first."""
    places: dict[str, int] = {}
    for file, _ in _swift_sources(tree):
        for line, _match in _matches(file, UNSAFE):
            places.setdefault(file.path, line)
    return places


LIST = "scripts/unsafe_files.txt"


def unsafe_files(tree: Tree) -> Iterator[Finding]:
    """Unsafe code stands only in the listed files, and every listed file has some."""
    present = unsafe_places(tree)
    listed: dict[str, int] = {}
    for file in tree.files:
        if file.path == LIST:
            for number, text in enumerate(file.lines, 1):
                if path := text.split("#")[0].strip():
                    listed[path] = number
    for path, line in present.items():
        if path not in listed:
            cure = f"write it without, or add the file with its reason to {LIST}"
            yield Finding(path, line, "unsafe code in a file that is not listed", cure)
    for path, line in listed.items():
        if path not in present:
            yield Finding(LIST, line, f"{path} has no unsafe code", "take it off the list")


def no_traps(tree: Tree) -> Iterator[Finding]:
    """Nothing in Sources ends the process on purpose."""
    for file, _ in _swift_sources(tree):
        for line, match in _matches(file, TRAPS):
            cure = "throw or return an error: a peer must not be able to end the process"
            yield Finding(file.path, line, f"{match[0].rstrip('(')} in Sources", cure)
