# SPDX-License-Identifier: Apache-2.0
"""Calls the calculator: `python python_worker.py` in another terminal first."""

from amaru import RpcClient, RpcError

with RpcClient("calculator", timeout=5) as client:
    print("ping:", client.call("ping"))
    print("10 + 20 =", client.call("add", a=10, b=20))
    try:
        client.call("add", a="ten", b=20)
    except RpcError as error:
        for violation in error.violations:
            print(f"refused: {violation.field}: {violation.description}")
