# SPDX-License-Identifier: Apache-2.0
"""Rules about the documentation: links resolve, the README is short, snippets are real."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from house.tree import File, Finding, Tree

README_LINES = 150
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FROM = re.compile(r"^\s*<!--\s*from:\s*(\S+)\s*-->\s*$")
FENCE = re.compile(r"^\s*(```+|~~~+)")


def _prose(file: File) -> Iterator[tuple[int, str]]:
    """The numbered lines outside fenced code, without code spans."""
    fence = None
    for number, line in enumerate(file.lines, 1):
        if match := FENCE.match(line):
            if fence is None:
                fence = match[1]
            elif match[1].startswith(fence):
                fence = None
        elif fence is None:
            yield number, re.sub(r"`[^`]*`", "", line)


def _anchors(file: File) -> set[str]:
    """The anchors that a forge makes of the headings."""
    found: set[str] = set()
    fence = False
    for line in file.lines:
        if FENCE.match(line):
            fence = not fence
        elif not fence and (match := re.match(r"#{1,6}\s+(.*?)\s*#*$", line)):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1])
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            count = 0
            while (slug if not count else f"{slug}-{count}") in found:
                count += 1
            found.add(slug if not count else f"{slug}-{count}")
    return found


def links(tree: Tree) -> Iterator[Finding]:
    """Every relative link in a Markdown file leads to a file, and its anchor to a heading."""
    files = {file.path: file for file in tree.files}
    for file in tree.sources(".md"):
        for number, line in _prose(file):
            for match in LINK.finditer(line):
                target, _, anchor = match[1].partition("#")
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                place = (tree.root / file.path).parent / unquote(target)
                if target and not place.exists():
                    problem = f"the link {match[1]} leads nowhere"
                    yield Finding(file.path, number, problem, "correct its path")
                    continue
                path = place.resolve().relative_to(tree.root.resolve()).as_posix()
                page = files.get(path) if target else file
                if anchor and page and page.suffix == ".md" and anchor not in _anchors(page):
                    problem = f"no heading #{anchor} in {page.path}"
                    yield Finding(file.path, number, problem, "correct the anchor")


def short_readme(tree: Tree) -> Iterator[Finding]:
    """The README at the root stays under 150 lines."""
    for file in tree.files:
        if file.path == "README.md" and len(file.lines) >= README_LINES:
            problem = f"{len(file.lines)} lines, fewer than {README_LINES} are wanted"
            yield Finding(file.path, README_LINES, problem, "move the rest to docs/ and link it")


def snippets(tree: Tree) -> Iterator[Finding]:
    """A code block under `<!-- from: path -->` is that file, or lines of it in one piece."""
    for file in tree.sources(".md"):
        lines = file.lines
        for index, line in enumerate(lines):
            if not (match := FROM.match(line)):
                continue
            source = tree.root / match[1]
            if not source.is_file():
                yield Finding(file.path, index + 1, f"no file {match[1]}", "correct the path")
                continue
            block = _block_after(lines, index + 1)
            if block is None:
                cure = "put the fenced block on the next line"
                yield Finding(file.path, index + 1, "no code block follows", cure)
            elif not _holds(source, block):
                cure = f"copy the lines of {match[1]} as they are now"
                yield Finding(file.path, index + 2, "the snippet is not in its file", cure)


def _block_after(lines: list[str], start: int) -> list[str] | None:
    if start >= len(lines) or not (fence := FENCE.match(lines[start])):
        return None
    block: list[str] = []
    for line in lines[start + 1 :]:
        if line.strip() == fence[1]:
            return block
        block.append(line)
    return None


def _holds(source: Path, block: list[str]) -> bool:
    """Whether the lines of `block` stand in the file in one piece, whatever their indentation."""
    wanted = textwrap.dedent("\n".join(block)).strip("\n").split("\n")
    lines = source.read_text(encoding="utf-8").splitlines()
    for start in range(len(lines) - len(wanted) + 1):
        piece = textwrap.dedent("\n".join(lines[start : start + len(wanted)])).split("\n")
        if [line.rstrip() for line in piece] == [line.rstrip() for line in wanted]:
            return True
    return False
