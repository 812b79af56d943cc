# SPDX-License-Identifier: Apache-2.0
"""From message bytes to message bytes: each method becomes one function when it is registered."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from . import _encoding, _slots
from ._binding import Binding, Kind
from ._status import clip, encode_status
from .arrays import ArrayFound, encode_with_arrays
from .errors import PYTHON, DebugInfo, ErrorInfo, RpcError, StatusCode


class Method:
    """A registered handler. `allocate` lends slots for the call that it answers.

    `dispatch` answers a unary call. For the other kinds `arguments` reads the first message,
    `item` one of a client stream, and `encode` a result or an item of a server stream.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        allocate: Callable[[int], Any],
        request_model: Any = None,
    ) -> None:
        self.name = name
        self.binding = Binding(function, request_model)
        self.kind = self.binding.kind
        self.is_async = self.binding.is_async
        self.call = self.binding.call
        self.arguments = _reader(self.binding)
        self.encode = _writer(name, allocate)
        self.dispatch = _unary(self.binding, self.encode)

    @property
    def is_immediate(self) -> bool:
        """Whether it is answered by a call of `dispatch` alone."""
        return self.kind is Kind.UNARY and not self.is_async

    def item(self, message: Any) -> Any:
        """One item of a client stream. RpcError when it has another type."""
        assert self.binding.item is not None
        try:
            return self.binding.item(message)
        except Exception as error:
            raise self.binding.refused(error) from None


def _reader(binding: Binding) -> Callable[[Any], tuple[Any, ...]]:
    decoders, spread = binding.decoders, binding.spread

    def arguments(message: Any) -> tuple[Any, ...]:
        view = message if type(message) is bytes else memoryview(message)
        try:
            return spread(decoders[view[0] if len(view) else 0xC0](view))
        except Exception as error:
            raise binding.refused(error) from None

    return arguments


def _writer(name: str, allocate: Callable[[int], Any]) -> Callable[[Any], Any]:
    def encode(result: Any) -> Any:
        try:
            return _encoding.encode(result)
        except ArrayFound:
            pass
        except Exception as error:
            raise _unsendable(name, error) from error
        try:
            hook = _encoding.encode_hook
            return encode_with_arrays(result, hook, allocate, _slots.is_slot)
        except TypeError as error:
            raise _unsendable(name, error) from error

    return encode


def _unsendable(name: str, error: Exception) -> RpcError:
    details = [ErrorInfo(type(error).__name__, PYTHON)]
    return RpcError(
        StatusCode.INTERNAL, f"{name} returned what cannot be sent: {error}", details=details
    )


def _unary(binding: Binding, encode_slowly: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The hot path: everything that is known at registration is a local of this closure."""
    decoders, spread, call, encode = (
        binding.decoders,
        binding.spread,
        binding.call,
        _encoding.encode,
    )
    nothing = b"\xc0"

    def dispatch(message: Any) -> Any:
        try:
            arguments = spread(decoders[message[0]](message))
        except Exception as error:
            if not isinstance(message, (bytes, memoryview)):  # a slot, which has no index
                return dispatch(memoryview(message))
            if len(message):
                raise binding.refused(error) from None
            return dispatch(nothing)
        result = call(*arguments)
        try:
            return encode(result)
        except Exception:
            return encode_slowly(result)

    return dispatch


def status_of(error: BaseException, *, debug: bool = False) -> tuple[int, str, bytes]:
    """Code, message and details of what a handler raised."""
    if isinstance(error, RpcError):
        code, text, details = error.code, error.message, list(error.details)
    else:
        code, text = StatusCode.UNKNOWN, str(error)
        details = [ErrorInfo(type(error).__name__, PYTHON)]
        if debug:
            details.append(DebugInfo(tuple(traceback.format_exception(error))))
    return int(code), clip(text).decode("utf-8"), encode_status(int(code), text, details)


def unimplemented(name: str, known: Iterable[str]) -> RpcError:
    """The error of a method that nobody registered, with the nearest name that somebody did."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return RpcError(StatusCode.UNIMPLEMENTED, f"there is no method {name!r}{hint}")
