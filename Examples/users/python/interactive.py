# SPDX-License-Identifier: Apache-2.0
"""The interactive mode: commands with editing, history and completion, and a live chat."""

import ctypes
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
from user_client import UserClient, explain

from demo import printable, show, show_chat

try:
    import readline
except ImportError:  # A Python without it still reads lines.
    readline = None  # type: ignore[assignment]

PROMPT = "users> "
HISTORY_LINES = 1000
MOST_UNSHOWN = 1000
# What was said and not sent yet; who says more waits.
MOST_UNSENT = 256
# How long a chat that is left may show nothing new before it is given up.
LEAVE_SECONDS = 10
LEAVE = None

HELP = """\
  get ID                        one user
  create NAME EMAIL             a new user; the last word is the email
  list [LIMIT] [AFTER]          users by id
  batch NAME EMAIL, ...         several new users in one call
  as NAME                       the name that you chat under
  join [ROOM]                   enter a room of the chat (lobby)
  say TEXT                      speak in the room
  leave                         leave the chat
  help                          this
  quit                          end (also Ctrl-D)"""


class Chat:
    """A call of ChatStream that goes on in the background."""

    def __init__(self, client: UserClient, lines: "Lines") -> None:
        self._outgoing: queue.Queue[dict[str, str] | None] = queue.Queue(MOST_UNSENT)
        self._lines = lines
        self._target = client.target
        self._shown = 0
        self.is_over = False
        self._call = client.chat_stream(iter(self._outgoing.get, LEAVE))
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def say(self, sender: str, room: str, content: str) -> None:
        """Says something; waits while the server takes nothing."""
        self._put({"sender": sender, "room": room, "content": content})

    def leave(self) -> bool:
        """Says nothing more, and waits for what was said; false when that does not come."""
        self._put(LEAVE)
        shown = -1
        while self._listener.is_alive() and shown != self._shown:
            shown = self._shown
            self._listener.join(timeout=LEAVE_SECONDS)
        return not self._listener.is_alive()

    def _put(self, item: dict[str, str] | None) -> None:
        while not self.is_over:
            try:
                self._outgoing.put(item, timeout=0.1)
                break
            except queue.Full:
                continue

    def _listen(self) -> None:
        try:
            for message in self._call:
                joined = f"* you are in {printable(message.room)}"
                self._lines.show(show_chat(message) if message.content else joined)
                self._shown += 1
        except grpc.RpcError as error:
            self._lines.show(f"* the chat has ended: {explain(error, self._target)}")
        self.is_over = True
        # grpcio's thread that takes from the queue ends, too.
        while not self._outgoing.empty():
            self._outgoing.get_nowait()
        self._outgoing.put(LEAVE)


class Lines:
    """Prints lines above the one that is being typed.

    Another thread hands them over and sends this process a signal, whose handler Python runs in the
    main thread between two keys: readline is never used by two threads.
    """

    def __init__(self) -> None:
        self._waiting: queue.Queue[str] = queue.Queue(MOST_UNSHOWN)
        self._is_prompting = False
        self._is_printing = False
        self._is_terminal = sys.stdin.isatty() and sys.stdout.isatty() and readline is not None
        if not self._is_terminal:
            return
        signal.signal(signal.SIGUSR1, lambda *_: self._print_above())
        readline.set_pre_input_hook(self._prompt_is_there)
        # What Python's module does not offer of the C library that it uses.
        self._library = ctypes.CDLL(getattr(readline, "__file__", None))
        needed = ("rl_clear_visible_line", "rl_forced_update_display")
        self._can_redraw = all(hasattr(self._library, name) for name in needed)

    def show(self, line: str) -> None:
        """Prints a line; from any thread. A thousand lines that nobody could print yet wait."""
        if not self._is_terminal:
            print(line, flush=True)
            return
        self._waiting.put(line)
        os.kill(os.getpid(), signal.SIGUSR1)
        # Readline does not wake for a signal that came a moment before it began to wait for a key.
        pause = 0.001
        while self._is_prompting and not self._waiting.empty():
            time.sleep(pause)
            pause = min(pause * 2, 0.1)
            os.kill(os.getpid(), signal.SIGUSR1)

    def ask(self) -> str:
        """The next line that is typed; EOFError at the end."""
        if not self._is_terminal:
            line = sys.stdin.readline()
            if not line:
                raise EOFError
            return line.rstrip("\n")
        self.print_waiting()
        try:
            return input(PROMPT)
        finally:
            self._is_prompting = False

    def print_waiting(self) -> None:
        """Prints what came while there was no prompt."""
        while not self._waiting.empty():
            print(self._waiting.get_nowait())

    def _prompt_is_there(self) -> None:
        self._is_prompting = True
        self._print_above()

    def _print_above(self) -> None:
        # Without a prompt the main thread may be printing itself: the lines wait for the next one.
        while self._is_prompting and not self._is_printing and not self._waiting.empty():
            self._is_printing = True  # The next signal may come in the middle of this.
            self._erase()
            self.print_waiting()
            sys.stdout.flush()
            self._redraw()
            self._is_printing = False

    def _erase(self) -> None:
        if self._can_redraw:
            self._library.rl_clear_visible_line()
            ctypes.CDLL(None).fflush(None)
        else:
            print("\r\x1b[K", end="")

    def _redraw(self) -> None:
        if self._can_redraw:
            self._library.rl_forced_update_display()
        else:
            print(PROMPT + readline.get_line_buffer(), end="", flush=True)


class Interactive:
    """Reads commands and carries them out until `quit`, Ctrl-D or the end of the input."""

    def __init__(self, client: UserClient) -> None:
        self._client = client
        self._lines = Lines()
        self._chat: Chat | None = None
        self._name = printable(os.environ.get("USER", "guest"))[:32]
        self._room = "lobby"
        self._rooms = {"lobby"}
        self._has_failed = False
        self._commands = {
            "get": self._get,
            "create": self._create,
            "list": self._list,
            "batch": self._batch,
            "as": self._as,
            "join": self._join,
            "say": self._say,
            "leave": self._leave,
            "help": lambda _: print(HELP),
        }

    def run(self) -> int:
        self._prepare_editing()
        print(f"talking to {self._client.target}; `help` lists the commands")
        while True:
            try:
                line = self._lines.ask().strip()
            except EOFError:
                print()
                break
            except KeyboardInterrupt:  # Ctrl-C gives the line up, not the program.
                print("^C")
                continue
            if line in ("quit", "exit"):
                break
            if line:
                self._carry_out(line)
        self._leave("")
        self._lines.print_waiting()
        # At a terminal a person has seen what failed.
        return 1 if self._has_failed and not sys.stdin.isatty() else 0

    def _carry_out(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        command = self._commands.get(word)
        try:
            line.encode()
            if command:
                command(rest.strip())
            else:
                self._failed(f"{printable(word)} is not a command; `help` lists them")
        except UnicodeEncodeError:
            self._failed("the line is not valid UTF-8")
        except ValueError as error:
            self._failed(str(error))
        except grpc.RpcError as error:
            self._failed(explain(error, self._client.target))
        except KeyboardInterrupt:
            self._failed("given up")

    def _failed(self, text: str) -> None:
        print(text)
        self._has_failed = True

    def _get(self, rest: str) -> None:
        print(show(self._client.get_user(_number(rest, "get ID"))))

    def _create(self, rest: str) -> None:
        print(show(self._client.create_user(**_name_and_email(rest))))

    def _list(self, rest: str) -> None:
        numbers = [_number(word, "list [LIMIT] [AFTER]") for word in rest.split()[:2]]
        count = 0
        for user in self._client.list_users(*numbers):
            print(show(user))
            count += 1
        print(f"{count} users")

    def _batch(self, rest: str) -> None:
        users = [_name_and_email(part) for part in rest.split(",")]
        response = self._client.create_users_batch(users)
        for user in response.users:
            print(f"created  {show(user)}")
        for failure in response.failures:
            print(f"refused  {users[failure.index]['email']}: {failure.message}")

    def _as(self, rest: str) -> None:
        self._name = rest or self._name
        print(f"you chat as {self._name}")

    def _join(self, rest: str) -> None:
        self._room = rest or "lobby"
        self._rooms.add(self._room)
        self._speak("")

    def _say(self, rest: str) -> None:
        if not rest:
            raise ValueError("usage: say TEXT")
        self._speak(rest)

    def _speak(self, content: str) -> None:
        if not self._chat or self._chat.is_over:
            self._chat = Chat(self._client, self._lines)
        self._chat.say(self._name, self._room, content)

    def _leave(self, _: str) -> None:
        if self._chat and not self._chat.leave():
            self._failed("the server does not answer: what was said last may be lost")
        self._chat = None

    def _prepare_editing(self) -> None:
        if readline is None or not sys.stdin.isatty():
            return
        history = Path(os.environ.get("USERS_HISTORY", "~/.amaru-users-python")).expanduser()
        try:
            readline.read_history_file(history)
        except OSError:
            try:
                history.touch(mode=0o600, exist_ok=True)
            except OSError as error:
                print(f"no history is kept: {history}: {error.strerror}", file=sys.stderr)
                history = Path(os.devnull)
        readline.set_history_length(HISTORY_LINES)
        readline.set_completer(self._complete)
        readline.set_completer_delims(" ")
        readline.parse_and_bind("tab: complete")
        # Written at each line, so that a sudden end loses none.
        readline.set_startup_hook(lambda: readline.write_history_file(history))

    def _complete(self, text: str, state: int) -> str | None:
        candidates = list(self._candidates(text))
        return candidates[state] if state < len(candidates) else None

    def _candidates(self, text: str) -> Iterator[str]:
        line = readline.get_line_buffer()[: readline.get_begidx()].split()
        if not line:
            words = [*self._commands, "quit"]
        else:
            words = sorted(self._rooms) if line == ["join"] else []
        return (word + " " for word in words if word.startswith(text))


def _number(text: str, usage: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"usage: {usage}") from None


def _name_and_email(text: str) -> dict[str, str]:
    name, _, email = text.strip().rpartition(" ")
    if not name:
        raise ValueError("a name and an email are wanted: create Ada Lovelace ada@example.com")
    return {"name": name.strip(), "email": email}
