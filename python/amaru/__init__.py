# SPDX-License-Identifier: Apache-2.0
"""Amaru: Swift and Python as one system, through shared memory. docs/python.md tells how."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .client import ResultStream, RpcClient
from .decorators import rpc_method
from .endpoint import RpcEndpoint
from .errors import (
    AnyDetail,
    BadRequest,
    DebugInfo,
    ErrorInfo,
    FieldViolation,
    RemoteError,
    RpcError,
    StatusCode,
)

__all__ = [
    "AnyDetail",
    "BadRequest",
    "DebugInfo",
    "ErrorInfo",
    "FieldViolation",
    "RemoteError",
    "ResultStream",
    "RpcClient",
    "RpcEndpoint",
    "RpcError",
    "StatusCode",
    "aio",
    "rpc_method",
    "server",
    "shared_memory_channel",
]


if TYPE_CHECKING:
    import grpc

    from . import aio as aio


def shared_memory_channel(
    name: str, options: Sequence[tuple[str, Any]] | None = None
) -> grpc.Channel:
    """A channel to the server of that name, for stubs that grpc_tools generated; see
    docs/python.md.

    ImportError when grpcio is not installed.
    """
    from . import _grpc

    return _grpc.shared_memory_channel(name, options)


def server(*arguments: Any, name: str | None = None, **options: Any) -> grpc.Server:
    """The same as `grpc.server(...)`, whose clients may also come through shared memory, under
    that name.

    ImportError when grpcio is not installed.
    """
    from . import _grpc

    return _grpc.server(*arguments, name=name, **options)


def __getattr__(name: str) -> Any:
    """The module `aio` is imported when it is asked for."""
    if name == "aio":
        return importlib.import_module(".aio", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
