# SPDX-License-Identifier: Apache-2.0
"""Requests of HTTP/1.1, and what an attacker makes of them. One seed, the same bytes."""

import random
from collections.abc import Iterator

REQUESTS = [
    b"GET /a?b=c HTTP/1.1\r\nHost: a.example:80\r\nX-A: one\r\nx-b:  two\t \r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
    b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
    b"PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n"
    b"00A\r\n0123456789\r\n0\r\nX-T: y\r\n\r\n",
    b"\r\nDELETE http://b.example/x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
]
# What readers have been known to see differently.
BYTES = [bytes([code]) for code in b'\0\t\n\v\f\r !"#%+,-./0179:;=AFXafx\\_{}\x1b\x7f\x80\xa0\xff']
BYTES += [b"\r\n", b"\n\n", b"\r\r\n", b"\n\r", b" \r\n", b"\r\n ", b"\r\n\r\n", b"0x", b"\xc2\xa0"]
FIELDS = [
    b"Content-Length: 5",
    b"Content-Length: 0",
    b"Content-Length: 5, 5",
    b"Content-Length: +5",
    b"Content-Length: 05",
    b"Content-Length : 5",
    b"Content_Length: 5",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: Chunked",
    b"Transfer-Encoding:\tchunked",
    b"Transfer-Encoding: chunked\x0b",
    b" Transfer-Encoding: chunked",
    b"Transfer-Encoding\t: chunked",
    b'Transfer-Encoding: "chunked"',
    b"Host: b",
    b"Host: b@c",
    b"Host:",
    b"Expect: 100-continue",
    b"Expect: else",
    b"Connection: close",
    b"Connection: keep-alive, x",
    b"X-A",
    b"X-A:",
    b"X-A: \x80\xff",
    b": x",
    b" folded",
    b"\tfolded",
]
LINES = [
    b"GET http://b/ HTTP/1.1",
    b"GET http://u@b/ HTTP/1.1",
    b"GET b:80 HTTP/1.1",
    b"TRACE / HTTP/1.1",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET /",
    b"GET  / HTTP/1.1",
    b"get / HTTP/1.1",
    b"GET /a b HTTP/1.1",
    b"GET /..%2f%00 HTTP/1.1",
]
SIZES = [
    b"0",
    b"00",
    b"5 ",
    b" 5",
    b"5;",
    b'5;a="b"',
    b"5;\xc2\xa0=y",
    b"0x5",
    b"+5",
    b"-1",
    b"5g",
    b"FFFFFFFFFFFFFFFF",
]
SIZES += [b"10000000000000005", b"5\t", b"5 ;a", b"", b"5\n"]


def mutations(seed: int, count: int) -> Iterator[bytes]:
    """`count` inputs, each of one to three requests, changed in up to three places."""
    chance = random.Random(seed)
    yield from REQUESTS
    for _ in range(count - len(REQUESTS)):
        data = b"".join(chance.choices(REQUESTS, k=chance.randint(1, 3)))
        for _ in range(chance.randint(1, 3)):
            data = chance.choice(KINDS)(data, chance)
        yield data


def insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(BYTES) + data[at:]


def replace(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(BYTES) + data[at + 1 :]


def remove(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.randint(1, 3) :]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def add_field(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    lines.insert(chance.randrange(1, len(lines) + 1), chance.choice(FIELDS))
    return b"\r\n".join(lines)


def swap_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\r\n".join(lines)


def repeat_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    at = chance.randrange(len(lines))
    return b"\r\n".join([*lines[: at + 1], *lines[at:]])


def change_line(data: bytes, chance: random.Random) -> bytes:
    """Puts another first line, or another size of a chunk, in the place of one."""
    lines = data.split(b"\r\n")
    first = [n for n, line in enumerate(lines) if b" HTTP/" in line]
    sizes = [n for n, line in enumerate(lines) if line[:1].isalnum() and len(line) < 8]
    if sizes and chance.random() < 0.6:
        lines[chance.choice(sizes)] = chance.choice(SIZES)
    elif first:
        lines[chance.choice(first)] = chance.choice(LINES)
    return b"\r\n".join(lines)


KINDS = [insert, replace, remove, cut, add_field, add_field, swap_lines, repeat_line, change_line]
