"""The public signatures of `maidan_nix.api`, version 1, against their record in ``api_v1.txt``.

Within version 1 nothing is renamed or removed; objects gain fields with defaults, methods gain parameters with
defaults. Each name, field, method and parameter is a line of the record, so an extension adds lines and changes none.

To extend the API: add the member together with the code that reads it and two uses, then run

    python tests/test_api.py

which writes the new lines, and refuses when a recorded one would go.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from maidan_nix import api
from maidan_nix.manifest.schema import Community, Privacy

RECORD = Path(__file__).with_name("api_v1.txt")
HANDED_OVER = (Community, Privacy)
"""What a plugin reads from its context and has no need to name."""


def described() -> list[str]:
    """Every public signature, a line each, sorted."""
    lines: list[str] = []
    for name in api.__all__:
        found = getattr(api, name)
        if isinstance(found, types.ModuleType):
            public = [each for each in vars(found) if not each.startswith("_")]
            ours = [each for each in public if getattr(getattr(found, each), "__module__", "") == found.__name__]
            for each in ours:
                lines += _described(f"{name}.{each}", getattr(found, each))
        else:
            lines += _described(name, found)
    for kind in HANDED_OVER:
        lines += _described(kind.__name__, kind)
    return sorted(lines)


def _described(name: str, found: Any) -> Iterator[str]:
    if inspect.isclass(found):
        yield from _class(name, found)
    elif get_origin(found) is Annotated:
        yield f"{name}: type of {getattr(get_args(found)[0], '__name__', get_args(found)[0])}"
    elif inspect.isfunction(found):
        yield from _function(name, found)
    else:
        yield f"{name}: a value"


def _class(name: str, found: type) -> Iterator[str]:
    bases = [base.__name__ for base in found.__bases__ if base.__module__.startswith("maidan_nix")]
    yield f"class {name}{f' < {bases[0]}' if bases else ''}"
    fields = dataclasses.fields(found) if dataclasses.is_dataclass(found) else ()
    for field in fields:
        default = "" if field.default is dataclasses.MISSING else f" = {field.default!r}"
        yield f"{name}.{field.name}: {field.type}{default}{' keyword' if field.kw_only else ''}"
    names = {field.name for field in fields}
    for base in found.__mro__:
        if not base.__module__.startswith("maidan_nix"):
            continue
        for member, value in vars(base).items():
            if member.startswith(("_", "model_")) or member in names or isinstance(value, types.MemberDescriptorType):
                continue
            names.add(member)
            value = inspect.unwrap(getattr(value, "__func__", value))  # noqa: PLW2901  # a class method's function
            if inspect.isfunction(value):
                yield from _function(f"{name}.{member}", value)
            elif isinstance(value, property):
                yield f"{name}.{member}: property"
            else:
                yield f"{name}.{member}: class attribute"
        for member in vars(base).get("__annotations__", {}):
            if not member.startswith("_") and member not in names:
                names.add(member)
                yield f"{name}.{member}: to be stated"


def _function(name: str, found: Any) -> Iterator[str]:
    signature = inspect.signature(found)
    yield f"{name}() -> {signature.return_annotation}"
    for position, parameter in enumerate(signature.parameters.values()):
        if parameter.name in ("self", "cls"):
            continue
        place = "keyword" if parameter.kind is parameter.KEYWORD_ONLY else f"position {position}"
        default = "" if parameter.default is parameter.empty else " with a default"
        yield f"{name}({parameter.name}: {parameter.annotation}) {place}{default}"


def recorded() -> list[str]:
    return [line for line in RECORD.read_text("utf-8").splitlines() if not line.startswith("#")]


def test_nothing_that_was_recorded_is_gone() -> None:
    assert sorted(set(recorded()) - set(described())) == []


def test_everything_new_is_recorded() -> None:
    assert sorted(set(described()) - set(recorded())) == []


def test_what_is_listed_is_there_and_nothing_else() -> None:
    assert dir(api) == sorted(api.__all__)
    assert len(set(api.__all__)) == len(api.__all__)
    names = {line.split(":")[0].split("(")[0].split(" <")[0].removeprefix("class ") for line in recorded()}
    assert {name.split(".")[0] for name in names} == {*api.__all__, *(kind.__name__ for kind in HANDED_OVER)}


def test_the_record_sees_what_matters() -> None:
    """A record that would not change with the API could not guard it."""
    lines = described()
    assert "class Database < Need" in lines
    assert "Port.number: int | None = None keyword" in lines
    assert "Plugin.needs(context: Context[S]) position 1" in lines
    assert "Plugin.floor: to be stated" in lines
    assert any(line.startswith("setting(default: Any) keyword with a default") for line in lines)


HEAD = "# The public signatures of maidan_nix.api, version 1. tests/test_api.py says how to add to them.\n"

if __name__ == "__main__":
    gone = sorted(set(recorded()) - set(described())) if RECORD.exists() else []
    if gone:
        sys.exit("these are recorded, and would be gone:\n" + "\n".join(gone))
    RECORD.write_text(HEAD + "\n".join(described()) + "\n", "utf-8")
