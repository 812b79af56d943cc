# SPDX-License-Identifier: Apache-2.0
"""The files that the rules look at, and what a rule reports."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CODE = {".swift", ".c", ".h", ".cc", ".cpp", ".py", ".pyi", ".sh", ".proto", ".js", ".mjs"}
CODE_NAMES = {"Makefile", "run"}
IGNORED_FOLDERS = {".git", ".build", ".venv", ".cache", "__pycache__", "node_modules"}
MADE_BY_A_PROGRAM = (
    *("/golden", "/generated/", ".amaru.swift", ".pb.swift"),
    *("_pb2.py", "_pb2_grpc.py", "_pb2.pyi"),
)
# Contracts that others own, kept as they publish them.
FROM_OTHERS = ("/proto/", "/conformance/sources/amaru-conformance/")


@dataclass(frozen=True)
class Finding:
    """One breach of a rule: where it is, what it is and how it is put right."""

    path: str
    line: int
    problem: str
    cure: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}; {self.cure}"


@dataclass(frozen=True)
class File:
    """One file of the tree, by its path from the root."""

    root: Path
    path: str

    @property
    def suffix(self) -> str:
        return Path(self.path).suffix

    @property
    def is_code(self) -> bool:
        return self.suffix in CODE or Path(self.path).name in CODE_NAMES

    @property
    def is_generated(self) -> bool:
        """Whether nobody of us wrote it: a program did, or it is another project's contract."""
        path = f"/{self.path}".lower()
        copied = self.suffix == ".proto" and path.startswith(FROM_OTHERS)
        return copied or any(mark in path for mark in MADE_BY_A_PROGRAM)

    @property
    def module(self) -> str | None:
        """The Swift module of a file in Sources, None elsewhere."""
        parts = Path(self.path).parts
        return parts[1] if len(parts) > 2 and parts[0] == "Sources" else None

    @cached_property
    def text(self) -> str:
        """The contents; empty for a file that is not UTF-8 text."""
        try:
            return (self.root / self.path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class Tree:
    """All files that are tracked or would be added; without git, all that are not built."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = [File(root, path) for path in sorted(self._paths())]

    def _paths(self) -> Iterator[str]:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        if (self.root / ".git").exists():
            listed = subprocess.run(command, cwd=self.root, capture_output=True, check=True)
            names = [name for name in listed.stdout.decode().split("\0") if name]
            yield from (name for name in names if (self.root / name).is_file())
            return
        for path in self.root.rglob("*"):
            relative = path.relative_to(self.root)
            if path.is_file() and not IGNORED_FOLDERS & set(relative.parts):
                yield relative.as_posix()

    def sources(self, *suffixes: str) -> Iterator[File]:
        """The files with one of these suffixes that a person wrote."""
        for file in self.files:
            if file.suffix in suffixes and not file.is_generated:
                yield file
