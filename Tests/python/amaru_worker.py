# SPDX-License-Identifier: Apache-2.0
"""A worker that the tests start: `amaru_worker.py NAME [--asynchronous] [--debug]`."""

import argparse
import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from amaru import ErrorInfo, RpcEndpoint, RpcError, StatusCode, rpc_method


class Person(BaseModel):
    name: str = Field(min_length=1)
    age: int = Field(ge=0)


def add(a: int, b: int) -> int:
    return a + b


def greet(name: str, age: int) -> str:
    return f"{name} is {age}"


def echo(data: memoryview) -> memoryview:
    return data


def process() -> int:
    return os.getpid()


def nap(seconds: float) -> str:
    time.sleep(seconds)
    return "woke"


def fail(text: str) -> None:
    raise ValueError(text)


def refuse() -> None:
    details = [ErrorInfo("NO_USER", "shop", {"id": "7"})]
    raise RpcError(StatusCode.NOT_FOUND, "no user 7", details=details)


def count(number: int, start: int = 0) -> Iterator[int]:
    yield from range(start, start + number)


def count_and_fail(number: int) -> Iterator[int]:
    yield from range(number)
    raise LookupError("no more")


closed = threading.Event()


def forever() -> Iterator[int]:
    closed.clear()
    try:
        number = 0
        while True:
            yield number
            number += 1
    finally:
        closed.set()


def was_closed() -> bool:
    return closed.is_set()


def total_of(numbers: Iterator[int]) -> int:
    return sum(numbers)


def first_of(numbers: Iterator[int]) -> int:
    return next(numbers)


def doubled(numbers: Iterator[int]) -> Iterator[int]:
    for number in numbers:
        yield number * 2


def total(values: NDArray[Any]) -> float:
    return float(values.sum())


def scale(values: NDArray[Any], factor: float) -> NDArray[Any]:
    return values * values.dtype.type(factor)


def lent(endpoint: RpcEndpoint) -> Any:
    def scale_in_place(values: NDArray[numpy.float64], factor: float) -> dict[str, Any]:
        result = endpoint.allocate_array(values.shape, values.dtype)
        numpy.multiply(values, factor, out=result)
        return {"rows": len(result), "values": result}

    return scale_in_place


class Counter:
    def __init__(self) -> None:
        self.value = 0

    @rpc_method
    def increase(self, by: int = 1) -> int:
        self.value += by
        return self.value


async def slow_add(a: int, b: int, seconds: float = 0.01) -> int:
    async with asyncio.timeout(60):
        await asyncio.sleep(seconds)
    return a + b


async def fast_add(a: int, b: int) -> int:
    return a + b


async def slow_count(number: int) -> AsyncIterator[int]:
    for each in range(number):
        await asyncio.sleep(0)
        yield each


async def slow_total(numbers: AsyncIterator[int]) -> int:
    return sum([number async for number in numbers])


async def slow_doubled(numbers: AsyncIterator[int]) -> AsyncIterator[int]:
    async for number in numbers:
        yield number * 2


cancellations = 0


async def wait_forever() -> None:
    global cancellations
    try:
        await asyncio.get_running_loop().create_future()
    except asyncio.CancelledError:
        cancellations += 1
        raise


async def count_cancellations() -> int:
    return cancellations


async def fail_later(text: str) -> None:
    await asyncio.sleep(0)
    raise ValueError(text)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--asynchronous", action="store_true")
    parser.add_argument("--debug", action="store_true")
    parser.add_argument("--grace", type=float, default=30)
    options = parser.parse_args()
    endpoint = RpcEndpoint(options.name, debug=options.debug)
    for function in (
        add, echo, process, nap, fail, refuse, count, count_and_fail, forever, was_closed, total_of,
        first_of, doubled, total, scale, lent(endpoint),
    ):  # fmt: skip
        endpoint.register(function)
    endpoint.register("greet", greet, request_model=Person)
    endpoint.register_class(Counter(), prefix="counter.")
    if options.asynchronous:
        for coroutine in (
            slow_add, fast_add, slow_count, slow_total, slow_doubled, wait_forever,
            count_cancellations, fail_later,
        ):  # fmt: skip
            endpoint.register(coroutine)
    endpoint.listen(grace=options.grace)
    print("stopped", flush=True)


if __name__ == "__main__":
    main()
