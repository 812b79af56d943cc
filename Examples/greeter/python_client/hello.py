# SPDX-License-Identifier: Apache-2.0
"""Says hello once. It needs the stubs; the README has the command that makes them."""

import asyncio

import grpc
from greeter_pb2 import HelloRequest
from greeter_pb2_grpc import GreeterStub


async def main() -> None:
    async with grpc.aio.insecure_channel("127.0.0.1:50051") as channel:
        stub = GreeterStub(channel)
        response = await stub.SayHello(HelloRequest(name="World"))
        print(response.message)  # "Hello, World!"


asyncio.run(main())
