# SPDX-License-Identifier: Apache-2.0
"""What a call can end with: codes, errors, and the details that travel with them."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Metadata = tuple[tuple[str, str | bytes], ...]


class StatusCode(enum.IntEnum):
    """gRPC's status codes, with gRPC's numbers."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


@dataclass(frozen=True)
class FieldViolation:
    """One field of a request that is not as it should be (`google.rpc.BadRequest`)."""

    field: str  # a dotted path, such as `user.name` or `items.0.price`; empty: the whole request
    description: str


@dataclass(frozen=True)
class BadRequest:
    """All fields of a request that are wrong."""

    violations: tuple[FieldViolation, ...] = ()


@dataclass(frozen=True)
class ErrorInfo:
    """The kind of an error, for programs: a Python exception's type name in the domain `python`."""

    reason: str
    domain: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DebugInfo:
    """Where an error came from. Sent only by an endpoint that was made with `debug=True`."""

    stack_entries: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class AnyDetail:
    """A detail of another type, as its bytes."""

    type_url: str
    value: bytes


Detail = BadRequest | ErrorInfo | DebugInfo | AnyDetail


class RpcError(Exception):
    """A call that did not end with OK.

    A handler raises one to choose code, message and details; any other exception ends its call with
    UNKNOWN. A client raises one for each call that fails.

    `details` are those of this module, or any protobuf message that the protobuf package made.
    """

    def __init__(
        self,
        code: StatusCode | int,
        message: str = "",
        *,
        details: Iterable[Any] = (),
        metadata: Metadata = (),
    ) -> None:
        super().__init__(code, message)
        self.code = StatusCode(code)
        self.message = message
        self.details = tuple(details)
        self.metadata = metadata  # what came, or is to be sent, behind the last message

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"

    @property
    def violations(self) -> tuple[FieldViolation, ...]:
        """The fields that the server refused."""
        found = (detail.violations for detail in self.details if isinstance(detail, BadRequest))
        return tuple(violation for violations in found for violation in violations)

    @property
    def info(self) -> ErrorInfo | None:
        """The first `ErrorInfo`."""
        return next((detail for detail in self.details if isinstance(detail, ErrorInfo)), None)


class RemoteError(RpcError):
    """An exception that a Python handler raised, seen by its caller."""

    @property
    def type(self) -> str:
        """The name of the exception's type."""
        return self.info.reason if self.info else ""

    @property
    def traceback(self) -> str | None:
        """The handler's traceback, when its endpoint has `debug=True`."""
        for detail in self.details:
            if isinstance(detail, DebugInfo):
                return "".join(detail.stack_entries)
        return None

    def __str__(self) -> str:
        return f"{self.code.name}: {self.type}: {self.message}"


def invalid_argument(
    message: str, violations: Iterable[FieldViolation] = (), *, reason: str = "ValidationError"
) -> RpcError:
    """The error of arguments that do not fit."""
    details: list[Detail] = [ErrorInfo(reason, PYTHON)]
    if found := tuple(violations):
        details.append(BadRequest(found))
    return RpcError(StatusCode.INVALID_ARGUMENT, message, details=details)


PYTHON = "python"
