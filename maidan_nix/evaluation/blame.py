"""Whose fault it is that Nix refuses: a plugin and a key of the manifest, or a file of the steward's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from maidan_nix.evaluation.citation import cited_above, cited_at
from maidan_nix.evaluation.words import Place, Refusal
from maidan_nix.messages import say
from maidan_nix.nix.values import Value
from maidan_nix.options.names import split
from maidan_nix.problems import KeyPath, Problem

_NAMES: Final = re.compile(r"\b[a-z][A-Za-z0-9_-]*(?:\.(?:[A-Za-z0-9_-]+|\"[^\"\n]+\"))+")
_ERROR_LENGTH: Final = 240


@dataclass(frozen=True, slots=True)
class GeneratedHost:
    """What is known of a host besides what Nix says.

    `flake` is the folder that Nix read. `plugins` holds the options that each plugin set, by full name, and `sections`
    where each has its settings. `files` has, for each generated file, the plugin that wrote it, empty for none.
    """

    name: str
    flake: Path
    plugins: Mapping[str, Mapping[str, Value]]
    sections: Mapping[str, KeyPath]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Blamed:
    """The culprit: a plugin with a key of the manifest, or `file` of the steward's own with a line, or nobody."""

    plugin: str = ""
    path: KeyPath = ()
    file: str = ""
    line: int = 0
    column: int = 0


def problem_of(refusal: Refusal, host: GeneratedHost) -> Problem:
    """Say what Nix refuses as a problem of the manifest, of a plugin, or of the steward's own file."""
    blamed = _blamed(refusal, host)
    what, expected, hint = _said(refusal, host, blamed)
    if blamed.file:
        place = ":".join([blamed.file, *(str(number) for number in (blamed.line, blamed.column) if number)])
        return Problem((), say("{place}: {what}", place=place, what=what), expected, hint)
    message = say("Nix refuses the host {host}: {what}", host=host.name, what=what)
    return Problem(blamed.path, message, expected, hint, blamed.plugin)


def _blamed(refusal: Refusal, host: GeneratedHost) -> _Blamed:
    places = [(relative, place) for place in _places(refusal) if (relative := _inside(place.file, host.flake))]
    own = next(((file, place) for file, place in places if host.files.get(file) is None), None)
    if own is not None:
        file, place = own
        return _own(file, place, refusal, host, [other for name, other in places if name == file])
    for file, place in places:
        if plugin := host.files.get(file, ""):
            key = _key(host, plugin, _path(refusal.option))
            if not key and place.line:
                key = cited_above(_text(host.flake / file), place.line)
            return _Blamed(plugin, key or host.sections.get(plugin, ()))
    for option in (refusal.option, *_NAMES.findall(refusal.message)):
        path = _path(option)
        setting = [(plugin, key) for plugin in host.plugins if (key := _key(host, plugin, path)) is not None]
        if path and len(setting) == 1:
            plugin, key = setting[0]
            return _Blamed(plugin, key or host.sections.get(plugin, ()))
    return _Blamed()


def _places(refusal: Refusal) -> list[Place]:
    """Where it is, and where the words of the error say that it is."""
    named = [Place(match) for match in re.findall(r"/[^\s'`\"():]+\.nix\b", refusal.message)]
    return [*refusal.places, *named]


def _inside(file: str, flake: Path) -> str:
    """The path of a file in the flake, where Nix may have read it from a copy in its store; empty for any other."""
    prefix = f"{flake}/"
    if file.startswith(prefix):
        return file.removeprefix(prefix)
    match = re.match(r"/nix/store/[a-z0-9]{32}-source/(.*)", file)
    return match[1] if match and (flake / match[1]).is_file() else ""


def _own(file: str, place: Place, refusal: Refusal, host: GeneratedHost, places: Sequence[Place]) -> _Blamed:
    exact = next((each for each in places if each.line), place)
    if refusal.option and not place.line:
        line = _line_of(_text(host.flake / file), _path(refusal.option))
        if line:
            return _Blamed(file=file, line=line)
    return _Blamed(file=file, line=exact.line, column=exact.column)


def _line_of(text: str, option: Sequence[str]) -> int:
    """The line that sets an option, as far as looking for its last steps can tell; 0 where several could."""
    for step in reversed([step for step in option if step != "*"]):
        pattern = re.compile(rf"(?<![A-Za-z0-9_'-]){re.escape(step)}(?![A-Za-z0-9_'-])")
        lines = [number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line.partition("#")[0])]
        if lines:
            return lines[0] if len(lines) == 1 else 0
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _path(option: str) -> tuple[str, ...]:
    try:
        return split(option) if option else ()
    except ValueError:
        return ()


def _key(host: GeneratedHost, plugin: str, option: tuple[str, ...]) -> KeyPath | None:
    return cited_at(host.plugins.get(plugin, {}), option) if option else None


_REPORT: Final = "the plugin was written for another nixpkgs: change your pin, or report it to its author"


def _said(refusal: Refusal, host: GeneratedHost, blamed: _Blamed) -> tuple[str, str, str]:
    """What is wrong, what is expected and the way out."""
    option, found = refusal.option, _shown(refusal.found, host)
    words = _shown(refusal.message, host)
    local = f"hosts/{host.name}/local.nix"
    report = _REPORT if blamed.plugin else ""
    match refusal.kind:
        case "unknown option":
            return say("NixOS has no option '{option}'", option=option), "", _nearest(refusal) or report or _SEARCH
        case "wrong type":
            if found:
                what = say("the option '{option}' is given {value}", option=option, value=found)
            else:
                what = say("the option '{option}' is given a value of another type", option=option)
            return what, refusal.expected, report
        case "conflict":
            files = [file for place in refusal.places if not place.line and (file := _inside(place.file, host.flake))]
            what = say("the option '{option}' has several values", option=option)
            if len(set(files)) > 1:
                listed = ", ".join(dict.fromkeys(files))
                what = say("the option '{option}' has several values, in {files}", option=option, files=listed)
            return what, "", say("the value that shall win is written lib.mkForce VALUE, in {file}", file=local)
        case "missing value":
            what = say("the option '{option}' is read, and nobody sets it", option=option)
            return what, "", say("set it in {file}", file=local)
        case "removed option":
            return say("the option '{option}' is gone: {reason}", option=option, reason=words), "", report
        case "assertion":
            return say("an assertion fails: {words}", words=words), "", ""
        case "recursion":
            hint = "a value is read where it is being made; --debug shows the way to it"
            return say("the configuration goes round in a circle (infinite recursion)"), "", hint
        case "missing attribute":
            return say("there is no '{name}'", name=found), "", "is it spelt right, and is it in this nixpkgs?"
        case "syntax":
            return say("this is not Nix: {error}", error=words), "", ""
        case "forbidden":
            what = say("a flake may not read {path}", path=found)
            return what, "", "copy what is needed into the flake"
    return say("Nix says: {error}", error=words), "", "--debug shows all that it says"


_SEARCH: Final = "'maidan-nix options search WORDS' finds the options there are"


def _nearest(refusal: Refusal) -> str:
    match = re.search(r"Did you mean [`'](?P<name>[^`']+)'", refusal.message)
    return say("did you mean '{name}'?", name=match["name"]) if match else ""


def _shown(text: str, host: GeneratedHost) -> str:
    """Words of Nix as they are shown: with paths as in the flake, and not too many."""
    text = text.replace(f"{host.flake}/", "").rstrip(".")
    return text if len(text) <= _ERROR_LENGTH else text[: _ERROR_LENGTH - 3] + "..."
