# SPDX-License-Identifier: Apache-2.0
"""Works on arrays where they lie, in memory that both processes see."""

import numpy
from numpy.typing import NDArray

from amaru import RpcEndpoint

endpoint = RpcEndpoint("arrays")


@endpoint.register()
def total(values: NDArray[numpy.float32]) -> float:
    """Reads the caller's array without a copy. It is read-only."""
    return float(values.sum(dtype="f8"))


@endpoint.register()
def normalize(image: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    """Fills the answer where the caller will read it, so that nothing is copied either."""
    result = endpoint.allocate_array(image.shape, image.dtype)
    low, high = image.min(), image.max()
    numpy.subtract(image, low, out=result)
    result /= high - low
    return result


if __name__ == "__main__":
    endpoint.listen()
