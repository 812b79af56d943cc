# SPDX-License-Identifier: Apache-2.0
"""Random schemas of every syntax and edition, from a seed."""

import random
from dataclasses import dataclass, field

NUMBERS = "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64"
SCALARS = [*NUMBERS.split(), "bool", "string", "bytes"]
KEYS = [name for name in SCALARS if name not in ("double", "float", "bytes")]
WORDS = ["alpha", "beta", "gamma", "price", "unit", "name", "kind", "value", "state", "total"]
KINDS = ["proto2", "proto3", "2023", "2024"]


@dataclass
class Schema:
    """A file, as text."""

    name: str
    package: str
    text: str
    messages: list[str] = field(default_factory=list)


class Writer:
    """Writes one schema."""

    def __init__(self, number: int, seed: int) -> None:
        self.random = random.Random(f"{seed}/{number}")
        self.kind = KINDS[number % len(KINDS)]
        self.package = f"random{number}"
        self.lines: list[str] = []
        self.counter = 0
        self.prefix = f"S{number}"
        # Features of the file.
        self.presence = {"proto2": "EXPLICIT", "proto3": "IMPLICIT"}.get(self.kind, "EXPLICIT")
        self.is_edition = self.kind in ("2023", "2024")

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def name(self) -> str:
        self.counter += 1
        words = self.random.sample(WORDS, self.random.randint(1, 2))
        return "_".join(words) + f"x{self.counter}"

    def schema(self) -> Schema:
        syntax = f'edition = "{self.kind}"' if self.is_edition else f'syntax = "{self.kind}"'
        self.lines += [f"{syntax};", f"package {self.package};"]
        if self.is_edition:
            if self.chance(0.3):
                self.presence = "IMPLICIT"
                self.lines.append("option features.field_presence = IMPLICIT;")
            if self.chance(0.3):
                self.lines.append("option features.repeated_field_encoding = EXPANDED;")
            if self.chance(0.3):
                self.lines.append("option features.message_encoding = DELIMITED;")
        self.enums = [self.enum(number) for number in range(3)]
        count = self.random.randint(2, 4)
        self.messages = [f"{self.prefix}Message{index}" for index in range(count)]
        for name in self.messages:
            self.message(name)
        messages = [f"{self.package}.{name}" for name in self.messages]
        name = f"{self.package}.proto"
        return Schema(name, self.package, "\n".join(self.lines) + "\n", messages)

    def enum(self, number: int) -> tuple[str, bool, list[str], bool]:
        """Gives the name, whether it is closed, the values, and whether the first one is zero."""
        closed = self.kind == "proto2" or (self.is_edition and self.chance(0.4))
        zero = not closed or self.chance(0.5)
        name = f"{self.prefix}Enum{number}"
        upper = f"{self.prefix}_ENUM{number}"
        self.lines.append(f"enum {name} {{")
        if self.is_edition and closed:
            self.lines.append("  option features.enum_type = CLOSED;")
        numbers = [0 if zero else 3, *self.random.sample(range(4, 40), 3), -1, 2_000_000_000]
        values = [f"{upper}_V{index}" for index in range(len(numbers))]
        for value, constant in zip(values, numbers, strict=True):
            self.lines.append(f"  {value} = {constant};")
        self.lines.append("}")
        return name, closed, values, zero

    def numbers(self, count: int) -> list[int]:
        numbers: set[int] = set()
        while len(numbers) < count:
            number = self.random.choice(
                [
                    self.random.randint(1, 20),
                    self.random.randint(1, 3000),
                    self.random.randint(20_000, 536_870_911),
                    536_870_911,
                ]
            )
            numbers.add(number)
        found = list(numbers)
        self.random.shuffle(found)
        return found

    def message(self, name: str) -> None:
        count = self.random.randint(4, 14)
        numbers = self.numbers(count + 3)
        self.lines.append(f"message {name} {{")
        for number in numbers[:count]:
            self.lines.append(f"  {self.field(number)}")
        self.lines.append(f"  oneof {self.name()} {{")
        for number in numbers[count:]:
            type_, options, _ = self.type()
            self.lines.append(f"    {self.declaration(type_, number, options)}")
        self.lines += ["  }", "}"]

    def type(self, implicit: bool = False) -> tuple[str, list[str], str]:
        """Gives a type, the options it asks for, and its kind."""
        choice = self.random.random()
        if choice < 0.2:
            options = []
            if self.is_edition and self.chance(0.4):
                encoding = self.random.choice(["DELIMITED", "LENGTH_PREFIXED"])
                options.append(f"features.message_encoding = {encoding}")
            return self.random.choice(self.messages), options, "message"
        if choice < 0.35:
            name, closed, _, zero = self.random.choice(self.enums)
            if not implicit or (not closed and zero):
                return name, [], "enum"
        return self.random.choice(SCALARS), [], "scalar"

    def declaration(self, type_: str, number: int, options: list[str], label: str = "") -> str:
        if self.chance(0.1):
            options = [*options, f'json_name = "j{number}"']
        text = f" [{', '.join(options)}]" if options else ""
        return f"{label}{type_} {self.name()} = {number}{text};"

    def field(self, number: int) -> str:
        choice = self.random.random()
        if choice < 0.15:
            return self.map(number)
        if choice < 0.4:
            type_, options, kind = self.type()
            packable = kind == "enum" or type_ not in ("string", "bytes")
            if kind != "message" and packable and self.chance(0.5):
                if self.is_edition:
                    encoding = self.random.choice(["PACKED", "EXPANDED"])
                    options.append(f"features.repeated_field_encoding = {encoding}")
                else:
                    options.append(f"packed = {self.random.choice(['true', 'false'])}")
            return self.declaration(type_, number, options, "repeated ")
        if self.kind == "proto2":
            return self.legacy(number)
        if self.kind == "proto3":
            type_, options, kind = self.type()
            label = "optional " if kind != "message" and self.chance(0.4) else ""
            return self.declaration(type_, number, options, label)
        return self.edition(number)

    def legacy(self, number: int) -> str:
        type_, options, kind = self.type()
        if kind == "message":
            return self.declaration(type_, number, options, "optional ")
        if self.chance(0.15):
            return self.declaration(type_, number, options, "required ")
        if self.chance(0.1):
            self.counter += 1
            group = f"Group{self.counter}"
            inner = self.declaration(self.random.choice(SCALARS), 1, [], "optional ")
            label = self.random.choice(["optional", "repeated"])
            return f"{label} group {group} = {number} {{ {inner} }}"
        return self.declaration(type_, number, [*options, *self.default(type_)], "optional ")

    def edition(self, number: int) -> str:
        choices = ["EXPLICIT", "IMPLICIT", "LEGACY_REQUIRED"]
        own = self.chance(0.5)
        weights = [0.45, 0.45, 0.1]
        presence = self.random.choices(choices, weights)[0] if own else self.presence
        type_, options, kind = self.type(implicit=presence == "IMPLICIT")
        if kind == "message":
            return self.declaration(type_, number, options)
        if own:
            options = [*options, f"features.field_presence = {presence}"]
        if presence == "EXPLICIT":
            options = [*options, *self.default(type_)]
        return self.declaration(type_, number, options)

    def default(self, type_: str) -> list[str]:
        if type_ not in SCALARS or type_ in ("string", "bytes", "bool") or self.chance(0.6):
            return []
        return [f"default = {self.random.choice([1, 7, 42])}"]

    def map(self, number: int) -> str:
        key = self.random.choice(KEYS)
        # The value's field has the presence of the file, which closed enums must not lack.
        open_only = self.is_edition and self.presence == "IMPLICIT"
        enums = [
            name for name, closed, _, zero in self.enums if zero and not (closed and open_only)
        ]
        if self.chance(0.25):
            value = self.random.choice(self.messages)
        elif enums and self.chance(0.3):
            value = self.random.choice(enums)
        else:
            value = self.random.choice(SCALARS)
        return f"map<{key}, {value}> {self.name()} = {number};"


def make(count: int, seed: int) -> list[Schema]:
    """Makes schemas; the syntaxes and editions take turns."""
    return [Writer(number, seed).schema() for number in range(count)]
