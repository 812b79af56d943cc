# SPDX-License-Identifier: Apache-2.0
"""Compares the other doors of our server: JSON over HTTP/1.1, Connect over HTTP/2, and events.

Each comparison begins with ours; the ratios are those of ours to the others, within each round.
"""

import http.client
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import contenders, measure
from bench.contenders import BENCHMARKS, CACHE, CONTENDERS, Contender, WrongAnswer, output
from bench.shapes import ONE, SHAPES, STREAMED, TEXT, Shape
from launch import Server

CONNECTIONS = 64
JSON = json.dumps({"text": TEXT}, separators=(",", ":")).encode()
JSON_FIELDS = {"content-type": "application/json"}
UNARY = "/echo.Echo/Get"
GATEWAY_UNARY = "/grpc/echoservice/get"
GATEWAY_STREAM = "/grpc/echoservice/expand"
NGINX = CACHE / "nginx"
POST = CACHE / "post.lua"

REQUESTS = re.compile(r"(\d+) requests in ")
TROUBLE = re.compile(r"Socket errors|Non-2xx")

# One process, no log, and nothing but a file of 64 bytes: the least that nginx can do.
NGINX_CONFIGURATION = """\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  open_file_cache max=16;
  open_file_cache_valid 1h;
  client_body_temp_path .;
  proxy_temp_path .;
  fastcgi_temp_path .;
  uwsgi_temp_path .;
  scgi_temp_path .;
  server {
    listen 127.0.0.1:%d;
    root .;
  }
}
"""

# Measures one round: microseconds of CPU for each call.
Round = Callable[[], float]


@dataclass(frozen=True)
class Door:
    """One way into one server. `prepare` sees that it answers right, and warms it up."""

    name: str
    contender: Contender
    prepare: Callable[[Server, int, float], Round]


def requests_in(report: str) -> int:
    """How many requests wrk says were answered, all of them well."""
    counted = REQUESTS.search(report)
    if not counted or TROUBLE.search(report):
        raise WrongAnswer(f"wrk said:\n{report}")
    return int(counted[1])


def with_wrk(method: str, path: str) -> Callable[[Server, int, float], Round]:
    """The load of `wrk`: HTTP/1.1, 64 connections, one thread."""

    def verify(server: Server) -> None:
        connection = http.client.HTTPConnection(server.target, timeout=60)
        if method == "GET":
            connection.request(method, path)
        else:
            connection.request(method, path, JSON, JSON_FIELDS)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        right = body == TEXT.encode() if method == "GET" else json.loads(body) == json.loads(JSON)
        if response.status != 200 or not right:
            raise WrongAnswer(f"{server.command[0]}: {response.status}, {body[:200]!r}")

    def run(server: Server, core: int, seconds: int) -> float:
        command = ["taskset", "--cpu-list", str(core), "wrk", "-t1", f"-c{CONNECTIONS}"]
        command += [f"-d{seconds}", *([] if method == "GET" else ["-s", str(POST)])]
        before = measure.cpu_seconds(server.pid)
        ran = subprocess.run(
            [*command, f"http://{server.target}{path}"], capture_output=True, text=True
        )
        after = measure.cpu_seconds(server.pid)
        return measure.spent(before, after) * 1e6 / requests_in(ran.stdout + ran.stderr)

    def prepare(server: Server, core: int, seconds: float) -> Round:
        verify(server)
        run(server, core, 1)
        return lambda: run(server, core, max(1, round(seconds)))

    return prepare


def with_h2load(shape: Shape) -> Callable[[Server, int, float], Round]:
    """The load of `h2load`: HTTP/2, which compares the sizes of all answers."""

    def prepare(server: Server, core: int, seconds: float) -> Round:
        contenders.verify(server.target, shape)
        calls = measure.calls_for(server, shape, core, seconds)
        return lambda: measure.load(server, shape, calls, core).cpu_us

    return prepare


def nginx_command(port: int) -> list[str]:
    NGINX.mkdir(parents=True, exist_ok=True)
    (NGINX / "text").write_text(TEXT)
    (NGINX / "nginx.conf").write_text(NGINX_CONFIGURATION % port)
    return ["nginx", "-p", str(NGINX), "-c", "nginx.conf", "-e", "stderr"]


def fastapi_command(port: int) -> list[str]:
    return [sys.executable, str(BENCHMARKS / "peers/fastapi_echo.py"), str(port)]


def write_script() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    POST.write_text(
        f"wrk.method, wrk.body = 'POST', '{JSON.decode()}'\n"
        "wrk.headers['content-type'] = 'application/json'\n"
    )


OURS, NGHTTPD = CONTENDERS[:2]
NGINX_SERVER = Contender(
    "nginx", write_script, nginx_command, lambda: output("nginx", "-v"), speaks=False
)
FASTAPI = Contender(
    "fastapi",
    write_script,
    fastapi_command,
    lambda: output(sys.executable, "-c", "import fastapi; print('fastapi', fastapi.__version__)"),
    speaks=False,
)
GRPC = SHAPES[0]
# The message without the five bytes in front of it.
CONNECT = Shape(
    "connect", "Get", 10, 10, ONE[5:], ONE[5:], fields=(("content-type", "application/proto"),)
)
EVENTS = Shape(
    "events",
    GATEWAY_STREAM,
    10,
    10,
    json.dumps({"text": f"repeat:{STREAMED}:{TEXT}"}).encode(),
    (b"data: " + JSON + b"\n\n") * STREAMED + b"event: end\ndata: {}\n\n",
    STREAMED,
    fields=(("content-type", "application/json"), ("accept", "text/event-stream")),
)

COMPARISONS = {
    "a unary call in JSON over HTTP/1.1, 64 connections": [
        Door("gateway", OURS, with_wrk("POST", GATEWAY_UNARY)),
        Door("connect", OURS, with_wrk("POST", UNARY)),
        Door("nginx", NGINX_SERVER, with_wrk("GET", "/text")),
        Door("fastapi", FASTAPI, with_wrk("POST", UNARY)),
    ],
    "Connect in binary over HTTP/2, 10x10": [
        Door("connect", OURS, with_h2load(CONNECT)),
        Door("grpc", OURS, with_h2load(GRPC)),
    ],
    "an event of a server-sent stream, and a request of nghttpd, over HTTP/2, 10x10": [
        Door("gateway", OURS, with_h2load(EVENTS)),
        Door("nghttpd", NGHTTPD, with_h2load(GRPC)),
    ],
}


def compare(doors: list[Door], rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    cores = contenders.cores()
    running: dict[str, Server] = {}
    try:
        for door in doors:
            if door.contender.name not in running:
                running[door.contender.name] = contenders.start(door.contender, cores[0])
        ready = [door.prepare(running[door.contender.name], cores[-1], seconds) for door in doors]
        measured = [[measure_one() for measure_one in ready] for _ in range(rounds)]
    finally:
        for server in running.values():
            server.kill()
    return {
        door.name: {
            "cpu_us": statistics.median(one[place] for one in measured),
            "ratio": statistics.median(one[0] / one[place] for one in measured),
        }
        for place, door in enumerate(doors)
    }


def print_tables(found: dict[str, Any]) -> None:
    for title, doors in found.items():
        print(f"\n{title}: CPU time of the server for each, and the ratio of ours to it")
        for name, one in doors.items():
            print(f"  {name:<10} {one['cpu_us']:9.2f} us {one['ratio']:9.3f}")


def run(rounds: int, seconds: float) -> dict[str, Any]:
    for contender in (OURS, NGHTTPD, NGINX_SERVER, FASTAPI):
        contender.prepare()
    return {title: compare(doors, rounds, seconds) for title, doors in COMPARISONS.items()}
