# SPDX-License-Identifier: Apache-2.0
"""The Connect client from PyPI, `connectrpc` (once `connect-python`), which has three protocols."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

from connectrpc.client import ConnectClient, ResponseMetadata
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from connectrpc.request import Headers
from doors_pb2 import Letter
from google.protobuf.any_pb2 import Any as AnyMessage
from pyqwest import Client, HTTPTransport, HTTPVersion

from doors.connect import GET_CANNOT, NAMES
from doors.door import (
    SERVICE,
    Door,
    Outcome,
    Place,
    Plan,
    Running,
    fields_of,
    metadata_of,
)

FAMILIES = {
    ProtocolType.CONNECT: "Connect",
    ProtocolType.GRPC: "gRPC",
    ProtocolType.GRPC_WEB: "gRPC-Web",
}
STREAM_TYPES = {
    (False, False): StreamType.UNARY,
    (False, True): StreamType.SERVER_STREAM,
    (True, False): StreamType.CLIENT_STREAM,
    (True, True): StreamType.BIDI_STREAM,
}


class ConnectClientDoor(Door):
    def __init__(
        self,
        version: str,
        codec_name: str,
        protocol: ProtocolType = ProtocolType.CONNECT,
        *,
        uses_get: bool = False,
    ) -> None:
        kind = "get" if uses_get else protocol.name.lower().replace("_", "-")
        self.name = f"connectrpc-{kind}-{codec_name}-http{version}"
        self.family = "Connect GET" if uses_get else FAMILIES[protocol]
        self.cannot = GET_CANNOT if uses_get else {}
        self.version, self.protocol, self.uses_get = version, protocol, uses_get
        codecs = {"proto": google_protobuf_binary_codec(), "json": google_protobuf_json_codec()}
        self._codec = codecs[codec_name]

    def open(self, place: Place) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        number = HTTPVersion.HTTP2 if self.version == "2" else HTTPVersion.HTTP1
        self._transport = HTTPTransport(http_version=number)
        http = Client(self._transport)
        # Whether requests are compressed is up to the client, not to the call.
        self._clients = {
            compresses: ConnectClient(
                f"http://{place.plain}",
                codec=self._codec,
                protocol=self.protocol,
                send_compression=GzipCompression() if compresses else None,
                http_client=http,
            )
            for compresses in (False, True)
        }

    def encode(self, letter: Letter) -> bytes:
        return bytes(self._codec.encode(letter))

    def start(self, plan: Plan) -> Running:
        done = asyncio.run_coroutine_threadsafe(self._call(plan), self._loop)

        def collect(outcome: Outcome) -> None:
            outcome.__dict__.update(done.result().__dict__)

        return Running(collect, done.cancel)

    async def _call(self, plan: Plan) -> Outcome:
        outcome = Outcome()
        with ResponseMetadata() as beside:
            try:
                await self._fill(plan, outcome)
            except ConnectError as error:
                name = error.code.value
                outcome.code = NAMES.get(name, name.upper())
                outcome.message = error.message
                for detail in error.details:
                    url = f"type.googleapis.com/{detail.type_name}"
                    outcome.details.append(AnyMessage(type_url=url, value=detail.message_bytes))
            outcome.initial = metadata_of(beside.headers.allitems())
            outcome.trailing = metadata_of(beside.trailers.allitems())
        return outcome

    async def _fill(self, plan: Plan, outcome: Outcome) -> None:
        client = self._clients[plan.compresses]
        level = IdempotencyLevel.NO_SIDE_EFFECTS if self.uses_get else IdempotencyLevel.UNKNOWN
        options: dict[str, Any] = {
            "method": MethodInfo(
                name=plan.method,
                service_name=SERVICE.full_name,
                input=Letter,
                output=Letter,
                stream_type=STREAM_TYPES[plan.is_client_stream, plan.is_server_stream],
                idempotency_level=level,
            ),
            "headers": Headers(fields_of(plan.metadata)),
            "timeout_ms": None if plan.timeout is None else round(plan.timeout * 1000),
        }
        answered: asyncio.Queue[None] = asyncio.Queue()
        if plan.is_client_stream and plan.is_server_stream:
            answers = client.execute_bidi_stream(request=letters(plan, answered), **options)
        elif plan.is_server_stream:
            answers = client.execute_server_stream(request=plan.letters[0], **options)
        elif plan.is_client_stream:
            requests = letters(plan, answered)
            outcome.letters = [await client.execute_client_stream(request=requests, **options)]
            return
        else:
            more = {"use_get": True} if self.uses_get else {}
            outcome.letters = [
                await client.execute_unary(request=plan.letters[0], **options, **more)
            ]
            return
        async for letter in answers:
            outcome.letters.append(letter)
            answered.put_nowait(None)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def letters(plan: Plan, answered: asyncio.Queue[None]) -> AsyncIterator[Letter]:
    for number, letter in enumerate(plan.letters):
        if plan.in_turn and number > 0:
            await answered.get()
        yield letter
