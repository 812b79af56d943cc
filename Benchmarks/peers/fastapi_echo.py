# SPDX-License-Identifier: Apache-2.0
"""The unary call of the comparison in FastAPI, on uvicorn with uvloop and httptools: its fastest.

peers/fastapi_echo.py PORT
"""

import sys

import fastapi
import pydantic
import uvicorn


class Msg(pydantic.BaseModel):
    text: str


app = fastapi.FastAPI()


@app.post("/echo.Echo/Get")
async def get(request: Msg) -> Msg:
    return request


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
