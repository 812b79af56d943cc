# SPDX-License-Identifier: Apache-2.0
"""Compares the protobuf runtime with Python's on random messages of random schemas.

Each message is made in Python and sent to a Swift program that was generated from the same schema,
in binary, JSON or text; what comes back in each format is read in Python, and must be the same
message. Generated types and dynamic ones take turns. What Python cuts off or changes at random is
read by both, and must be an error to both or to neither.

Usage: run.py [--messages N] [--schemas N] [--seed N] [--jobs N]
"""

import argparse
import multiprocessing
import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import messages
import schemas
from google.protobuf import json_format, text_format
from google.protobuf.message import DecodeError, Message

ROOT = Path(__file__).resolve().parents[2]
PROTOC = Path(os.environ.get("PROTOC_PATH", ROOT / ".venv/bin/protoc"))
WORK = ROOT / ".cache/differential"
BINARY, JSON, TEXT = range(3)
DYNAMIC = 32768  # added to a message's number


def build(made: list[schemas.Schema]) -> Path:
    """Writes and builds the Swift program, and the Python modules."""
    sources = WORK / "Sources/differential-testee"
    for folder in (sources, WORK / "python"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for schema in made:
        (sources / schema.name).write_text(schema.text)
    names = [schema.name for schema in made]
    subprocess.run([PROTOC, f"-I{sources}", f"--python_out={WORK}/python", *names], check=True)
    shutil.copy(ROOT / "Conformance/differential/Testee.swift", sources / "main.swift")
    shutil.copy(ROOT / "Conformance/Sources/amaru-conformance/StandardIO.swift", sources)
    types = [name.split(".")[1] for schema in made for name in schema.messages]
    (sources / "Messages.swift").write_text(
        "import AmaruProtobuf\n\nlet messages: [any Message.Type] = [\n  "
        + ",\n  ".join(f"{name}.self" for name in types)
        + ",\n]\n"
    )
    (WORK / "Package.swift").write_text(
        "// swift-tools-version: 6.2\nimport PackageDescription\n\n"
        'let package = Package(\n  name: "differential",\n'
        f'  dependencies: [.package(name: "amaru", path: "{ROOT}")],\n'
        '  targets: [.executableTarget(name: "differential-testee",\n'
        '    dependencies: [.product(name: "AmaruProtobuf", package: "amaru")],\n'
        '    plugins: [.plugin(name: "AmaruPlugin", package: "amaru")])],\n'
        "  swiftLanguageModes: [.v6])\n"
    )
    command = ["swift", "build", "--package-path", WORK]
    command += ["--product", "differential-testee"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    path = subprocess.run([*command, "--show-bin-path"], capture_output=True, text=True, check=True)
    return Path(path.stdout.strip()) / "differential-testee"


class Testee:
    """The Swift program; it answers each request before it reads the next."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, number: int, source: int, target: int, payload: bytes) -> tuple[bool, bytes]:
        """Gives whether the message was taken, and it in the other format, or the error's text."""
        head = struct.pack("<IHBB", len(payload) + 4, number, source, target)
        self.process.stdin.write(head + payload)
        self.process.stdin.flush()
        (length,) = struct.unpack("<I", self.read(4))
        body = self.read(length)
        return body[0] == 0, body[1:]

    def read(self, count: int) -> bytes:
        data = self.process.stdout.read(count)
        if len(data) != count:
            sys.exit(f"differential: the testee ended with status {self.process.wait()}")
        return data

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def write(message: Message, form: int) -> bytes:
    if form == BINARY:
        return message.SerializeToString()
    if form == JSON:
        return json_format.MessageToJson(message, indent=None).encode()
    return text_format.MessageToString(message).encode()


def read(kind: type[Message], data: bytes, form: int) -> Message:
    message = kind()
    if form == BINARY:
        message.ParseFromString(data)
    elif form == JSON:
        json_format.Parse(data.decode(), message)
    else:
        text_format.Parse(data.decode(), message)
    return message


def canonical(message: Message) -> bytes:
    """Equal for equal messages: NaN, unlike in comparisons, equals itself here."""
    return message.SerializeToString(deterministic=True)


def mutate(data: bytes, r: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(r.randint(1, 3)):
        if not changed or r.random() < 0.3:
            del changed[r.randint(0, len(changed)) :]
        else:
            changed[r.randrange(len(changed))] = r.randrange(256)
    return bytes(changed)


def accepts(kind: type[Message], data: bytes) -> bool:
    try:
        message = kind()
        message.ParseFromString(data)
    except (DecodeError, UnicodeDecodeError):
        return False
    return message.IsInitialized()


def compare(
    program: Path, made: list[schemas.Schema], count: int, seed: str, forms: list[int]
) -> tuple[int, int]:
    """Compares so many messages; gives how many failed, and how many changed ones were errors."""
    testee = Testee(program)
    kinds, is_proto2 = [], []
    for schema in made:
        module = __import__(schema.name.removesuffix(".proto") + "_pb2")
        kinds += [getattr(module, name.split(".")[1]) for name in schema.messages]
        is_proto2 += ['syntax = "proto2"' in schema.text] * len(schema.messages)
    r = random.Random(seed)
    filler = messages.Filler(seed)
    failed = errors = 0

    def complain(kind: type[Message], *lines: str) -> None:
        nonlocal failed
        failed += 1
        if failed <= 10:
            print(f"differential: {kind.DESCRIPTOR.full_name}", *lines, sep="\n  ", flush=True)

    for done in range(count):
        index = r.randrange(len(kinds))
        kind = kinds[index]
        message = kind()
        filler.fill(message)
        number = index + (DYNAMIC if r.random() < 0.3 else 0)
        source, target = r.choice(forms), r.choice(forms)
        data = write(message, source)
        good, answer = testee.ask(number, source, target, data)
        problem = ""
        try:
            if not good:
                problem = answer.decode()
            elif canonical(read(kind, answer, target)) != canonical(read(kind, data, source)):
                problem = "another message came back"
        except Exception as error:
            problem = f"Python does not read what came back: {error}"
        if problem:
            way = f"{'dynamic' if number >= DYNAMIC else 'generated'}, {source} to {target}"
            complain(kind, f"{way}: {problem}", f"sent {data!r}", f"got  {answer!r}")
        if done % 4 == 0:
            changed = mutate(message.SerializeToString(), r)
            good, answer = testee.ask(index, BINARY, BINARY, changed)
            errors += not good
            # Where we are stricter: strings of proto2 are UTF-8, varints fit in 64 bits, and no
            # field has number zero, in groups that are not known either.
            is_stricter = not good and (
                b"varint" in answer
                or b"invalid tag" in answer
                or (is_proto2[index] and b"UTF-8" in answer)
            )
            if not is_stricter and good != accepts(kind, changed):
                said = "is taken" if good else f"is refused ({answer.decode()})"
                complain(kind, f"{changed.hex()} {said}")
        if (done + 1) % 5000 == 0:
            print(f"differential: {seed}: {done + 1} messages, {failed} failed", flush=True)
    testee.end()
    return failed, errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--schemas", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()

    made = schemas.make(options.schemas, options.seed)
    program = build(made)
    sys.path.insert(0, str(WORK / "python"))
    count = -(-options.messages // options.jobs)
    tasks = [
        (program, made, count, f"{options.seed}.{job}", [BINARY, JSON, TEXT])
        for job in range(options.jobs)
    ]
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        results = pool.starmap(compare, tasks)
    failed, errors = (sum(column) for column in zip(*results, strict=True))
    total = count * options.jobs
    print(f"differential: {errors} of the changed messages were errors")
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
