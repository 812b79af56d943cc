# SPDX-License-Identifier: Apache-2.0
"""Pydantic models as types of requests. Pydantic is imported only when a model is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import msgspec

from .errors import FieldViolation, RpcError, invalid_argument


def is_model(kind: Any) -> bool:
    """Whether the type is a Pydantic model. Without Pydantic nothing is."""
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)


def require_model(kind: Any) -> None:
    """TypeError or ImportError, with the cure, for what is no Pydantic model."""
    try:
        import pydantic
    except ImportError:
        raise ImportError("request_model needs Pydantic: pip install 'amaru[pydantic]'") from None
    if not (isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)):
        raise TypeError(f"request_model must be a pydantic.BaseModel, not {kind!r}")


def validator(model: Any) -> Callable[[Any], Any]:
    """A function that makes the model of the decoded arguments of a request."""
    names = [field.alias or name for name, field in model.model_fields.items()]
    validate = model.__pydantic_validator__.validate_python
    is_root = "root" in model.model_fields and len(names) == 1

    def make(arguments: Any) -> Any:
        if not isinstance(arguments, dict) and not is_root:
            arguments = _named(arguments, names)
        return validate(arguments)

    return make


def _named(arguments: Any, names: list[str]) -> dict[str, Any]:
    """Positional arguments by the names of the model's fields, in their order."""
    if arguments is None:
        return {}
    values = arguments if isinstance(arguments, list) else [arguments]
    if len(values) > len(names):
        raise invalid_argument(f"{len(values)} arguments; at most {len(names)} are taken")
    return dict(zip(names, values, strict=False))


def violations_of(error: Any) -> list[FieldViolation]:
    """Field errors of a `pydantic.ValidationError`."""
    return [
        FieldViolation(".".join(str(part) for part in each["loc"]), each["msg"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def refusal(error: BaseException, names: list[str]) -> RpcError:
    """INVALID_ARGUMENT for arguments that were not decoded or validated.

    names: of the positional parameters, for an error at `$[1]`.
    """
    if isinstance(error, RpcError):
        return error
    if isinstance(error, RecursionError):
        return invalid_argument("the arguments are nested too deeply", reason="RecursionError")
    inner = error if _is_pydantic(error) else error.__cause__
    if inner is not None and _is_pydantic(inner):
        prefix = _path(_location(str(error)), names) if inner is not error else ""
        violations = [
            FieldViolation(".".join(filter(None, (prefix, each.field))), each.description)
            for each in violations_of(inner)
        ]
        text = "; ".join(f"{each.field}: {each.description}" for each in violations)
        return invalid_argument(text, violations)
    if isinstance(error, msgspec.ValidationError):
        return _mismatch(str(error), names)
    return invalid_argument(f"the arguments are no MessagePack: {error}", reason="DecodeError")


def _is_pydantic(error: BaseException) -> bool:
    core = sys.modules.get("pydantic_core")
    return core is not None and isinstance(error, core.ValidationError)


def _mismatch(text: str, names: list[str]) -> RpcError:
    """msgspec names the place of a wrong type, and the field that is missing or unknown."""
    reason, _, _ = text.partition(" - at `$")
    field = _path(_location(text), names)
    for marker in ("missing required field `", "unknown field `"):
        if marker in reason:
            name = reason.partition(marker)[2].rstrip("`")
            field = f"{field}.{name}" if field else name
            reason = "a required argument" if "missing" in marker else "no such argument"
            if "." in field:
                reason = reason.replace("argument", "field")
            reason += " is missing" if "missing" in marker else ""
    if not field and (found := _count(reason, names)):
        field, reason = found
    message = f"{field}: {reason}" if field else reason
    return invalid_argument(message, [FieldViolation(field, reason)])


def _count(reason: str, names: list[str]) -> tuple[str, str] | None:
    """Too few or too many positional arguments, by name and number."""
    words = reason.replace(",", "").split()
    if reason.startswith("Expected `array` of at least length"):
        given = int(words[-1])
        return names[given], "a required argument is missing"
    if reason.startswith("Expected `array` of at most length"):
        return "", f"{words[-1]} positional arguments; at most {len(names)} are taken"
    return None


def _location(text: str) -> str:
    """The path behind `$` in an error of msgspec, such as `.user.tags[3]`."""
    return text.rpartition(" - at `$")[2].rstrip("`") if " - at `$" in text else ""


def _path(location: str, names: list[str]) -> str:
    """The path in the dotted form of violations; `[1]` in front is the parameter of that number."""
    parts = location.replace("[", ".").replace("]", "").lstrip(".").split(".")
    if location.startswith("[") and parts[0].isdigit() and int(parts[0]) < len(names):
        parts[0] = names[int(parts[0])]
    return ".".join(part for part in parts if part)
