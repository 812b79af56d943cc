# SPDX-License-Identifier: Apache-2.0
from amaru import RpcEndpoint
from pydantic import BaseModel

# Define request models with Pydantic
class AddArgs(BaseModel):
    a: int
    b: int

# Create endpoint
endpoint = RpcEndpoint("calculator")

# Register methods
@endpoint.register()
def ping() -> str:
    return "pong"

@endpoint.register(request_model=AddArgs)
def add(a: int, b: int) -> int:
    return a + b

# Start listening
endpoint.listen()
