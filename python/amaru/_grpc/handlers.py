# SPDX-License-Identifier: Apache-2.0
"""What both servers share: which handler answers a method, and where it listens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .. import _native
from .._connection import SCHEME
from . import terms


class CallDetails(NamedTuple):
    """What interceptors and generic handlers see of a call before it is answered."""

    method: str
    invocation_metadata: Any


Handler = Any  # a grpc.RpcMethodHandler
Pipeline = Callable[[CallDetails], Any]


class Handlers:
    """The handlers that `add_XServicer_to_server` added."""

    def __init__(self, generic: Iterable[Any] | None) -> None:
        self.generic: list[Any] = list(generic or ())
        self.registered: dict[str, Handler] = {}

    def add_generic(self, handlers: Iterable[Any]) -> None:
        handlers = tuple(handlers)
        for each in handlers:
            if not hasattr(each, "service"):
                raise AttributeError(f"{each!r} has no method `service`")
        self.generic.extend(handlers)

    def add_registered(self, service: str, handlers: Mapping[str, Handler]) -> None:
        self.registered.update(
            {f"/{service}/{method}": handler for method, handler in handlers.items()}
        )

    def find(self, details: CallDetails) -> Handler | None:
        """The handler of a call, registered ones first; None when there is none."""
        if (handler := self.registered.get(details.method)) is not None:
            return handler
        for generic in self.generic:
            if (handler := generic.service(details)) is not None:
                return handler
        return None


def details_of(call: _native.ServerCall) -> CallDetails:
    return CallDetails("/" + call.method, terms.given_metadata(call.metadata))


def name_of(address: str) -> str | None:
    """The name in `shm:NAME`; None for an address that is gRPC's own."""
    return address.removeprefix(SCHEME) if address.startswith(SCHEME) else None


def listen(name: str, options: terms.Options, most: int | None) -> _native.Listener:
    """A listener of that name. RuntimeError, as grpcio, when another process has it."""
    try:
        return _native.Listener(
            name,
            max_message_bytes=terms.max_message_bytes(options),
            max_concurrent_calls=most or 1000,
        )
    except OSError as error:
        raise RuntimeError(f"Failed to bind to address {SCHEME}{name}: {error}") from error


def check_interceptors(interceptors: Sequence[Any] | None, kind: type) -> list[Any]:
    for each in interceptors or ():
        if not isinstance(each, kind):
            raise ValueError(f"{each!r} is no {kind.__module__}.{kind.__qualname__}")
    return list(interceptors or ())


def behaviour(handler: Handler) -> Callable[..., Any]:
    """The handler's own function."""
    if handler.request_streaming:
        return handler.stream_stream if handler.response_streaming else handler.stream_unary
    return handler.unary_stream if handler.response_streaming else handler.unary_unary
