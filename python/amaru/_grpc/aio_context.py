# SPDX-License-Identifier: Apache-2.0
"""`grpc.aio.ServicerContext` of a call over shared memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import grpc
from grpc import aio

from .._asynchronous import AsyncServerCall
from ..errors import RpcError
from . import terms
from .context import State
from .server import read_request, write_response


class AioContext(aio.ServicerContext):
    """What grpc.aio gives its handlers beside the request. Confined to the server's loop."""

    def __init__(self, call: AsyncServerCall) -> None:
        self.state = State(call)
        self.handler: Any = None
        self._call = call
        self._callbacks: list[Callable[[Any], None]] = []
        call.on_end.append(self._run_callbacks)

    async def read(self) -> Any:
        """The next request, or `grpc.aio.EOF`."""
        try:
            message = await self._call.receive()
        except RpcError as error:
            raise aio.InternalError(str(error)) from None
        if message is None:
            return aio.EOF
        return read_request(message, self.handler.request_deserializer)

    async def write(self, message: Any) -> None:
        if self.state.is_aborted:
            raise aio.AbortError("the call was aborted")
        await self._call.send(write_response(message, self.handler.response_serializer))

    async def requests(self) -> Any:
        """The requests of a client stream."""
        while (request := await self.read()) is not aio.EOF:
            yield request

    async def send_initial_metadata(self, initial_metadata: Any) -> None:
        self.state.send_head(initial_metadata)

    async def abort(self, code: Any, details: str = "", trailing_metadata: Any = ()) -> NoReturn:
        if self.state.is_aborted:
            raise aio.UsageError("Abort already called!")
        if trailing_metadata:
            self.state.trailers = tuple(trailing_metadata)
        self.state.abort(code, details)

    async def abort_with_status(self, status: Any) -> NoReturn:
        await self.abort(status.code, status.details, status.trailing_metadata)

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        self.state.trailers = tuple(trailing_metadata or ())

    def trailing_metadata(self) -> Any:
        return self.state.trailers

    def invocation_metadata(self) -> Any:
        return terms.given_metadata(self._call.call.metadata)

    def set_code(self, code: Any) -> None:
        self.state.code = code

    def set_details(self, details: str) -> None:
        self.state.details = details

    def code(self) -> Any:
        return self.state.code

    def details(self) -> Any:
        return self.state.details or ""

    def set_compression(self, compression: grpc.Compression) -> None:
        """Nothing is compressed in shared memory."""

    def disable_next_message_compression(self) -> None:
        """Nothing is compressed in shared memory."""

    def peer(self) -> str:
        return self._call.call.peer

    def peer_identities(self) -> Any:
        return None

    def peer_identity_key(self) -> str | None:
        return None

    def auth_context(self) -> Any:
        return {}

    def time_remaining(self) -> Any:
        return self._call.time_remaining()

    def add_done_callback(self, callback: Any) -> None:
        if self.done():
            self._call.driver.loop.call_soon(callback, self)
        else:
            self._callbacks.append(callback)

    def cancelled(self) -> bool:
        return self._call.call.is_cancelled

    def done(self) -> bool:
        return not self._call.is_active

    def _run_callbacks(self) -> None:
        for callback in self._callbacks:
            self._call.driver.loop.call_soon(callback, self)
        self._callbacks.clear()
