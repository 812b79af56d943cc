# SPDX-License-Identifier: Apache-2.0
"""From the signature of a handler to one function that reads its arguments from a message."""

from __future__ import annotations

import collections.abc
import enum
import functools
import inspect
from collections.abc import Callable
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import structs

from . import _encoding, validation
from .errors import RpcError, invalid_argument

Parameter = inspect.Parameter
_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_STREAMS = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)


class Kind(enum.Enum):
    """Which sides of a method are streams."""

    UNARY = "unary"
    SERVER_STREAM = "server stream"
    CLIENT_STREAM = "client stream"
    BOTH_STREAMS = "both streams"


class Binding:
    """How a handler is called: made once, when it is registered.

    `read(message)` gives its positional arguments; `refused(error)` makes the error of a message
    that `read` could not read. For a client stream `item(message)` gives one item.
    """

    def __init__(self, function: Callable[..., Any], request_model: Any = None) -> None:
        self.function = function
        self.parameters = _parameters(function)
        self.names = [each.name for each in self.parameters if each.kind in _POSITIONAL]
        self.is_async = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(
            function
        )
        streams = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
        stream = next((each for each in self.parameters if _stream_item(each) is not None), None)
        if stream is None:
            self.kind = Kind.SERVER_STREAM if streams else Kind.UNARY
            self.item: Callable[[Any], Any] | None = None
        else:
            self.kind = Kind.BOTH_STREAMS if streams else Kind.CLIENT_STREAM
            self._check_alone(stream)
            self.item = _encoding.decoder(_stream_item(stream))
        self.decoders: list[Callable[[Any], Any]] = []
        self.call: Callable[..., Any] = function
        self.spread: Callable[[Any], Any] = structs.astuple
        if stream is not None:
            return
        if request_model is not None:
            self._bind_model(request_model)
        else:
            self._bind_types()

    def refused(self, error: BaseException) -> RpcError:
        """The error of a message, an empty one apart, that was not read."""
        return validation.refusal(error, self.names)

    def _check_alone(self, stream: Parameter) -> None:
        others = [each for each in self.parameters if each is not stream and _is_required(each)]
        if others:
            raise TypeError(
                f"{self.function.__qualname__}: beside the stream `{stream.name}` there can be no "
                f"argument `{others[0].name}`: all messages of the caller are items of the stream"
            )

    def _bind_model(self, model: Any) -> None:
        validation.require_model(model)
        make = validation.validator(model)
        decode = _encoding.decoder(Any)
        self.names = list(model.model_fields)
        if _takes_model(self.parameters, model):
            self.spread = lambda instance: (instance,)
        else:
            function = self.function
            self.spread = lambda instance: (instance.__dict__,)
            self.call = lambda fields: function(**fields)
            self._check_fields(model)
        self.decoders = [lambda message: make(decode(message))] * 256

    def _check_fields(self, model: Any) -> None:
        taken = {each.name for each in self.parameters}
        if any(each.kind is Parameter.VAR_KEYWORD for each in self.parameters):
            return
        if missing := [name for name in model.model_fields if name not in taken]:
            raise TypeError(
                f"{self.function.__qualname__} takes no `{missing[0]}`, a field of {model.__name__}"
            )
        if extra := [e.name for e in self.parameters if _is_required(e)
                     and e.name not in model.model_fields]:  # fmt: skip
            raise TypeError(
                f"{self.function.__qualname__} needs `{extra[0]}`, which {model.__name__} lacks"
            )

    def _bind_types(self) -> None:
        if any(each.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
               for each in self.parameters):  # fmt: skip
            self._bind_loosely()
            return
        named = _struct(self.parameters, as_array=False)
        in_order = _struct([each for each in self.parameters if each.kind in _POSITIONAL], True)
        if any(each.kind is Parameter.KEYWORD_ONLY for each in self.parameters):
            function = self.function
            self.spread = lambda arguments: (structs.asdict(arguments),)
            self.call = lambda arguments: function(**arguments)
            by_name = [each for each in self.parameters if each.kind is Parameter.KEYWORD_ONLY]
            if required := [each.name for each in by_name if _is_required(each)]:
                in_order = _named_only(required[0])
        self.decoders = by_first_byte(
            named, in_order, self._one(in_order), lambda _: named(b"\x80")
        )
        if len(self.parameters) == 1 and _encoding.is_structured(self.parameters[0].annotation):
            # The one argument is a map itself.
            decode, nothing = _encoding.decoder(self.parameters[0].annotation), self.decoders[0xC0]
            self.spread = tuple
            self.decoders = by_first_byte(
                lambda message: (decode(message),),
                lambda message: structs.astuple(in_order(message)),
                lambda message: (decode(message),),
                lambda message: structs.astuple(nothing(message)),
            )

    def _one(self, in_order: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Reads a message that is the first argument itself, as an array of one."""
        if not self.names:

            def refuse(_: Any) -> Any:
                raise invalid_argument("takes no positional arguments")

            return refuse
        return lambda message: in_order(b"".join((b"\x91", message)))

    def _bind_loosely(self) -> None:
        """`*args` and `**kwargs`: decoded without types, and checked against the signature."""
        function, signature = self.function, inspect.signature(self.function)
        decode = _encoding.decoder(Any)

        def bind(message: Any) -> inspect.BoundArguments:
            value = decode(message) if len(message) else None
            try:
                if isinstance(value, dict):
                    return signature.bind(**value)
                values = value if isinstance(value, list) else [] if value is None else [value]
                return signature.bind(*values)
            except TypeError as error:
                raise invalid_argument(str(error)) from None

        self.spread = lambda bound: (bound,)
        self.call = lambda bound: function(*bound.args, **bound.kwargs)
        self.decoders = [bind] * 256


def by_first_byte(
    named: Callable[[Any], Any],
    in_order: Callable[[Any], Any],
    one: Callable[[Any], Any],
    none: Callable[[Any], Any],
) -> list[Callable[[Any], Any]]:
    """A decoder for each first byte of a message: map, array, nil, or one argument."""
    table = [one] * 256
    table[0x80:0x90] = [named] * 16
    table[0xDE:0xE0] = [named] * 2
    table[0x90:0xA0] = [in_order] * 16
    table[0xDC:0xDE] = [in_order] * 2
    table[0xC0] = none
    return table


def _named_only(name: str) -> Callable[[Any], Any]:
    def refuse(_: Any) -> Any:
        raise invalid_argument(f"{name}: must be given by name")

    return refuse


def _parameters(function: Callable[..., Any]) -> list[Parameter]:
    """The parameters with their hints resolved; untyped ones take anything."""
    target = function
    if not inspect.isroutine(function) and not isinstance(function, type):
        target = getattr(
            function, "func", type(function).__call__
        )  # a partial, or a callable object
    try:
        hints = get_type_hints(inspect.unwrap(target), include_extras=True)
    except NameError as error:
        raise TypeError(
            f"{getattr(function, '__qualname__', function)}: a type hint names {error.name!r}, "
            "which is not defined where the function is"
        ) from None
    return [
        each.replace(annotation=hints.get(each.name, Any))
        for each in inspect.signature(function).parameters.values()
    ]


def _struct(parameters: list[Parameter], as_array: bool) -> Callable[[Any], Any]:
    fields: list[Any] = []
    for each in parameters:
        if each.default is Parameter.empty:
            fields.append((each.name, each.annotation))
        else:
            given = msgspec.field(default_factory=functools.partial(_same, each.default))
            fields.append((each.name, each.annotation, given))
    keyword_only = any(each.kind is Parameter.KEYWORD_ONLY for each in parameters)
    # It lives for one call, so the collector need not know it.
    struct = msgspec.defstruct(
        "Arguments",
        fields,
        array_like=as_array,
        forbid_unknown_fields=True,
        kw_only=keyword_only,
        gc=False,
    )
    return _encoding.decoder(struct)


def _same(value: Any) -> Any:
    return value


def _is_required(each: Parameter) -> bool:
    variable = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return each.default is Parameter.empty and each.kind not in variable


def _stream_item(each: Parameter) -> Any:
    """T of a parameter `Iterator[T]`, or of its like; None for others."""
    if (get_origin(each.annotation) or each.annotation) not in _STREAMS:
        return None
    return (get_args(each.annotation) or (Any,))[0]


def _takes_model(parameters: list[Parameter], model: Any) -> bool:
    return len(parameters) == 1 and parameters[0].annotation is model
