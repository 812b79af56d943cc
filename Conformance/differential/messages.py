# SPDX-License-Identifier: Apache-2.0
"""Random messages of any descriptor."""

import random

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

F = FieldDescriptor
INTEGERS = {
    **dict.fromkeys((F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64), (-(2**63), 2**63 - 1)),
    **dict.fromkeys((F.TYPE_UINT32, F.TYPE_FIXED32), (0, 2**32 - 1)),
    **dict.fromkeys((F.TYPE_UINT64, F.TYPE_FIXED64), (0, 2**64 - 1)),
}
TEXTS = ["", "a", "Grüße", "日本語", 'quote " and \\', "tab\tline\n", "\0\x1f", "😀", "x" * 70]
FLOATS = [0.0, -0.0, 1.0, -1.5, 1e10, 3.0e-8, float("inf"), float("-inf"), float("nan")]


class Filler:
    """Fills messages from a seed."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)

    def scalar(self, field: FieldDescriptor) -> object:
        r = self.random
        if limits := INTEGERS.get(field.type):
            low, high = limits
            small = r.randint(max(low, -200), 200)
            return r.choice([0, low, high, small, r.randint(low, high)])
        if field.type == F.TYPE_BOOL:
            return r.random() < 0.5
        if field.type == F.TYPE_STRING:
            return r.choice(TEXTS)
        if field.type == F.TYPE_BYTES:
            return r.randbytes(r.choice([0, 1, 2, 3, 40]))
        if field.type == F.TYPE_FLOAT:
            # Not the largest float: Python's JSON writes it rounded up, and does not read that.
            return r.choice([*FLOATS, r.uniform(-1e6, 1e6), 3.4e38])
        if field.type == F.TYPE_DOUBLE:
            return r.choice([*FLOATS, r.uniform(-1, 1), 1.7976931348623157e308, 5e-324])
        return self.enum(field.enum_type)

    def enum(self, enum: EnumDescriptor) -> int:
        if not enum.is_closed and self.random.random() < 0.1:
            return self.random.randint(-(2**31), 2**31 - 1)
        return self.random.choice(enum.values).number

    def fill(self, message: Message, depth: int = 0) -> None:
        r = self.random
        for field in message.DESCRIPTOR.fields:
            is_map = field.message_type and field.message_type.GetOptions().map_entry
            required = field.is_required
            if not required and (r.random() < 0.4 or (depth > 1 and field.message_type)):
                continue
            if is_map:
                self.fill_map(message, field, depth)
            elif field.is_repeated:
                values = getattr(message, field.name)
                for _ in range(r.choice([1, 1, 2, 5])):
                    if field.message_type:
                        self.fill(values.add(), depth + 1)
                    else:
                        values.append(self.scalar(field))
            elif field.message_type:
                child = getattr(message, field.name)
                child.SetInParent()
                self.fill(child, depth + 1)
            else:
                setattr(message, field.name, self.scalar(field))

    def fill_map(self, message: Message, field: FieldDescriptor, depth: int) -> None:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        entries = getattr(message, field.name)
        for _ in range(self.random.choice([1, 2, 3])):
            if value.message_type:
                self.fill(entries[self.scalar(key)], depth + 1)
            else:
                entries[self.scalar(key)] = self.scalar(value)
