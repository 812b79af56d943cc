# SPDX-License-Identifier: Apache-2.0
"""grpcio's interfaces over shared memory."""

try:
    import grpc  # noqa: F401
except ImportError:
    raise ImportError(
        "stubs and servicers of gRPC need grpcio: pip install 'amaru[grpc]'"
    ) from None

from .channel import shared_memory_channel
from .server import server

__all__ = ["server", "shared_memory_channel"]
