"""Settings that take free text, given text that other languages would take for their own.

The printer escapes every string for Nix. What it cannot know is a string that a plugin has made into a script, a unit's
command line or somebody's configuration file: there a value has to be refused, or escaped by the plugin.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from maidan_nix.generation import Generated
from maidan_nix.manifest.resolution import resolve
from maidan_nix.manifest.setting_info import members
from maidan_nix.manifest.settings import Settings, infos
from maidan_nix.messages import say
from maidan_nix.options.index import Index
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem, dotted
from maidan_nix.testing.example import EXAMPLE_HOST, example_document, required
from maidan_nix.testing.subject import Subject
from maidan_nix.testing.walk import Found, texts

_BEGIN, _END = "zqb", "zqe"
HOSTILE = tuple(
    f"{_BEGIN}{text}{_END}"
    for text in (
        "${pkgs.hello}",
        "''${x}''",
        '"; rm -rf "$HOME"; "',
        "'; DROP TABLE members; --",
        "$(id)`id`",
        "a\nb = c; }\n[Service]",
        "</script><script>",
        "\\\\n\\",
        "%h %% {% x %}",
        "\u202eevil\u2066",
    )
)
"""What each setting gets in turn: Nix, shell, SQL, nginx, units, HTML, templates, and text that runs backwards."""

_CODE = re.compile(
    r"(?i:script)\Z|^(?:pre|post)(?:Start|Stop)\Z|^reload\Z|^Exec[A-Z]|Config\Z|Commands?\Z|Rules\Z"
    r"|^content\Z|^authentication\Z",
)
"""Names of options whose text is a program, or a file in a language of its own."""


@dataclass(frozen=True, slots=True)
class _Try:
    """One setting with hostile text in it: the whole section of the plugin, and the community's name."""

    path: KeyPath
    text: str
    section: Mapping[str, Any]
    name: str = "Example"


def hostile(subject: Subject) -> Iterator[Problem]:
    """No value of the manifest becomes a part of a program."""
    kind = subject.plugin.settings
    path = tuple(subject.name.split("/"))
    for text in HOSTILE:
        tries = [
            _Try((*path, *inside), text, table)
            for inside, table in _tables(kind, text)
            if not resolve(kind, table, "strict", path, subject.name).problems
        ]
        for each in tries:
            yield from _outcome(subject, each)
    for text in HOSTILE:
        if text.isprintable():
            yield from _outcome(subject, _Try(("community", "name"), text, required(kind), text))


def _outcome(subject: Subject, one: _Try) -> Iterator[Problem]:
    document = example_document(subject.plugin, "strict", one.section, one.name)
    shown = json.dumps(one.text.removeprefix(_BEGIN).removesuffix(_END))
    try:
        generated = subject.generate(document)
    except MaidanError as error:
        # Refused, by the plugin or by whoever it asks. Anything else is a failure.
        if error.exit_code != ExitCode.MANIFEST_INVALID:
            message = say(
                "with {text} in {setting} it fails: {what}",
                text=shown, setting=dotted(one.path), what=error.problems[0].message,
            )  # fmt: skip
            yield subject.problem(
                message, hint=say("refuse such values: give the setting a form, a pattern or choices")
            )
        return
    for found in _escaping(subject, generated, one.text):
        message = say(
            "{setting} becomes a part of {option} as it stands, such as {text}",
            setting=dotted(one.path), option=found.option, text=shown,
        )  # fmt: skip
        hint = say("refuse such values by a form or a pattern, or escape them for the language of that option")
        yield subject.problem(message, hint=hint)


def _escaping(subject: Subject, generated: Generated, hostile_text: str) -> Iterator[Found]:
    """Yield where hostile text stands in a program and is not escaped for it."""
    configured = generated.configured[EXAMPLE_HOST].get(subject.name)
    if configured is None:
        return
    index = Index.load()
    for found, text in texts(configured.options):
        if hostile_text in text and (
            found.code or (_is_program(found, index) and not _is_safe(found, hostile_text, text))
        ):
            yield found


def _is_program(found: Found, index: Index) -> bool:
    if _CODE.search(found.name):
        return True
    option = index.find(found.place)
    return option is not None and option.type == "lines"


def _is_safe(found: Found, value: str, text: str) -> bool:
    """Whether a program holds a value so that it stays one: quoted as systemd or a shell reads it, or within JSON."""
    if found.name.startswith("Exec"):
        return value not in text.replace(_for_systemd(value), "")
    for_shell = shlex.quote(value)
    if value not in text.replace(for_shell, ""):
        parts = text.split(for_shell)
        return all(_ends_bare(for_shell.join(parts[: count + 1])) for count in range(len(parts) - 1))
    try:
        return _holds(json.loads(text), value)
    except ValueError:
        return False


def _for_systemd(value: str) -> str:
    """One argument of a command line in a unit (systemd.service(5), "Command lines")."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


_SHELL = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|(?:(?<=\s)|^)\#[^\n]*|[^'"\\]""", re.DOTALL | re.MULTILINE)
"""The smallest pieces of a shell script: quoted text, an escaped character, a comment, any other character."""


def _ends_bare(script: str) -> bool:
    """Whether what follows this beginning of a shell script is outside of all quotes."""
    end = 0
    while (match := _SHELL.match(script, end)) is not None:
        end = match.end()
    return end == len(script) and not script[script.rfind("\n") + 1 :].lstrip().startswith("#")


def _holds(document: Any, value: str) -> bool:
    if isinstance(document, dict):
        return any(_holds(each, value) for pair in document.items() for each in pair)
    if isinstance(document, list):
        return any(_holds(each, value) for each in document)
    return isinstance(document, str) and value in document


def _tables(kind: type[Settings], text: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yield, for each setting that may take text, its place and a whole table that has hostile text there."""
    try:
        given = required(kind)
    except ValueError:
        return
    known = infos(kind)
    for name, field in kind.model_fields.items():
        examples = known[name].examples if name in known else ()
        for inside, value in _values(field.annotation, text, examples):
            yield (name, *inside), {**given, name: value}


def _values(annotation: Any, text: str, examples: tuple[Any, ...]) -> Iterator[tuple[KeyPath, Any]]:
    for member in members(annotation):
        arguments = get_args(member)
        if member is str:
            yield (), text
        elif isinstance(member, type) and issubclass(member, Settings):
            yield from _tables(member, text)
        elif get_origin(member) is tuple and arguments:
            yield from (((0, *inside), [value]) for inside, value in _values(arguments[0], text, ()))
        elif get_origin(member) in (dict, Mapping) and len(arguments) == 2:
            for inside, value in _values(arguments[1], text, ()):
                yield ("example", *inside), {"example": value}
            named = next((example for example in examples if isinstance(example, Mapping) and example), None)
            if named is not None:
                yield (text,), {text: next(iter(named.values()))}
