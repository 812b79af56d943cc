# SPDX-License-Identifier: Apache-2.0
"""What a dispatch costs, without any transport, beside the same in a bare Python loop.

`python benchmark.py [--calls N]`. When a worker listens (`python_worker.py`), its round trip, too.
"""

import argparse
import timeit
from collections.abc import Callable
from typing import Any

import msgspec
from pydantic import BaseModel

from amaru import RpcClient, RpcEndpoint, RpcError, StatusCode


class AddArgs(BaseModel):
    a: int
    b: int


class Arguments(msgspec.Struct):
    a: int
    b: int


def add(a: int, b: int) -> int:
    return a + b


def nanoseconds(action: Callable[[], Any], calls: int) -> float:
    """The best of seven, so that what else the machine does counts least; less an empty call."""
    best = min(timeit.repeat(action, number=calls, repeat=7))
    return (best - min(timeit.repeat(lambda: None, number=calls, repeat=7))) / calls * 1e9


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100_000)
    calls = parser.parse_args().calls

    endpoint = RpcEndpoint("benchmark")
    endpoint.register("add", add)
    endpoint.register("add_checked", add, request_model=AddArgs)
    endpoint.register("ping", lambda: "pong")
    typed, checked = (endpoint.methods[name].dispatch for name in ("add", "add_checked"))
    ping = endpoint.methods["ping"].dispatch

    encode, decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Arguments).decode
    decode_any = msgspec.msgpack.Decoder().decode
    message, nothing = encode({"a": 10, "b": 20}), encode(None)

    def bare() -> bytes:
        arguments = decode(message)
        return encode(add(arguments.a, arguments.b))

    def bare_checked() -> bytes:
        arguments = AddArgs.model_validate(decode_any(message))
        return encode(add(arguments.a, arguments.b))

    rows = [
        ("decode, call, encode in a bare loop", bare),
        ("typed dispatch", lambda: typed(message)),
        ("dispatch without arguments", lambda: ping(nothing)),
        ("the bare loop with Pydantic", bare_checked),
        ("dispatch with Pydantic", lambda: checked(message)),
    ]
    measured = {name: nanoseconds(action, calls) for name, action in rows}
    for name, value in measured.items():
        print(f"{name:40} {value:8.0f} ns")
    ratio = measured["typed dispatch"] / measured["decode, call, encode in a bare loop"]
    print(f"{'typed dispatch, times the bare loop':40} {ratio:8.2f}")

    with RpcClient("calculator", timeout=5) as client:
        try:
            client.call("add", a=10, b=20)
        except RpcError as error:
            if error.code is not StatusCode.UNAVAILABLE:
                raise
            print("no worker listens: start python_worker.py to measure round trips")
            return
        trips = nanoseconds(lambda: client.call("add", a=10, b=20), calls // 10)
        print(f"{'round trip to the worker and back':40} {trips:8.0f} ns")


if __name__ == "__main__":
    main()
