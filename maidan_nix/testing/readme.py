"""A plugin's README tells the truth: it is there, names every setting, and states the values that settings have."""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from maidan_nix.contract.plugin import Plugin
from maidan_nix.manifest.setting_info import PRESETS, members
from maidan_nix.manifest.settings import Settings, infos

_CODE = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"\|[\s:|-]+\|?\Z")


def readme_faults(plugin: Plugin[Any]) -> Iterator[str]:
    """Say what is wrong with the README.md beside the plugin's module.

    It names every setting as code. In a table whose first column is headed "setting", each row names one that exists,
    and columns headed "default", or by a preset, hold its value. Blocks marked as TOML can be read.
    """
    module = Path(sys.modules[type(plugin).__module__].__file__ or "")
    try:
        text = (module.parent / "README.md").read_text("utf-8")
    except (OSError, ValueError):
        yield f"it has no README.md beside {module.name}, or none that can be read"
        return
    values = _values(plugin.settings)
    prose = _BLOCK.sub("", text)
    mentioned = {step for code in _CODE.findall(prose) for step in re.split(r"[^A-Za-z0-9_]+", code)}
    for name in values:
        if name not in mentioned:
            yield f"its README.md does not explain the setting `{name}`"
    for header, cells in _rows(prose):
        yield from _row_faults(header, cells, values)
    for language, block in _BLOCK.findall(text):
        try:
            tomllib.loads(block if language == "toml" else "")
        except ValueError as error:
            yield f"an example in its README.md is not TOML: {error}"


def _values(settings: type[Settings]) -> Mapping[str, list[Mapping[str, Any]]]:
    """The value of each setting by column heading, for every setting of that name, those in nested tables included."""
    values: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for name, field in settings.model_fields.items():
        nested = [each for each in members(field.annotation) if isinstance(each, type) and issubclass(each, Settings)]
        for each in nested:
            for inner, found in _values(each).items():
                values[inner] += found
        info = infos(settings).get(name)
        columns: dict[str, Any] = {}
        if info is not None and info.presets is not None:
            columns = {preset: info.presets.value(preset) for preset in PRESETS}
        elif not field.is_required() and not nested:
            columns = dict.fromkeys(("default", *PRESETS), field.default)
        if info is not None and info.presets is not None and len(set(map(repr, columns.values()))) == 1:
            columns["default"] = info.presets.strict
        values[name].append(columns)
    return values


def _rows(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """The rows of the tables of settings, each with its table's head."""
    header: list[str] = []
    before: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
        if not line.lstrip().startswith("|"):
            header, before = [], []
        elif _RULE.match(line.strip()):
            header = [cell.lower() for cell in before]
        elif header and header[0] == "setting":
            yield header, cells
        else:
            before = cells


def _row_faults(header: list[str], cells: list[str], values: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[str]:
    code = _CODE.match(cells[0])
    name = re.split(r"[^A-Za-z0-9_]+", code[1])[-1] if code else cells[0]
    if name not in values:
        yield f"its README.md explains a setting `{name}` that there is not"
        return
    for heading, cell in zip(header[1:], cells[1:], strict=False):
        found = [columns[heading] for columns in values[name] if heading in columns]
        if found and not any(_states(cell, value) for value in found):
            yield f"its README.md says that `{name}` is {cell} ({heading}), and it is {found[0]!r}"


def _states(cell: str, value: object) -> bool:
    """Whether a cell states this value; words that are no value ("none", "see above") state nothing wrong."""
    code = _CODE.match(cell)
    stated = code[1] if code else cell
    if isinstance(value, str):
        return stated.strip('"') == value or (not value and not code)
    try:
        read = tomllib.loads(f"value = {stated}")["value"]
    except ValueError:
        return code is None
    return bool(read == (list(value) if isinstance(value, tuple) else value)) and isinstance(read, bool) == isinstance(
        value, bool
    )
