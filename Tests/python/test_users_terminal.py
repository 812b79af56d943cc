# SPDX-License-Identifier: Apache-2.0
"""The interactive mode of both Users clients: editing, history, completion, live chat."""

import os
import queue
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
import users_pb2 as pb
import users_pb2_grpc

from conftest import STUBS, USERS, Connect, Serve
from launch import Server
from terminal import (
    BACKSPACE,
    DELETE,
    DOWN,
    END,
    ENTER,
    HOME,
    LEFT,
    RIGHT,
    TAB,
    UP,
    Terminal,
    control,
)

PROMPT = "users> "
PATIENCE_SECONDS = 60

Open = Callable[..., Terminal]


@pytest.fixture
def server(serve_users: Serve) -> Server:
    return serve_users()


@pytest.fixture(params=["swift", "python"])
def open_client(
    request: pytest.FixtureRequest, users_client: Path, server: Server, tmp_path: Path
) -> Iterator[Open]:
    """Starts a client at a terminal of its own; those of one test share a history."""
    clients = {
        "swift": [users_client],
        "python": [sys.executable, USERS / "python/client.py"],
    }
    environment = {
        "USERS_HISTORY": str(tmp_path / "history"),
        "PYTHONPATH": str(STUBS),
        "INPUTRC": os.devnull,
        "USER": "ada",
    }
    yield from _opener([*clients[request.param], "--target", server.target], environment)


@pytest.fixture
def open_swift(users_client: Path, server: Server, tmp_path: Path) -> Iterator[Open]:
    environment = {"USERS_HISTORY": str(tmp_path / "history"), "USER": "ada"}
    yield from _opener([users_client, "--target", server.target], environment)


def _opener(command: list[str | Path], environment: dict[str, str]) -> Iterator[Open]:
    terminals: list[Terminal] = []

    def start(*flags: str, columns: int = 80) -> Terminal:
        words = [*command, *flags, "interactive"]
        terminals.append(Terminal(words, environment=environment, columns=columns))
        terminals[-1].wait_for_line(PROMPT)
        return terminals[-1]

    yield start
    for terminal in terminals:
        with terminal:
            pass


class Speaker:
    """Another caller in the chat."""

    def __init__(self, channel: grpc.Channel, room: str) -> None:
        self._outgoing: queue.SimpleQueue[pb.ChatMessage | None] = queue.SimpleQueue()
        self._room = room
        stub = users_pb2_grpc.UserServiceStub(channel)
        self.heard = stub.ChatStream(iter(self._outgoing.get, None), timeout=PATIENCE_SECONDS)
        self.say("")
        assert next(self.heard).room == room  # It is in.

    def say(self, content: str) -> None:
        self._outgoing.put(pb.ChatMessage(sender="alan", content=content, room=self._room))


def test_keys_edit_the_line(open_client: Open) -> None:
    client = open_client()
    client.press("xxist", LEFT, LEFT, LEFT, BACKSPACE, BACKSPACE, "l")
    client.wait_for(lambda screen: screen.last == PROMPT + "list" and screen.column == 8)
    client.press(control("e"), " 5 6")
    client.wait_for_line(PROMPT + "list 5 6")
    client.press(control("w"), control("w"))
    client.wait_for_line(PROMPT + "list ")
    client.press(HOME, DELETE, RIGHT, control("k"))
    client.wait_for_line(PROMPT + "i")
    client.press(control("u"), "get 77", control("a"), END, ENTER)
    client.wait_for(lambda screen: "NOT_FOUND" in "".join(screen.rows))
    client.wait_for_line(PROMPT)


def test_ctrl_c_gives_the_line_up_and_ctrl_d_leaves(open_client: Open) -> None:
    client = open_client()
    client.press("create nobo")
    client.wait_for_line(PROMPT + "create nobo")
    # A signal in the moment before Python's readline waits for a key is lost until the next one.
    client.press_until(control("c"), lambda screen: screen.last + " " == PROMPT)
    client.wait_for_line(PROMPT)
    client.press(control("d"))
    assert client.wait() == 0
    assert client.is_as_before


def test_history_goes_over_the_end_of_the_program(open_client: Open) -> None:
    client = open_client()
    client.press("get 1", ENTER)
    client.wait_for_line(PROMPT)
    client.press("as ada", ENTER)
    client.wait_for_row("you chat as ada")
    client.wait_for_line(PROMPT)
    client.press("quit", ENTER)
    assert client.wait() == 0
    again = open_client()
    again.press("new", UP, UP, UP)
    again.wait_for_line(PROMPT + "get 1")
    again.press(DOWN)
    again.wait_for_line(PROMPT + "as ada")
    again.press(DOWN, DOWN)
    again.wait_for_line(PROMPT + "new")


def test_tab_completes_commands_and_rooms(open_client: Open) -> None:
    client = open_client()
    client.press("cr", TAB)
    client.wait_for_line(PROMPT + "create ")
    client.press(control("u"), "join attic", ENTER)
    client.wait_for_row("* you are in attic")
    client.wait_for_line(PROMPT)
    client.press("jo", TAB, "at", TAB)
    client.wait_for_line(PROMPT + "join attic ")


def test_tab_lists_what_is_possible(open_client: Open) -> None:
    client = open_client()
    client.press("l", TAB, TAB)
    client.wait_for(lambda screen: any(row.split() == ["leave", "list"] for row in screen.rows))
    client.wait_for_line(PROMPT + "l")


def test_chat_arrives_above_the_line_that_is_being_typed(
    open_client: Open, server: Server, connect: Connect
) -> None:
    client = open_client()
    client.press("join attic", ENTER)
    client.wait_for_row("* you are in attic")
    client.wait_for_line(PROMPT)
    alan = Speaker(connect(server), "attic")
    client.press("say half d", LEFT)
    client.wait_for(lambda screen: screen.last == PROMPT + "say half d" and screen.column == 16)
    for number in range(20):
        alan.say(f"are you there? {number}")
    client.wait_for(lambda screen: any("alan: are you there? 19" in row for row in screen.rows))
    client.wait_for(lambda screen: screen.last == PROMPT + "say half d" and screen.column == 16)
    rows = client.screen.rows
    heard = [row.partition("alan: ")[2] for row in rows if "alan: " in row]
    assert heard == [f"are you there? {number}" for number in range(20)]
    # Nothing of the line was left behind between the messages.
    assert sum("say half" in row for row in rows) == 1
    client.press(control("e"), "one", ENTER)
    assert [next(alan.heard).content for _ in range(21)][-1] == "half done"
    client.wait_for(lambda screen: any("] ada: half done" in row for row in screen.rows))
    client.wait_for_line(PROMPT)


def test_the_chat_says_when_the_server_shuts_down(open_client: Open, server: Server) -> None:
    client = open_client()
    client.press("join", ENTER)
    client.wait_for_row("* you are in lobby")
    server.terminate()
    client.wait_for(lambda screen: any("the chat has ended" in row for row in screen.rows))
    client.wait_for_line(PROMPT)
    assert server.wait() == 0


def test_help_names_the_commands(open_client: Open) -> None:
    client = open_client()
    client.press("help", ENTER)
    for command in ("get ID", "create NAME EMAIL", "join [ROOM]", "say TEXT", "quit"):
        client.wait_for(lambda screen, word=command: any(word in row for row in screen.rows))


def test_a_long_line_shows_the_part_around_the_cursor(open_swift: Open) -> None:
    client = open_swift(columns=20)
    client.press("say 0123456789abcdef")
    client.wait_for_line(PROMPT + "456789abcdef")
    client.press(HOME)
    client.wait_for(lambda screen: screen.last == PROMPT + "say 01234567" and screen.column == 7)


def test_ctrl_c_gives_up_a_call_that_runs(users_client: Path, tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        target = f"127.0.0.1:{silent.getsockname()[1]}"
        environment = {"USERS_HISTORY": str(tmp_path / "history")}
        command = [users_client, "--target", target, "interactive"]
        with Terminal(command, environment=environment) as client:
            client.wait_for_line(PROMPT)
            client.press("get 1", ENTER)
            peer, _ = silent.accept()
            with peer:
                client.press("li", control("c"))
                client.wait_for_row("given up")
                client.wait_for_line(PROMPT + "li")  # What was typed meanwhile is there.


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_puts_the_terminal_back(open_swift: Open, number: int) -> None:
    client = open_swift()
    assert not client.is_as_before
    client.process.send_signal(number)
    assert client.wait() == 0
    assert client.is_as_before


def test_bytes_that_are_no_keys_do_no_harm(open_swift: Open) -> None:
    client = open_swift()
    client.press("\x1b[200~", "\x1b[99;99R", "\x1b", "\x1b", "x", "\0", "get", " é漢")
    client.wait_for(lambda screen: screen.last == PROMPT + "get é漢")
