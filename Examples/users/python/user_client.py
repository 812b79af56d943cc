# SPDX-License-Identifier: Apache-2.0
"""The UserService as a Python class: one method for each RPC."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grpc
import users_pb2 as pb
import users_pb2_grpc

TIMEOUT_SECONDS = 10


class UserClient:
    """A connection to the service. Use it in a `with` block, or call `close`."""

    def __init__(
        self,
        target: str,
        *,
        tls_ca: Path | None = None,
        tls_own: tuple[Path, Path] | None = None,
        token: str = "",
    ) -> None:
        """Speaks TLS when `tls_ca` names the authorities to trust; `tls_own` is the client's own
        certificate and its key, for servers that want one. All are PEM files."""
        self.target = target
        # The server is asked directly, whatever proxy the environment names.
        options = [("grpc.enable_http_proxy", 0)]
        if tls_ca:
            certificate, key = [file.read_bytes() for file in tls_own] if tls_own else (None, None)
            credentials = grpc.ssl_channel_credentials(tls_ca.read_bytes(), key, certificate)
            self._channel = grpc.secure_channel(target, credentials, options)
        else:
            self._channel = grpc.insecure_channel(target, options)
        self._stub = users_pb2_grpc.UserServiceStub(self._channel)
        self._metadata = [("authorization", f"Bearer {token}")] if token else []

    def get_user(self, user_id: int) -> pb.UserResponse:
        """One request, one response."""
        request = pb.GetUserRequest(id=user_id)
        return self._stub.GetUser(request, timeout=TIMEOUT_SECONDS, metadata=self._metadata)

    def create_user(self, name: str, email: str) -> pb.UserResponse:
        """One request, one response; the user is on the server's disk when it comes."""
        request = pb.CreateUserRequest(name=name, email=email)
        return self._stub.CreateUser(request, timeout=TIMEOUT_SECONDS, metadata=self._metadata)

    def list_users(self, limit: int = 0, after_id: int = 0) -> Iterator[pb.UserResponse]:
        """One request, many responses: the next is awaited when the loop asks for it."""
        request = pb.ListUsersRequest(limit=limit, after_id=after_id)
        return self._stub.ListUsers(request, timeout=TIMEOUT_SECONDS, metadata=self._metadata)

    def create_users_batch(self, users: Iterable[Mapping[str, str]]) -> pb.CreateUsersResponse:
        """Many requests, one response: `[{"name": ..., "email": ...}, ...]`, sent as they come."""
        requests = (pb.CreateUserRequest(**user) for user in users)
        return self._stub.CreateUsers(requests, timeout=TIMEOUT_SECONDS, metadata=self._metadata)

    def chat_stream(self, messages: Iterable[Mapping[str, str]]) -> Iterator[pb.ChatMessage]:
        """Many of both: `[{"sender": ..., "content": ..., "room": ...}, ...]`. What is said in the
        room comes back while `messages` goes on; the call ends some time after it has ended."""
        requests = (pb.ChatMessage(**message) for message in messages)
        return self._stub.ChatStream(requests, metadata=self._metadata)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> "UserClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def explain(error: grpc.RpcError, target: str) -> str:
    """What to tell a person of a call that failed."""
    if is_unreachable(error):
        return f"no server answers at {target}: {error.details()}"
    return f"{error.code().name}: {error.details()}"


def is_unreachable(error: grpc.RpcError) -> bool:
    """Whether no connection could be made; a server that answers may say `UNAVAILABLE` too."""
    details = error.details() or ""
    return error.code() is grpc.StatusCode.UNAVAILABLE and "failed to connect" in details
