# SPDX-License-Identifier: Apache-2.0
"""Gives 16 MiB to the worker and gets 16 MiB back: `python array_worker.py` first."""

import time

import numpy

from amaru import RpcClient


def milliseconds(start: float) -> str:
    return f"{(time.perf_counter() - start) * 1000:.2f} ms"


with RpcClient("arrays", timeout=30) as client:
    for turn in ("first", "second", "third"):
        image = client.allocate_array((2048, 2048), "f4")
        image[:] = numpy.arange(2048, dtype="f4")
        start = time.perf_counter()
        total = client.call("total", image)
        print(f"{turn}: summed there in {milliseconds(start)}: {total:.0f}")

    image = client.allocate_array((2048, 2048), "f4")
    image[:] = numpy.arange(2048, dtype="f4")
    start = time.perf_counter()
    result = client.call("normalize", image)
    print(f"normalized there in {milliseconds(start)}: {result.min()} to {result.max()}")
