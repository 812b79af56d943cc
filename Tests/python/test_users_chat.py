# SPDX-License-Identifier: Apache-2.0
"""The chat of the Users server: rooms, echoes, slow members, and its end."""

import queue
from collections.abc import Iterator

import grpc
import pytest
import users_pb2 as pb
import users_pb2_grpc

from conftest import Connect, Serve
from launch import Server

TIMEOUT_SECONDS = 60
QUEUE_MESSAGES = 1024


@pytest.fixture(params=["1", "4"], ids=["one loop", "four loops"])
def server(request: pytest.FixtureRequest, serve_users: Serve) -> Server:
    return serve_users(":memory:", "--loops", request.param)


class Member:
    """A caller in the chat, over a connection of its own."""

    def __init__(self, channel: grpc.Channel, name: str) -> None:
        self.name = name
        self._outgoing: queue.SimpleQueue[pb.ChatMessage | None] = queue.SimpleQueue()
        stub = users_pb2_grpc.UserServiceStub(channel)
        requests = iter(self._outgoing.get, None)
        self._heard: Iterator[pb.ChatMessage] = stub.ChatStream(requests, timeout=TIMEOUT_SECONDS)

    def say(self, content: str, room: str = "") -> None:
        self._outgoing.put(pb.ChatMessage(sender=self.name, content=content, room=room))

    def join(self, room: str = "") -> "Member":
        self.say("", room)
        assert self.hear().content == ""
        return self

    def hear(self) -> pb.ChatMessage:
        return next(self._heard)

    def leave(self) -> list[str]:
        """Says nothing more; what is heard until the end."""
        self._outgoing.put(None)
        return [message.content for message in self._heard]

    def fail(self) -> grpc.RpcError:
        """Hears until the call fails."""
        with pytest.raises(grpc.RpcError) as caught:
            list(self._heard)
        self._outgoing.put(None)
        return caught.value


@pytest.fixture
def enter(server: Server, connect: Connect) -> "type[Member]":
    return lambda name: Member(connect(server), name)  # type: ignore[return-value]


def test_a_sender_hears_its_own_words_with_room_and_time(enter: type[Member]) -> None:
    ada = enter("ada")
    ada.say("hello")
    heard = ada.hear()
    assert (heard.sender, heard.content, heard.room) == ("ada", "hello", "lobby")
    assert heard.sent_time.seconds > 1_700_000_000
    assert ada.leave() == []


def test_all_of_a_room_hear_the_same_order_and_nobody_else(enter: type[Member]) -> None:
    members = [enter(f"member {number}").join("attic") for number in range(4)]
    outside = enter("outside").join("cellar")
    for number in range(50):
        for member in members:
            member.say(f"{member.name}: {number}", "attic")
    heard = [[member.hear().content for _ in range(200)] for member in members]
    assert all(one == heard[0] for one in heard)
    assert sorted(heard[0]) == sorted(f"{m.name}: {n}" for m in members for n in range(50))
    assert outside.leave() == []


def test_a_message_to_another_room_moves_its_sender(enter: type[Member]) -> None:
    ada, alan = enter("ada").join(), enter("alan").join()
    ada.say("I go", "attic")
    assert ada.hear().room == "attic"
    alan.say("anybody?")
    assert alan.hear().content == "anybody?"
    assert ada.leave() == []
    assert alan.leave() == []


def test_what_was_said_before_leaving_is_still_heard(enter: type[Member]) -> None:
    ada = enter("ada")
    for number in range(5000):
        ada.say(f"{number}")
    assert ada.leave() == [f"{number}" for number in range(5000)]


def test_a_member_that_reads_too_slowly_is_dropped(enter: type[Member]) -> None:
    slow, quick = enter("slow").join(), enter("quick").join()
    # More than the queue, the call's buffer, HTTP/2's window and grpcio's own buffers take.
    for _ in range(4 * QUEUE_MESSAGES):
        quick.say("x" * 4096)
        assert len(quick.hear().content) == 4096
    error = slow.fail()
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "too slowly" in error.details()
    quick.say("still here")
    assert quick.leave() == ["still here"]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (pb.ChatMessage(content="anonymous"), "sender"),
        (pb.ChatMessage(sender="n" * 65), "sender"),
        (pb.ChatMessage(sender="n", content="c" * 4097), "content"),
        (pb.ChatMessage(sender="n", content="\x1b[2J"), "content"),
        (pb.ChatMessage(sender="n", room="r" * 65), "room"),
    ],
)
def test_a_message_outside_its_limits_ends_the_call(
    server: Server, connect: Connect, message: pb.ChatMessage, field: str
) -> None:
    stub = users_pb2_grpc.UserServiceStub(connect(server))
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.ChatStream(iter([message]), timeout=TIMEOUT_SECONDS))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert field in caught.value.details()


def test_a_member_whose_connection_breaks_is_missed_by_nobody(
    server: Server, connect: Connect, enter: type[Member]
) -> None:
    gone = connect(server)
    Member(gone, "gone").join()
    gone.close()
    ada = enter("ada").join()
    ada.say("hello")
    assert ada.hear().content == "hello"


def test_a_shutdown_tells_the_members(server: Server, enter: type[Member]) -> None:
    members = [enter("ada").join(), enter("alan").join("attic")]
    server.terminate()
    for member in members:
        error = member.fail()
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert "shuts down" in error.details()
    assert server.wait() == 0
