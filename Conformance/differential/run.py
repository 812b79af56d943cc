# SPDX-License-Identifier: Apache-2.0
"""Compares the protobuf runtime with Python's on random messages of random schemas.

Each message is made in Python and sent to a Swift program that was generated from the same schema,
in binary, JSON or text; what comes back in each format is read in Python, and must be the same
message. Generated types and dynamic ones take turns. What Python cuts off or changes at random is
read by both, and must be an error to both or to neither.

Usage: run.py [--messages N] [--schemas N] [--seed N]
"""

import argparse
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
    """The Swift program. Requests are sent in batches that its pipes can hold."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, requests: list[tuple[int, int, int, bytes]]) -> list[tuple[bool, bytes]]:
        answers = []
        for number, source, target, payload in requests:
            head = struct.pack("<IHBB", len(payload) + 4, number, source, target)
            self.process.stdin.write(head + payload)
            self.process.stdin.flush()
            (length,) = struct.unpack("<I", self.read(4))
            body = self.read(length)
            answers.append((body[0] == 0, body[1:]))
        return answers

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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--schemas", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-text", action="store_true")
    options = parser.parse_args()

    made = schemas.make(options.schemas, options.seed)
    testee = Testee(build(made))
    sys.path.insert(0, str(WORK / "python"))
    kinds = []
    for schema in made:
        module = __import__(schema.name.removesuffix(".proto") + "_pb2")
        kinds += [getattr(module, name.split(".")[1]) for name in schema.messages]

    r = random.Random(options.seed)
    filler = messages.Filler(options.seed)
    forms = [BINARY, JSON] if options.no_text else [BINARY, JSON, TEXT]
    failed = done = errors = 0
    while done < options.messages:
        index = r.randrange(len(kinds))
        kind = kinds[index]
        message = kind()
        filler.fill(message)
        number = index + (32768 if r.random() < 0.3 else 0)
        source, target = r.choice(forms), r.choice(forms)
        data = write(message, source)
        ((good, answer),) = testee.ask([(number, source, target, data)])
        problem = ""
        try:
            if not good:
                problem = answer.decode()
            elif canonical(read(kind, answer, target)) != canonical(read(kind, data, source)):
                problem = "another message came back"
        except Exception as error:
            problem = f"Python does not read what came back: {error}"
        if problem:
            failed += 1
            if failed <= 10:
                name = kind.DESCRIPTOR.full_name + (" (dynamic)" if number >= 32768 else "")
                print(f"differential: {name} {source}->{target}: {problem}\n  sent {data!r}")
                print(f"  got  {answer!r}")
        if done % 4 == 0:
            changed = mutate(message.SerializeToString(), r)
            ((good, answer),) = testee.ask([(number, BINARY, BINARY, changed)])
            errors += not good
            if good != accepts(kind, changed):
                failed += 1
                if failed <= 10:
                    said = "takes" if good else f"refuses ({answer.decode()})"
                    print(f"differential: {kind.DESCRIPTOR.full_name}: {said} {changed.hex()}")
        done += 1
        if done % 10_000 == 0:
            print(f"differential: {done} messages, {failed} failed", flush=True)
    testee.end()
    print(f"differential: {errors} changed messages were errors to both")
    print(f"{done - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
