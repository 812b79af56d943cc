# SPDX-License-Identifier: Apache-2.0
"""The echo service of the comparison on grpcio, with asyncio on uvloop: its fastest."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import uvloop


async def serve(port: int) -> None:
    import echo_pb2 as pb
    import echo_pb2_grpc

    class Echo(echo_pb2_grpc.EchoServicer):
        async def Get(self, request: pb.Msg, context: grpc.aio.ServicerContext) -> pb.Msg:
            return pb.Msg(text=request.text)

        async def Expand(
            self, request: pb.Msg, context: grpc.aio.ServicerContext
        ) -> AsyncIterator[pb.Msg]:
            if request.text.startswith("repeat:"):
                _, count, payload = request.text.split(":", 2)
                for _ in range(int(count)):
                    yield pb.Msg(text=payload)
                return
            for word in request.text.split():
                yield pb.Msg(text=word)

        async def Collect(
            self, request_iterator: AsyncIterator[pb.Msg], context: grpc.aio.ServicerContext
        ) -> pb.Msg:
            return pb.Msg(text=" ".join([message.text async for message in request_iterator]))

        async def Update(
            self, request_iterator: AsyncIterator[pb.Msg], context: grpc.aio.ServicerContext
        ) -> AsyncIterator[pb.Msg]:
            async for message in request_iterator:
                yield pb.Msg(text=message.text)

    server = grpc.aio.server()
    echo_pb2_grpc.add_EchoServicer_to_server(Echo(), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print(f"listening on 127.0.0.1:{bound}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--stubs", type=Path, required=True, help="the folder of echo_pb2.py")
    options = parser.parse_args()
    sys.path.insert(0, str(options.stubs))
    uvloop.install()
    asyncio.run(serve(options.port))
