# SPDX-License-Identifier: Apache-2.0
"""What a door is: a way to make a call of `doors.v1.Doors`, and to see all that comes of it."""

import base64
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from doors_pb2 import DESCRIPTOR, Letter
from google.protobuf.any_pb2 import Any
from grpc import StatusCode

SERVICE = DESCRIPTOR.services_by_name["Doors"]
CODES = {code.value[0]: code.name for code in StatusCode}
PATIENCE_SECONDS = 60

Value = str | bytes


class Behaviour(Enum):
    """What is tested through every door; the value is its line in docs/doors.md."""

    UNARY = "unary calls"
    CLIENT_STREAM = "client streams"
    SERVER_STREAM = "server streams"
    BIDIRECTIONAL = "bidirectional streams"
    IN_TURN = "sending while receiving"
    ERROR = "errors with details"
    LATE_ERROR = "errors behind messages"
    DEADLINE = "deadlines"
    CANCELLATION = "cancellation of a unary call"
    STREAM_CANCELLATION = "cancellation of a stream"
    METADATA = "metadata"
    BINARY_METADATA = "binary metadata"
    TRAILERS = "trailers"
    LIMIT = "the limit of a message"
    COMPRESSED_REQUEST = "compressed requests"
    COMPRESSED_RESPONSE = "compressed responses"
    INTERCEPTORS = "interceptors"
    TOKENS = "bearer tokens"
    UNKNOWN_METHOD = "an unknown method"


STREAMS = (
    Behaviour.CLIENT_STREAM,
    Behaviour.SERVER_STREAM,
    Behaviour.BIDIRECTIONAL,
    Behaviour.IN_TURN,
    Behaviour.LATE_ERROR,
    Behaviour.STREAM_CANCELLATION,
)


@dataclass(frozen=True)
class Plan:
    """A call to make. The timeout is in seconds."""

    method: str
    letters: Sequence[Letter] = (Letter(),)
    metadata: Sequence[tuple[str, Value]] = ()
    timeout: float | None = None
    compresses: bool = False
    # Whether each letter but the first waits for the answer to the one before.
    in_turn: bool = False

    @property
    def path(self) -> str:
        return f"/{SERVICE.full_name}/{self.method}"

    @property
    def is_client_stream(self) -> bool:
        method = SERVICE.methods_by_name.get(self.method)
        return method is not None and method.client_streaming

    @property
    def is_server_stream(self) -> bool:
        method = SERVICE.methods_by_name.get(self.method)
        return method is not None and method.server_streaming


@dataclass
class Outcome:
    """What became of a call. Of the metadata only what the tests make is kept: `x-...`."""

    letters: list[Letter] = field(default_factory=list)
    code: str = "OK"
    message: str = ""
    details: list[Any] = field(default_factory=list)
    initial: list[tuple[str, Value]] = field(default_factory=list)
    trailing: list[tuple[str, Value]] = field(default_factory=list)
    # None where the client does not tell.
    was_compressed: bool | None = None


class Running:
    """A call that runs, in a thread of its own."""

    def __init__(self, work: Callable[[Outcome], None], cancel: Callable[[], None]) -> None:
        self._outcome = Outcome()
        self._failure: BaseException | None = None
        self._is_cancelled = False
        self._cancel = cancel
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[Outcome], None]) -> None:
        try:
            work(self._outcome)
        except BaseException as failure:
            self._failure = failure

    def cancel(self) -> None:
        self._is_cancelled = True
        self._cancel()

    def outcome(self) -> Outcome:
        """Waits for the end. What a client raises for a call that it cancelled does not count."""
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the call does not end"
        if self._is_cancelled:
            self._outcome.code = "CANCELLED"
        elif self._failure:
            raise self._failure
        return self._outcome


@dataclass(frozen=True)
class Place:
    """Where the server is: in plaintext and over TLS, with the authority of its certificate."""

    tool: Path
    plain: str
    secure: str
    authority: Path


class Door:
    """A client that comes by one door. A new one is a subclass, and instances in `every.py`."""

    # The column in docs/doors.md.
    family: str
    name: str
    # What the door has not by its specification, with the reason.
    cannot: Mapping[Behaviour, str] = {}

    def open(self, place: Place) -> None:
        raise NotImplementedError

    def start(self, plan: Plan) -> Running:
        raise NotImplementedError

    def call(self, plan: Plan) -> Outcome:
        return self.start(plan).outcome()

    def encode(self, letter: Letter) -> bytes:
        """The message as this door sends it."""
        return letter.SerializeToString()

    def close(self) -> None:
        """Ends what the door has open."""


def fields_of(metadata: Iterable[tuple[str, Value]]) -> list[tuple[str, str]]:
    """Metadata as fields of HTTP: binary values in base64, without padding."""
    return [
        (name, value if isinstance(value, str) else base64.b64encode(value).decode().rstrip("="))
        for name, value in metadata
    ]


def metadata_of(fields: Iterable[tuple[str, str]]) -> list[tuple[str, Value]]:
    """The test's own entries among fields of HTTP."""
    found: list[tuple[str, Value]] = []
    for name, value in fields:
        if not name.startswith("x-"):
            continue
        if name.endswith("-bin"):
            parts = [part.strip() for part in value.split(",")]
            found += [(name, base64.b64decode(part + "=" * (-len(part) % 4))) for part in parts]
        else:
            found.append((name, value))
    return found
