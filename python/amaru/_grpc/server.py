# SPDX-License-Identifier: Apache-2.0
"""`amaru.server()`: a grpc.Server whose clients may also come through shared memory."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import grpc

from .._blocking import BlockingServerCall
from ..errors import RpcError
from . import terms
from .context import Context
from .handlers import (
    CallDetails,
    Handlers,
    Pipeline,
    behaviour,
    check_interceptors,
    details_of,
    listen,
    name_of,
)
from .port import Port

_LOG = logging.getLogger("amaru.grpc")


def server(
    thread_pool: Executor | None = None,
    handlers: Sequence[Any] | None = None,
    interceptors: Sequence[Any] | None = None,
    options: terms.Options = None,
    maximum_concurrent_rpcs: int | None = None,
    compression: Any = None,
    *,
    name: str | None = None,
) -> grpc.Server:
    """The same as `grpc.server`, for `add_XServicer_to_server`.

    name: clients in this machine reach it with `amaru.shared_memory_channel(name)`. So does
    `add_insecure_port("shm:NAME")`. Other addresses are served as by `grpc.server`, with the same
    handlers, interceptors and threads.
    """
    made = Server(
        thread_pool, handlers, interceptors, options, maximum_concurrent_rpcs, compression
    )
    if name is not None:
        made.listen(name)
    return made


class Server(grpc.Server):
    """Handlers run in the thread pool; one thread for each name reads and writes."""

    def __init__(
        self,
        thread_pool: Executor | None,
        handlers: Sequence[Any] | None,
        interceptors: Sequence[Any] | None,
        options: terms.Options,
        maximum_concurrent_rpcs: int | None,
        compression: Any,
    ) -> None:
        self._owns_pool = thread_pool is None
        self._pool = thread_pool or ThreadPoolExecutor(thread_name_prefix="amaru-handler")
        self._handlers = Handlers(handlers)
        self._interceptors = check_interceptors(interceptors, grpc.ServerInterceptor)
        self._options = options
        self._most = maximum_concurrent_rpcs
        self._compression = compression
        self._ports: list[Port] = []
        self._sockets: grpc.Server | None = None
        self._calls: set[BlockingServerCall] = set()
        self._lock = threading.Lock()
        self._is_started = False
        self._is_stopping = False
        self._end_time = 0.0
        self._ended = threading.Event()

    def add_generic_rpc_handlers(self, generic_rpc_handlers: Any) -> None:
        self._handlers.add_generic(generic_rpc_handlers)
        if self._sockets is not None:
            self._sockets.add_generic_rpc_handlers(tuple(generic_rpc_handlers))

    def add_registered_method_handlers(self, service_name: str, method_handlers: Any) -> None:
        self._handlers.add_registered(service_name, method_handlers)
        if self._sockets is not None:
            self._sockets.add_registered_method_handlers(service_name, method_handlers)

    def add_insecure_port(self, address: str) -> int:
        """`shm:NAME`, or an address that `grpc.server` takes; the port, 1 for a name."""
        if (name := name_of(address)) is None:
            return self._over_sockets().add_insecure_port(address)
        self.listen(name)
        return 1

    def add_secure_port(self, address: str, server_credentials: Any) -> int:
        """As of `grpc.server`; shared memory needs no TLS, for only this user can connect."""
        if name_of(address) is not None:
            raise ValueError("shared memory has no credentials: use add_insecure_port")
        return self._over_sockets().add_secure_port(address, server_credentials)

    def listen(self, name: str) -> None:
        """Takes a name. RuntimeError when another process has it."""
        if self._is_started:
            raise ValueError("Cannot add port to started server!")
        listener = listen(name, self._options, self._most)
        self._ports.append(Port(listener, self._pool, self._admit, self._answer))

    def start(self) -> None:
        if self._is_started:
            raise ValueError("Cannot start already-started server!")
        self._is_started = True
        for port in self._ports:
            port.start()
        if self._sockets is not None:
            self._sockets.start()

    def stop(self, grace: float | None) -> threading.Event:
        """No new calls; the event is set when those that run have ended or were cancelled."""
        end_time = time.monotonic() + (grace or 0)
        with self._lock:
            is_first, self._is_stopping = not self._is_stopping, True
            # A second stop may shorten the time, not lengthen it.
            self._end_time = end_time if is_first else min(end_time, self._end_time)
        for port in self._ports if not self._ended.is_set() else ():
            port.stop(self._end_time)
        sockets = self._sockets.stop(grace) if self._sockets is not None else None
        if is_first:
            threading.Thread(target=self._wait_for_end, args=(sockets,), daemon=True).start()
        return self._ended

    def wait_for_termination(self, timeout: float | None = None) -> bool:
        """Blocks until the server stops; whether the time was over first."""
        if not self._is_started:
            raise ValueError("the server was not started")
        # A wait without an end would keep a signal from its handler on some systems.
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ended.is_set():
            left = 3600.0 if end is None else end - time.monotonic()
            if left <= 0:
                return True
            self._ended.wait(left)
        return False

    def __del__(self) -> None:
        for port in getattr(self, "_ports", ()):
            if not self._is_started and not self._is_stopping:
                port.close()

    def _over_sockets(self) -> grpc.Server:
        if self._sockets is None:
            self._sockets = grpc.server(
                self._pool, self._handlers.generic, self._interceptors, self._options,
                self._most, self._compression,
            )  # fmt: skip
            for path, handler in self._handlers.registered.items():
                _, service, method = path.split("/")
                self._sockets.add_registered_method_handlers(service, {method: handler})
        return self._sockets

    def _wait_for_end(self, sockets: threading.Event | None) -> None:
        for port in self._ports:
            port.join()
        with self._lock:
            running = list(self._calls)
        for call in running:
            call.finish(14, "the server is shutting down", b"")
        for port in self._ports:
            port.close()
        if sockets is not None:
            sockets.wait()
        if self._owns_pool:
            self._pool.shutdown(wait=False)
        self._ended.set()

    # The threads of the ports

    def _admit(self, call: BlockingServerCall) -> bool:
        with self._lock:
            if self._most is None or len(self._calls) < self._most:
                self._calls.add(call)
                return True
        call.finish(8, "Concurrent RPC limit exceeded!", b"")
        return False

    # The threads of the pool

    def _answer(self, call: BlockingServerCall, before_waiting: Callable[[], None]) -> None:
        context = Context(call)
        try:
            if not call.is_active:
                return
            handler = self._find(details_of(call.call))
            if handler is None:
                call.finish(12, "Method not found!", b"")
            else:
                if handler.request_streaming or handler.response_streaming:
                    before_waiting()
                run_handler(call, context, handler)
        except BaseException as error:
            context.state.fail(error, "Exception calling application:")
        finally:
            self._ended_call(call)

    def _ended_call(self, call: BlockingServerCall) -> None:
        with self._lock:
            self._calls.discard(call)
        if self._is_stopping:
            for port in self._ports:
                port.wake()

    def _find(self, details: CallDetails) -> Any:
        if not self._interceptors:
            return self._handlers.find(details)
        return pipeline(self._interceptors, self._handlers.find)(details)


def run_handler(call: BlockingServerCall, context: Context, handler: Any) -> None:
    """Answers a call on this thread. What the handler raised leaves it."""
    if handler.request_streaming:
        argument: Any = Requests(call, handler.request_deserializer)
    else:
        argument = _only_request(call, handler.request_deserializer)
    function = behaviour(handler)
    if handler.response_streaming:
        for response in function(argument, context):
            if not call.is_active:
                return
            call.send(write_response(response, handler.response_serializer))
    else:
        response = function(argument, context)
        if call.is_active and (response is not None or not context.state.code):
            call.send(write_response(response, handler.response_serializer))
    if call.is_active:
        context.state.finish()


class Requests(Iterator[Any]):
    """The requests of a client stream. Ends with `amaru.RpcError`, a `grpc.RpcError`, on
    cancellation.
    """

    def __init__(self, call: BlockingServerCall, deserialize: Any) -> None:
        self._call = call
        self._deserialize = deserialize

    def __next__(self) -> Any:
        try:
            message = self._call.receive()
        except RpcError as error:
            raise grpc.RpcError(str(error)) from None
        if message is None:
            raise StopIteration
        return read_request(message, self._deserialize)

    next = __next__


def read_request(message: Any, deserialize: Any) -> Any:
    """A request as its handler takes it. INTERNAL when it is no such message, as from grpcio."""
    try:
        return terms.transform(deserialize, terms.as_bytes(message))
    except Exception as error:
        _LOG.exception("Exception deserializing request!")
        raise RpcError(13, "Exception deserializing request!") from error


def _only_request(call: BlockingServerCall, deserialize: Any) -> Any:
    message = call.receive()
    if message is None:
        raise RpcError(13, "the call has no request")
    return read_request(message, deserialize)


def write_response(response: Any, serialize: Any) -> bytes:
    """A response's bytes. INTERNAL when it cannot be serialized, as from grpcio."""
    try:
        return terms.transform(serialize, response)
    except Exception as error:
        _LOG.exception("Exception serializing response!")
        raise RpcError(13, "Failed to serialize response!") from error


def pipeline(interceptors: Sequence[Any], find: Pipeline) -> Pipeline:
    """The look-up through all interceptors, the first one outermost."""
    for interceptor in reversed(interceptors):

        def through(details: Any, each: Any = interceptor, rest: Pipeline = find) -> Any:
            return each.intercept_service(rest, details)

        find = through
    return find
