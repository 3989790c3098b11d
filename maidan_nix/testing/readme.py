"""A plugin's README tells the truth: it is there, names every setting, and states the values that settings have."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix.manifest.resolution import resolve
from maidan_nix.manifest.setting_info import PRESETS, members
from maidan_nix.manifest.settings import Settings, infos
from maidan_nix.messages import say
from maidan_nix.problems import Problem, dotted
from maidan_nix.testing.example import required
from maidan_nix.testing.subject import Subject

_CODE = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"\|[\s:|-]+\|?\Z")


def readme(subject: Subject) -> Iterator[Problem]:
    """The README.md beside the plugin's module names every setting as code, and what it states holds.

    In a table whose first column is headed "setting", each row names one that exists, and columns headed "default", or
    by a preset, hold its value. Blocks marked as TOML can be read, and what they say of the plugin is accepted; the
    commands of maidan-nix in blocks marked as console exist, and blocks marked as Python are Python.
    """
    plugin = subject.plugin
    try:
        text = (subject.module.parent / "README.md").read_text("utf-8")
    except (OSError, ValueError):
        message = say("it has no README.md beside {module}, or none that can be read", module=subject.module.name)
        yield subject.problem(message)
        return
    values = _values(plugin.settings)
    prose = _BLOCK.sub("", text)
    mentioned = {step for code in _CODE.findall(prose) for step in re.split(r"[^A-Za-z0-9_]+", code)}
    for name in values:
        if name not in mentioned:
            yield subject.problem(say("its README.md does not explain the setting `{setting}`", setting=name))
    for header, cells in _rows(prose):
        yield from map(subject.problem, _row_faults(header, cells, values))
    for language, block in _blocks(text):
        if language == "toml":
            yield from _example_faults(subject, block)
        elif language == "python":
            yield from map(subject.problem, _python_faults(block))
        elif language == "console":
            yield from map(subject.problem, _command_faults(block))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The language and the content of each fenced block, without the indentation of a list."""
    for indent, language, block in _BLOCK.findall(text):
        yield language, re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)


def _example_faults(subject: Subject, block: str) -> Iterator[Problem]:
    """What is wrong with a part of a manifest that the README shows."""
    try:
        shown = tomllib.loads(block)
    except ValueError as error:
        yield subject.problem(say("an example in its README.md is not TOML: {error}", error=error))
        return
    floor, name = subject.name.split("/")
    sections = shown.get(floor, {})
    table = sections.get(name) if isinstance(sections, dict) else None
    if not isinstance(table, dict):
        return
    given = {**required(subject.plugin.settings), **{key: value for key, value in table.items() if key != "host"}}
    for problem in resolve(subject.plugin.settings, given, "strict", (floor, name), subject.name).problems:
        where, what = dotted(problem.path), problem.message
        message = say("an example in its README.md is refused at {where}: {what}", where=where, what=what)
        yield subject.problem(message, problem.expected, problem.hint)


def _python_faults(block: str) -> Iterator[str]:
    """What is wrong with code that the README shows to authors of other plugins."""
    try:
        compile(block, "README.md", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        yield say("an example in its README.md is not Python: {error}", error=error)


def _command_faults(block: str) -> Iterator[str]:
    """Name the commands of maidan-nix that a README shows and that there are not."""
    import click

    from maidan_nix.commands import group

    for line in block.splitlines():
        words = line.strip().removeprefix("$ ").split()
        if not line.strip().startswith("$ maidan-nix") or words[0] != "maidan-nix":
            continue
        command: click.Command | None = group
        steps = iter(word for word in words[1:] if not word.startswith("-"))
        while isinstance(command, click.Group) and (step := next(steps, None)) is not None:
            command = command.get_command(click.Context(command), step)
            if command is None:
                yield say("its README.md shows a command that there is not: {command}", command=" ".join(words))


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
        yield say("its README.md explains a setting `{setting}` that there is not", setting=name)
        return
    for heading, cell in zip(header[1:], cells[1:], strict=False):
        found = [columns[heading] for columns in values[name] if heading in columns]
        if found and not any(_states(cell, value) for value in found):
            yield say(
                "its README.md says that `{setting}` is {cell} ({heading}), and it is {value}",
                setting=name, cell=cell, heading=heading, value=repr(found[0]),
            )  # fmt: skip


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
