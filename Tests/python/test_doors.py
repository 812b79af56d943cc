# SPDX-License-Identifier: Apache-2.0
"""The same behaviour through every door. What a door cannot do stands in docs/doors.md too."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doors_pb2 import Failure, Letter
from google.rpc.error_details_pb2 import BadRequest

from certificates import Authority
from conftest import ROOT
from doors import table
from doors.door import Behaviour, Door, Outcome, Place, Plan
from doors.every import DOORS, HAS_CONNECTRPC
from launch import Server, free_port

LIMIT_BYTES = 64 << 10
SECRET = b"the doors' secret, of 32 bytes and more"
TESTS: dict[Behaviour, Callable[[Door], None]] = {}


@pytest.fixture(scope="module")
def place(door_tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    authority = Authority(tmp_path_factory.mktemp("doors") / "authority")
    flags = authority.issue("server").flags
    serve = [door_tool, "serve", "--port"]
    with (
        Server([*serve, str(free_port())]) as plain,
        Server([*serve, str(free_port()), *flags]) as secure,
    ):
        port = secure.target.rpartition(":")[2]
        yield Place(door_tool, plain.target, f"localhost:{port}", authority.pem)


@pytest.fixture(scope="module")
def open_door(place: Place) -> Iterator[Callable[[Door], None]]:
    opened: list[Door] = []

    def open_once(door: Door) -> None:
        if door not in opened:
            door.open(place)
            opened.append(door)

    yield open_once
    for door in opened:
        door.close()


@pytest.mark.parametrize(
    ("door", "behaviour"),
    [
        pytest.param(door, behaviour, id=f"{door.name}-{behaviour.name.lower()}")
        for door in DOORS
        for behaviour in Behaviour
        if behaviour not in door.cannot
    ],
)
def test_every_door(open_door: Callable[[Door], None], door: Door, behaviour: Behaviour) -> None:
    open_door(door)
    TESTS[behaviour](door)


def test_of(behaviour: Behaviour) -> Callable[[Callable[[Door], None]], Callable[[Door], None]]:
    def note(test: Callable[[Door], None]) -> Callable[[Door], None]:
        TESTS[behaviour] = test
        return test

    return note


test_of.__test__ = False  # type: ignore[attr-defined]


def texts(outcome: Outcome) -> list[str]:
    return [letter.text for letter in outcome.letters]


def numbers(outcome: Outcome) -> list[int]:
    return [letter.count for letter in outcome.letters]


def letters(*texts: str) -> list[Letter]:
    return [Letter(text=text) for text in texts]


@test_of(Behaviour.UNARY)
def unary(door: Door) -> None:
    sent = Letter(text="h\u00e9llo \U0001f600", data=bytes(range(256)), count=-(2**60))
    sent.enclosed.add(text="inner")
    for request in (sent, Letter()):
        outcome = door.call(Plan("Echo", [request]))
        assert (outcome.code, len(outcome.letters)) == ("OK", 1)
        answer = outcome.letters[0]
        assert answer.HasField("seen")
        answer.ClearField("seen")
        assert answer == request


@test_of(Behaviour.CLIENT_STREAM)
def client_stream(door: Door) -> None:
    outcome = door.call(Plan("Join", letters("a", "b", "", "c")))
    assert (outcome.code, texts(outcome), numbers(outcome)) == ("OK", ["abc"], [4])
    outcome = door.call(Plan("Join", []))
    assert (outcome.code, texts(outcome), numbers(outcome)) == ("OK", [""], [0])


@test_of(Behaviour.SERVER_STREAM)
def server_stream(door: Door) -> None:
    outcome = door.call(Plan("Repeat", [Letter(text="a", count=300)]))
    assert (outcome.code, numbers(outcome)) == ("OK", list(range(300)))
    outcome = door.call(Plan("Repeat", [Letter()]))
    assert (outcome.code, outcome.letters) == ("OK", [])


@test_of(Behaviour.BIDIRECTIONAL)
def bidirectional(door: Door) -> None:
    sent = [str(number) for number in range(100)]
    outcome = door.call(Plan("Talk", letters(*sent)))
    assert (outcome.code, texts(outcome)) == ("OK", sent)


@test_of(Behaviour.IN_TURN)
def in_turn(door: Door) -> None:
    sent = [str(number) for number in range(20)]
    outcome = door.call(Plan("Talk", letters(*sent), in_turn=True))
    assert (outcome.code, texts(outcome)) == ("OK", sent)


FAILURE = Failure(code=5, message="50% of \u00e9lan: \u2026", fields=["name", "name.first"])


def assert_failure(outcome: Outcome) -> None:
    assert (outcome.code, outcome.message) == ("NOT_FOUND", FAILURE.message)
    assert len(outcome.details) == 1
    detail = BadRequest()
    assert outcome.details[0].Unpack(detail)
    assert [violation.field for violation in detail.field_violations] == list(FAILURE.fields)


@test_of(Behaviour.ERROR)
def error(door: Door) -> None:
    outcome = door.call(Plan("Fail", [Letter(failure=FAILURE)]))
    assert outcome.letters == []
    assert_failure(outcome)
    for code, name in ((3, "INVALID_ARGUMENT"), (1, "CANCELLED"), (16, "UNAUTHENTICATED")):
        outcome = door.call(Plan("Fail", [Letter(failure=Failure(code=code))]))
        assert (outcome.code, outcome.details) == (name, [])


@test_of(Behaviour.LATE_ERROR)
def late_error(door: Door) -> None:
    outcome = door.call(Plan("FailLater", [Letter(failure=FAILURE)]))
    assert_failure(outcome)
    # A letter that the client has is followed by the error; gRPC may let the error overtake some.
    outcome = door.call(Plan("FailLater", [Letter(count=3, failure=FAILURE)]))
    assert numbers(outcome) == list(range(len(outcome.letters)))
    assert_failure(outcome)


@test_of(Behaviour.DEADLINE)
def deadline(door: Door) -> None:
    outcome = door.call(Plan("Echo", timeout=50))
    assert (outcome.code, len(outcome.letters)) == ("OK", 1)
    # grpcio asks for a little more than it was told.
    assert 0 < outcome.letters[0].seen.remaining_ms < 51_000
    assert not door.call(Plan("Echo")).letters[0].seen.HasField("remaining_ms")
    # On a busy machine a call may be over before it has arrived; then it gets more time.
    for timeout in (0.1, 1, 10):
        key = str(uuid.uuid4())
        outcome = door.call(Plan("Hold", letters(key), timeout=timeout))
        assert outcome.code == "DEADLINE_EXCEEDED"
        if noted(door, f"cancelled {key}", timeout=5):
            return
    raise AssertionError("the handler was not cancelled")


def noted(door: Door, text: str, timeout: float | None = None) -> bool:
    """Waits until the service has noted the text."""
    return door.call(Plan("Noted", letters(text), timeout=timeout)).code == "OK"


@test_of(Behaviour.CANCELLATION)
def cancellation(door: Door) -> None:
    key = str(uuid.uuid4())
    running = door.start(Plan("Hold", letters(key)))
    assert noted(door, f"began {key}")
    running.cancel()
    assert noted(door, f"cancelled {key}")
    assert running.outcome().letters == []


@test_of(Behaviour.STREAM_CANCELLATION)
def stream_cancellation(door: Door) -> None:
    key = str(uuid.uuid4())
    running = door.start(Plan("HoldStream", letters(key)))
    assert noted(door, f"began {key}")
    running.cancel()
    assert noted(door, f"cancelled {key}")
    running.outcome()


@test_of(Behaviour.METADATA)
def metadata(door: Door) -> None:
    sent = [("x-echo", "one"), ("x-echo-other", 'a, b; c="d" %41 ~'), ("x-echo", "two")]
    outcome = door.call(Plan("Echo", metadata=sent))
    assert outcome.code == "OK"
    for name in ("x-echo", "x-echo-other"):
        wanted = [value for key, value in sent if key == name]
        assert [value for key, value in outcome.initial if key == name] == wanted


@test_of(Behaviour.BINARY_METADATA)
def binary_metadata(door: Door) -> None:
    sent = [("x-echo-bin", bytes(range(256))), ("x-trail-bin", b"\0"), ("x-echo-empty-bin", b"")]
    outcome = door.call(Plan("Echo", metadata=sent))
    assert outcome.code == "OK"
    assert sent[0] in outcome.initial
    assert sent[1] in outcome.trailing
    assert sent[2] in outcome.initial


@test_of(Behaviour.TRAILERS)
def trailers(door: Door) -> None:
    sent = [("x-trail", "one"), ("x-trail", "two")]
    outcome = door.call(Plan("Echo", metadata=sent))
    assert outcome.code == "OK"
    assert [pair for pair in outcome.trailing if pair[0] == "x-trail"] == sent
    assert [pair for pair in outcome.initial if pair[0] == "x-trail"] == []
    failed = door.call(Plan("Fail", [Letter(failure=FAILURE)], sent))
    assert_failure(failed)
    assert [pair for pair in failed.trailing if pair[0] == "x-trail"] == sent


@test_of(Behaviour.LIMIT)
def limit(door: Door) -> None:
    empty = len(door.encode(Letter(text="x" * 30_000))) - 30_000
    text = "x" * (LIMIT_BYTES - empty)
    assert len(door.encode(Letter(text=text))) == LIMIT_BYTES
    outcome = door.call(Plan("Echo", letters(text)))
    assert (outcome.code, texts(outcome)) == ("OK", [text])
    outcome = door.call(Plan("Echo", letters(text + "x")))
    assert (outcome.code, outcome.letters) == ("RESOURCE_EXHAUSTED", [])
    assert str(LIMIT_BYTES) in outcome.message
    assert door.call(Plan("Echo")).code == "OK"


@test_of(Behaviour.COMPRESSED_REQUEST)
def compressed_request(door: Door) -> None:
    sent = letters("x" * 5000)
    outcome = door.call(Plan("Echo", sent, compresses=True))
    assert (outcome.code, texts(outcome)) == ("OK", ["x" * 5000])
    assert outcome.letters[0].seen.was_compressed
    outcome = door.call(Plan("Echo", sent))
    assert (outcome.code, outcome.letters[0].seen.was_compressed) == ("OK", False)


@test_of(Behaviour.COMPRESSED_RESPONSE)
def compressed_response(door: Door) -> None:
    for asked in (True, False):
        outcome = door.call(Plan("Echo", [Letter(text="x" * 5000, compresses=asked)]))
        assert (outcome.code, texts(outcome)) == ("OK", ["x" * 5000])
        assert outcome.was_compressed in (None, asked)


@test_of(Behaviour.INTERCEPTORS)
def interceptors(door: Door) -> None:
    outcome = door.call(Plan("Echo"))
    assert (outcome.code, ran(outcome)) == ("OK", ["outer", "inner"])
    outcome = door.call(Plan("Echo", metadata=[("x-refuse", "outer")]))
    assert (outcome.code, outcome.message) == ("PERMISSION_DENIED", "outer refuses")
    assert ran(outcome) == ["outer"]
    outcome = door.call(Plan("Echo", metadata=[("x-refuse", "inner")]))
    assert (outcome.code, outcome.message) == ("PERMISSION_DENIED", "inner refuses")
    assert ran(outcome) == ["outer", "inner"]


def ran(outcome: Outcome) -> list[str]:
    """The interceptors that ran. gRPC may have only trailers where there is no message."""
    beside = outcome.initial or outcome.trailing
    return [str(value) for name, value in beside if name == "x-interceptor"]


@test_of(Behaviour.TOKENS)
def tokens(door: Door) -> None:
    outcome = door.call(Plan("Secret"))
    assert (outcome.code, outcome.letters) == ("UNAUTHENTICATED", [])
    good, old = token(expires_in=3600), token(expires_in=-3600)
    outcome = door.call(Plan("Secret", metadata=[("authorization", f"Bearer {good}")]))
    assert (outcome.code, texts(outcome)) == ("OK", ["anna"])
    for bad in (old, good[:-4] + "AAAA"):
        outcome = door.call(Plan("Secret", metadata=[("authorization", f"Bearer {bad}")]))
        assert (outcome.code, outcome.letters) == ("UNAUTHENTICATED", [])
        assert outcome.details[0].type_url.endswith("google.rpc.ErrorInfo")


def token(*, expires_in: int) -> str:
    claims = {"sub": "anna", "exp": int(time.time()) + expires_in}
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.digest(SECRET, signed, hashlib.sha256)
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


@test_of(Behaviour.UNKNOWN_METHOD)
def unknown_method(door: Door) -> None:
    outcome = door.call(Plan("Missing"))
    assert (outcome.code, outcome.letters) == ("UNIMPLEMENTED", [])
    assert "Missing" in outcome.message


@pytest.mark.skipif(not HAS_CONNECTRPC, reason="connectrpc is not installed")
def test_the_documentation_has_the_same_table() -> None:
    text = (ROOT / "docs/doors.md").read_text()
    for wanted in (table.behaviours(), table.clients()):
        assert wanted in text, f"docs/doors.md is out of date; it should have:\n{wanted}"
