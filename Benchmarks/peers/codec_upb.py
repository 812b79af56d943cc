# SPDX-License-Identifier: Apache-2.0
"""Times Python's protobuf (upb) on the message of amaru-codec-bench. Prints one line of JSON.

Usage: codec_upb.py FOLDER-WITH-bench_pb2 MESSAGE-FILE
"""

import json
import pathlib
import sys
import time
from collections.abc import Callable

sys.path.insert(0, sys.argv[1])
import bench_pb2
from google.protobuf import json_format


def best(operation: Callable[[], object], batch_size: int = 5_000) -> float:
    """Nanoseconds of CPU time per operation, the best of many batches."""
    times = []
    for _ in range(25):
        start = time.process_time_ns()
        for _ in range(batch_size):
            operation()
        times.append(time.process_time_ns() - start)
    return min(times) / batch_size


data = pathlib.Path(sys.argv[2]).read_bytes()
item = bench_pb2.Item.FromString(data)
text = json_format.MessageToJson(item, indent=None)
print(
    json.dumps(
        {
            "decode_ns": best(lambda: bench_pb2.Item.FromString(data)),
            "encode_array_ns": best(item.SerializeToString),
            "json_encode_ns": best(lambda: json_format.MessageToJson(item, indent=None), 200),
            "json_decode_ns": best(lambda: json_format.Parse(text, bench_pb2.Item()), 200),
        }
    )
)
