# SPDX-License-Identifier: Apache-2.0
"""A program at a terminal: what it writes becomes a screen, what is typed reaches it as keys."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
ENTER, TAB, BACKSPACE = "\r", "\t", "\x7f"
PATIENCE_SECONDS = 60
SEQUENCE = re.compile(r"\x1b(?:\[([0-9;?]*)([@-~])|[@-Z\\^_=>])")


def control(letter: str) -> str:
    """What the control key makes of a letter."""
    return chr(ord(letter.upper()) & 0x1F)


class Screen:
    """The rows that a terminal would show, without an end below; what line editors send."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._rows: list[list[str]] = [[]]
        self.row = self.column = 0
        self._rest = ""

    @property
    def rows(self) -> list[str]:
        return ["".join(row).rstrip() for row in self._rows]

    @property
    def last(self) -> str:
        """The row of the cursor."""
        return self.rows[self.row]

    def feed(self, text: str) -> None:
        text = self._rest + text
        self._rest = ""
        position = 0
        while position < len(text):
            if text[position] == "\x1b":
                found = SEQUENCE.match(text, position)
                if not found:
                    self._rest = text[position:]
                    return
                self._sequence(found[1] or "", found[2] or "")
                position = found.end()
            else:
                self._character(text[position])
                position += 1

    def _character(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._move_down()
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif character >= " ":
            if self.column == self.columns:
                self.column = 0
                self._move_down()
            row = self._rows[self.row]
            row += [" "] * (self.column + 1 - len(row))
            row[self.column] = character
            self.column += 1

    def _move_down(self) -> None:
        self.row += 1
        if self.row == len(self._rows):
            self._rows.append([])

    def _sequence(self, parameters: str, final: str) -> None:
        number = int(parameters) if parameters.isdigit() else 1
        row = self._rows[self.row]
        if final == "A":
            self.row = max(0, self.row - number)
        elif final == "C":
            self.column += number
        elif final == "D":
            self.column = max(0, self.column - number)
        elif final == "K":
            del row[self.column :]
        elif final == "P":
            del row[self.column : self.column + number]
        elif final == "@":
            row[self.column : self.column] = [" "] * number
        elif final == "J":
            del row[self.column :]
            del self._rows[self.row + 1 :]
        elif final == "H":
            self.row = self.column = 0


class Terminal:
    """A process with a terminal of its own. Leaving the `with` block ends it."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        columns: int = 80,
    ) -> None:
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._before = termios.tcgetattr(self._slave)
        self.screen = Screen(columns)
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            # Its controlling terminal, so that Ctrl-C becomes a signal.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "TERM": "xterm", **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with contextlib.suppress(OSError):
            while data := os.read(self._master, 4096):
                with self._changed:
                    self.screen.feed(decoder.decode(data))
                    self._changed.notify_all()

    def press(self, *keys: str) -> None:
        os.write(self._master, "".join(keys).encode())

    def press_until(self, key: str, shown: Callable[[Screen], Any]) -> None:
        """Presses a key as a person does whose program takes no notice: again."""
        for _ in range(PATIENCE_SECONDS):
            self.press(key)
            with self._changed:
                if self._changed.wait_for(lambda: shown(self.screen), timeout=1):
                    return
        self.wait_for(shown)

    def wait_for(self, shown: Callable[[Screen], Any]) -> None:
        """Waits until the screen is as wanted."""
        with self._changed:
            if not self._changed.wait_for(lambda: shown(self.screen), PATIENCE_SECONDS):
                said = "\n  ".join(self.screen.rows)
                raise AssertionError(f"the screen never became as wanted; it is\n  {said}")

    def wait_for_row(self, text: str) -> None:
        """Waits until one of the rows is `text`."""
        self.wait_for(lambda screen: text in screen.rows)

    def wait_for_line(self, text: str) -> None:
        """Waits until `text` is the row of the cursor, which stands behind it."""
        self.wait_for(lambda screen: screen.last == text.rstrip() and screen.column == len(text))

    def wait(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal has the settings that it had before the program."""
        return termios.tcgetattr(self._slave) == self._before

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._slave)  # The reader's next read fails: nobody has the other end.
        self._reader.join(PATIENCE_SECONDS)
        os.close(self._master)
