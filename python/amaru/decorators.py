# SPDX-License-Identifier: Apache-2.0
"""`@rpc_method`: marks the methods of a class that an endpoint serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, overload

Function = TypeVar("Function", bound=Callable[..., Any])
_MARK = "__amaru_rpc__"


@dataclass(frozen=True)
class Mark:
    """What `rpc_method` was told."""

    name: str | None
    request_model: Any


@overload
def rpc_method(name: Function, /) -> Function: ...
@overload
def rpc_method(
    name: str | None = None, *, request_model: Any = None
) -> Callable[[Function], Function]: ...
def rpc_method(name: Any = None, *, request_model: Any = None) -> Any:
    """Marks a method for `RpcEndpoint.register_class`.

    `@rpc_method`, `@rpc_method("name")` and `@rpc_method(request_model=Model)` are all right. The
    name on the wire is the method's own unless another is given.
    """

    def mark(function: Function) -> Function:
        setattr(function, _MARK, Mark(name if isinstance(name, str) else None, request_model))
        return function

    return mark(name) if callable(name) else mark


def marked(instance: Any) -> Iterator[tuple[str, Callable[..., Any], Any]]:
    """Name, bound method and request model of each marked method, those of base classes too."""
    seen = set()
    for kind in type(instance).__mro__:
        for attribute, value in vars(kind).items():
            # A staticmethod or classmethod may have the mark, or the function inside of it.
            mark = getattr(value, _MARK, None) or getattr(
                getattr(value, "__func__", None), _MARK, None
            )
            if attribute in seen:
                continue
            seen.add(attribute)
            if isinstance(mark, Mark):
                yield mark.name or attribute, getattr(instance, attribute), mark.request_model
