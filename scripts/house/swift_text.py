# SPDX-License-Identifier: Apache-2.0
"""Blanks comments and string literals in Swift source, so that rules see code only."""


def code_only(source: str) -> str:
    """Returns `source` with comments and literals replaced by spaces; lines stay in place."""
    return _Blanker(source).run()


class _Blanker:
    def __init__(self, source: str) -> None:
        self.source = source
        self.out = list(source)
        self.at = 0

    def run(self) -> str:
        self._code(closing=None)
        return "".join(self.out)

    def _blank(self, end: int) -> None:
        for index in range(self.at, min(end, len(self.source))):
            if self.out[index] != "\n":
                self.out[index] = " "
        self.at = end

    def _code(self, closing: str | None) -> None:
        """Walks over code up to the parenthesis that closes an interpolation, or the end."""
        depth = 0
        while self.at < len(self.source):
            char = self.source[self.at]
            if self.source.startswith("//", self.at):
                end = self.source.find("\n", self.at)
                self._blank(len(self.source) if end < 0 else end)
            elif self.source.startswith("/*", self.at):
                self._block_comment()
            elif char == '"' or (char == "#" and self._hashes_before_quote()):
                self._string()
            elif char == closing and depth == 0:
                return
            else:
                depth += (char == "(") - (char == ")")
                self.at += 1

    def _hashes_before_quote(self) -> bool:
        end = self.at
        while self.source.startswith("#", end):
            end += 1
        return self.source.startswith('"', end)

    def _block_comment(self) -> None:
        depth = 0
        end = self.at
        while end < len(self.source):
            pair = self.source[end : end + 2]
            depth += (pair == "/*") - (pair == "*/")
            end += 2 if pair in ("/*", "*/") else 1
            if depth == 0:
                break
        self._blank(end)

    def _string(self) -> None:
        hashes = 0
        while self.source[self.at + hashes] == "#":
            hashes += 1
        quotes = 3 if self.source.startswith('"""', self.at + hashes) else 1
        close = '"' * quotes + "#" * hashes
        escape = "\\" + "#" * hashes
        self._blank(self.at + hashes + quotes)
        while self.at < len(self.source):
            if self.source.startswith(close, self.at):
                self._blank(self.at + len(close))
                return
            if self.source.startswith(escape + "(", self.at):
                self._blank(self.at + len(escape) + 1)
                self._code(closing=")")
                self._blank(self.at + 1)
            elif self.source.startswith(escape, self.at):
                self._blank(self.at + len(escape) + 1)
            elif quotes == 1 and self.source[self.at] == "\n":
                return
            else:
                self._blank(self.at + 1)
