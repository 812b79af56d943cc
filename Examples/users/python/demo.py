# SPDX-License-Identifier: Apache-2.0
"""The demo: each kind of RPC once, the mistakes that a server must refuse, answers checked."""

import secrets
from collections.abc import Callable

import grpc
import users_pb2 as pb
from user_client import UserClient


class UnexpectedAnswer(Exception):
    """The server answered otherwise than the contract says."""


def run_demo(client: UserClient) -> None:
    """Calls everything, and prints what came.

    Raises UnexpectedAnswer, and grpc.RpcError when a call fails that should not.
    """
    run = secrets.token_hex(4)  # Emails are unique: no earlier run has these.
    ada = _unary(client, run)
    _client_streaming(client, run)
    _server_streaming(client, ada)
    _bidirectional(client, run)
    _errors(client, ada)
    print("\nAll answers were as the contract says.")


def _unary(client: UserClient, run: str) -> pb.UserResponse:
    _title("Unary: CreateUser and GetUser")
    created = client.create_user("Ada Lovelace", f"ada-{run}@example.com")
    print(f"  created  {show(created)}")
    found = client.get_user(created.id)
    print(f"  found    {show(found)}")
    _check(found == created, "GetUser does not return what CreateUser did")
    return created


def _client_streaming(client: UserClient, run: str) -> None:
    _title("Client streaming: CreateUsers, with one that cannot be created")
    users = [
        {"name": "Alan Turing", "email": f"alan-{run}@example.com"},
        {"name": "Nobody", "email": "no email"},
        {"name": "Grace Hopper", "email": f"grace-{run}@example.com"},
    ]
    response = client.create_users_batch(users)
    for user in response.users:
        print(f"  created  {show(user)}")
    for failure in response.failures:
        print(f"  refused  request {failure.index}: {failure.message}")
    _check(len(response.users) == 2, "two of the three should have been created")
    _check([failure.index for failure in response.failures] == [1], "the second should have failed")


def _server_streaming(client: UserClient, ada: pb.UserResponse) -> None:
    _title("Server streaming: ListUsers")
    users = list(client.list_users(limit=3, after_id=ada.id - 1))
    for user in users:
        print(f"  {show(user)}")
    _check(users[:1] == [ada] and len(users) == 3, "ListUsers did not send the three just created")


def _bidirectional(client: UserClient, run: str) -> None:
    _title("Bidirectional streaming: ChatStream")
    room = f"demo-{run}"
    said = ["Hello!", "How are you?", "Goodbye."]
    messages = [{"sender": "Python", "content": content, "room": room} for content in said]
    heard = []
    for message in client.chat_stream(messages):
        print(f"  {show_chat(message)}")
        heard.append(message.content)
    _check(heard == said, "the chat did not return what was said")


def _errors(client: UserClient, ada: pb.UserResponse) -> None:
    _title("Calls that must fail")
    codes = grpc.StatusCode
    unknown = ada.id + 1_000_000
    _expect(codes.NOT_FOUND, "an unknown id", lambda: client.get_user(unknown))
    _expect(codes.ALREADY_EXISTS, "a taken email", lambda: client.create_user("A", ada.email))
    _expect(codes.INVALID_ARGUMENT, "two wrong fields", lambda: client.create_user("", "a@b"))
    _expect(codes.INVALID_ARGUMENT, "a limit too high", lambda: list(client.list_users(1001)))


def _expect(code: grpc.StatusCode, what: str, call: Callable[[], object]) -> None:
    try:
        answer = call()
    except grpc.RpcError as error:
        if error.code() is not code:
            raise
        print(f"  {what}: {code.name}, {error.details()!r}")
        return
    raise UnexpectedAnswer(f"{what}: {code.name} was expected, the answer is {answer!r}")


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise UnexpectedAnswer(otherwise)


def _title(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}")


def show(user: pb.UserResponse) -> str:
    """A user in one line."""
    created = user.created_time.ToDatetime().strftime("%Y-%m-%d %H:%M:%S")
    return f"{user.id:>5}  {printable(user.name)} <{printable(user.email)}>, since {created} UTC"


def show_chat(message: pb.ChatMessage) -> str:
    """A message of the chat, as a person sees it."""
    time = message.sent_time.ToDatetime().strftime("%H:%M:%S")
    content = printable(message.content)
    return f"[{printable(message.room)} {time}] {printable(message.sender)}: {content}"


def printable(text: str) -> str:
    """The text without what would steer the terminal; others wrote it."""
    return "".join(char if char.isprintable() else "?" for char in text.replace("\n", " / "))
