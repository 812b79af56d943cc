# SPDX-License-Identifier: Apache-2.0
"""`grpc.ServicerContext` of a call over shared memory, for handlers in threads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NoReturn

import grpc

from .._blocking import BlockingServerCall
from ..errors import RpcError
from . import terms

_LOG = logging.getLogger("amaru.grpc")


class Aborted(Exception):
    """Leaves a handler that called `abort`."""


class State:
    """What a handler said about its call's end and its metadata; of both kinds of context."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.code: Any = None
        self.details: Any = None
        self.trailers: Any = ()
        self.is_aborted = False
        self.head_was_sent = False

    def send_head(self, metadata: Any) -> None:
        if self.head_was_sent:
            raise ValueError("Initial metadata no longer allowed!")
        self.head_was_sent = True
        self.call.send_head(terms.wire_metadata(metadata))

    def abort(self, code: Any, details: Any) -> NoReturn:
        # gRPC does not let a call be aborted with OK.
        is_ok = code == grpc.StatusCode.OK
        if is_ok:
            _LOG.error("abort() called with StatusCode.OK; returning UNKNOWN")
        self.code = grpc.StatusCode.UNKNOWN if is_ok else code
        self.details = "" if is_ok else details
        self.is_aborted = True
        raise Aborted

    def finish(self) -> None:
        """Ends the call as the handler said."""
        code = 0 if self.code is None else terms.number_of(self.code)
        details, trailers = terms.split_details(terms.wire_metadata(self.trailers))
        self.call.finish(code, terms.text_of(self.details), details, trailers)

    def fail(self, error: BaseException, what: str) -> None:
        """Ends the call with an exception of the handler, or of what reads and writes for it."""
        if self.is_aborted:
            self.finish()
        elif not self.call.is_active:
            _LOG.debug("%s of a call that had ended: %r", what, error)
            self.call.finish(1, "", b"")
        elif isinstance(error, RpcError):
            code, text, details, metadata = terms.rpc_error_status(error)
            self.call.finish(code, text, details, metadata)
        else:
            _LOG.error(what, exc_info=error)
            code = 2 if self.code is None else terms.number_of(self.code) or 2
            own, trailers = terms.split_details(terms.wire_metadata(self.trailers))
            text = self.details or f"{what} {error}"
            self.call.finish(code, terms.text_of(text), own, trailers)


class Context(grpc.ServicerContext):
    """What grpcio gives its handlers beside the request. Any thread may use it."""

    def __init__(self, call: BlockingServerCall) -> None:
        self.state = State(call)
        self._call = call

    def is_active(self) -> bool:
        return self._call.is_active

    def time_remaining(self) -> float | None:
        return self._call.time_remaining()

    def cancel(self) -> None:
        self._call.finish(1, "Cancelled on the server side", b"")

    def add_callback(self, callback: Callable[[], None]) -> bool:
        def run() -> None:
            try:
                callback()
            except Exception:
                _LOG.exception("a callback failed")

        return self._call.when_ended(run)

    def invocation_metadata(self) -> Any:
        return terms.given_metadata(self._call.call.metadata)

    def peer(self) -> str:
        return self._call.call.peer

    def peer_identities(self) -> Any:
        return None

    def peer_identity_key(self) -> str | None:
        return None

    def auth_context(self) -> Any:
        return {}

    def set_compression(self, compression: Any) -> None:
        """Nothing is compressed in shared memory."""

    def disable_next_message_compression(self) -> None:
        """Nothing is compressed in shared memory."""

    def send_initial_metadata(self, initial_metadata: Any) -> None:
        self.state.send_head(initial_metadata)

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        self.state.trailers = tuple(trailing_metadata or ())

    def trailing_metadata(self) -> Any:
        return self.state.trailers

    def abort(self, code: Any, details: Any) -> NoReturn:
        self.state.abort(code, details)

    def abort_with_status(self, status: Any) -> NoReturn:
        self.state.trailers = tuple(status.trailing_metadata or ())
        self.state.abort(status.code, status.details)

    def set_code(self, code: Any) -> None:
        self.state.code = code

    def set_details(self, details: Any) -> None:
        self.state.details = details

    def code(self) -> Any:
        return self.state.code

    def details(self) -> Any:
        return self.state.details
