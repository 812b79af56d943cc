# SPDX-License-Identifier: Apache-2.0
"""gRPC, with grpcio as the client."""

import queue
from collections.abc import Iterator
from typing import Any

import grpc
from doors_pb2 import Letter
from google.rpc.status_pb2 import Status

from doors.door import Door, Outcome, Place, Plan, Running


class GRPCIODoor(Door):
    family = "gRPC"

    def __init__(self, *, is_secure: bool = False) -> None:
        self.is_secure = is_secure
        self.name = "grpcio-tls" if is_secure else "grpcio"

    def open(self, place: Place) -> None:
        options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
        if self.is_secure:
            credentials = grpc.ssl_channel_credentials(place.authority.read_bytes())
            self._channel = grpc.secure_channel(place.secure, credentials, options=options)
        else:
            self._channel = grpc.insecure_channel(place.plain, options=options)

    def start(self, plan: Plan) -> Running:
        kinds = {
            (False, False): self._channel.unary_unary,
            (False, True): self._channel.unary_stream,
            (True, False): self._channel.stream_unary,
            (True, True): self._channel.stream_stream,
        }
        method = kinds[plan.is_client_stream, plan.is_server_stream](
            plan.path,
            request_serializer=Letter.SerializeToString,
            response_deserializer=Letter.FromString,
        )
        options = {
            "metadata": list(plan.metadata),
            "timeout": plan.timeout,
            "compression": grpc.Compression.Gzip if plan.compresses else None,
        }
        answered: queue.Queue[None] = queue.Queue()
        request: Any = requests(plan, answered) if plan.is_client_stream else plan.letters[0]
        starts = method if plan.is_server_stream else method.future
        call = starts(request, **options)
        return Running(lambda outcome: collect(call, plan, answered, outcome), call.cancel)

    def close(self) -> None:
        self._channel.close()


def requests(plan: Plan, answered: "queue.Queue[None]") -> Iterator[Letter]:
    for number, letter in enumerate(plan.letters):
        if plan.in_turn and number > 0:
            answered.get()
        yield letter


def collect(call: Any, plan: Plan, answered: "queue.Queue[None]", outcome: Outcome) -> None:
    try:
        if plan.is_server_stream:
            for letter in call:
                outcome.letters.append(letter)
                answered.put(None)
        else:
            outcome.letters.append(call.result())
    except grpc.RpcError:
        pass
    outcome.code, outcome.message = call.code().name, call.details() or ""
    outcome.initial = own(call.initial_metadata())
    outcome.trailing = own(call.trailing_metadata())
    for name, value in call.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            outcome.details = list(Status.FromString(value).details)


def own(metadata: Any) -> list[tuple[str, str | bytes]]:
    return [(name, value) for name, value in metadata or () if name.startswith("x-")]
