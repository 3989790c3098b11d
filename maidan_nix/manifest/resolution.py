"""A table of the manifest as settings: presets filled in, reasons demanded for what is looser, all of it validated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from maidan_nix.manifest.setting_info import Preset, looseness
from maidan_nix.manifest.settings import MAXIMUM_REASON, MINIMUM_REASON, REASONS, Settings
from maidan_nix.manifest.shapes import Container, shapes
from maidan_nix.manifest.validation import MISSING, validate
from maidan_nix.manifest.wording import in_toml_words, printable, quoted
from maidan_nix.messages import phrase, say
from maidan_nix.problems import KeyPath, Problem, did_you_mean, dotted

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, slots=True)
class Loosened:
    """A setting that the manifest made looser than the preset; values as the manifest and the plugin write them."""

    path: KeyPath
    value: Any
    preset_value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Resolved(Generic[S]):
    """A table of the manifest as settings. `settings` is None exactly when there are problems."""

    settings: S | None
    problems: tuple[Problem, ...]
    loosened: tuple[Loosened, ...]


def resolve(
    settings_class: type[S],
    table: Mapping[str, Any],
    preset: Preset,
    path: KeyPath,
    plugin: str,
    also_known: Iterable[str] = (),
    place: Callable[[KeyPath], KeyPath] | None = None,
    *,
    is_part: bool = False,
) -> Resolved[S]:
    """Read a table of the manifest: fill in the preset, demand reasons for what is looser, validate.

    `path` is the table's place in the manifest, `plugin` the plugin it belongs to (empty for core's own sections), and
    `also_known` names keys of the same table that core reads itself, for suggestions. Where a table was put together
    from several, `place` says for a key path below `path` where in the manifest it really stands. Every problem is
    found at once.

    A table that `is_part` of one is completed elsewhere, so nothing is missing in it, neither settings nor reasons nor
    what a reason is for; what is wrong in it is wrong.
    """
    placed = place or _as_it_is
    reading = _Reading(preset, plugin, placed, is_part=is_part)
    filled = reading.table(settings_class, table, path)
    settings, problems = validate(settings_class, filled, path, plugin, (REASONS, *also_known))
    problems = [
        problem if problem.message == MISSING or _is_in(table, problem.path[len(path) :]) else _own_fault(problem)
        for problem in problems
    ]
    if is_part:
        problems = [problem for problem in problems if _is_wrong_by_itself(table, problem.path[len(path) :])]
    problems = [replace(problem, path=placed(problem.path)) for problem in (*problems, *reading.problems)]
    return Resolved(None if problems else settings, tuple(problems), tuple(reading.loosened))


def _as_it_is(path: KeyPath) -> KeyPath:
    return path


def _is_in(table: Any, path: KeyPath) -> bool:
    for step in path:
        if isinstance(table, Mapping):
            if step not in table:
                return False
            table = table[step]
        elif isinstance(table, list | tuple) and isinstance(step, int) and step < len(table):
            table = table[step]
        else:
            return False
    return True


def _is_wrong_by_itself(table: Any, path: KeyPath) -> bool:
    """Whether a problem is of something written in the table; tables are judged with what completes them."""
    return _is_in(table, path) and not isinstance(_at(table, path), Mapping)


def _at(table: Any, path: KeyPath) -> Any:
    for step in path:
        table = table[step]
    return table


def _own_fault(problem: Problem) -> Problem:
    message = say("the value this has by itself is not right: {message}", message=phrase(problem.message))
    return replace(problem, message=message, hint="set it, and tell whoever wrote the plugin")


class _Reading:
    """One pass over a table: collects problems and loosened settings, returns tables with presets filled in."""

    def __init__(self, preset: Preset, plugin: str, placed: Callable[[KeyPath], KeyPath], *, is_part: bool) -> None:
        self._preset = preset
        self._plugin = plugin
        self._placed = placed
        self._is_part = is_part
        self.problems: list[Problem] = []
        self.loosened: list[Loosened] = []

    def table(self, settings_class: type[Settings], table: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
        """Return the table without its reasons, with the preset's value for every setting that it leaves out."""
        filled = {key: value for key, value in table.items() if key != REASONS}
        loosened: dict[str, Any] = {}
        unranked: set[str] = set()
        for shape in shapes(settings_class):
            name, info = shape.name, shape.info
            if shape.nested is not None and (name in table or shape.stands_by_itself):
                filled[name] = self._nested(shape.nested, shape.container, table.get(name, {}), (*path, name))
            elif info is None or info.presets is None or info.looser is None:
                continue
            elif name not in table:
                filled[name] = info.presets.value(self._preset)
            else:
                preset_value = info.presets.value(self._preset)
                chosen = looseness(table[name], info.looser, shape.annotation)
                limit = looseness(preset_value, info.looser, shape.annotation)
                if chosen is None or limit is None:
                    unranked.add(name)
                elif chosen > limit:
                    loosened[name] = preset_value
        reasons = self._reasons(table, path)
        for name, preset_value in loosened.items():
            self._loosen((*path, name), table[name], preset_value, reasons.get(name))
        for name in reasons:
            if name not in loosened and name not in unranked:
                self._idle_reason(settings_class, name, path, loosened)
        return filled

    def _nested(self, settings_class: type[Settings], container: Container, value: Any, path: KeyPath) -> Any:
        if container == "array" and isinstance(value, list | tuple):
            return [self._one(settings_class, element, (*path, index)) for index, element in enumerate(value)]
        if container == "table" and isinstance(value, Mapping):
            return {key: self._one(settings_class, element, (*path, key)) for key, element in value.items()}
        return self._one(settings_class, value, path) if container == "" else value

    def _one(self, settings_class: type[Settings], value: Any, path: KeyPath) -> Any:
        return self.table(settings_class, value, path) if isinstance(value, Mapping) else value

    def _reasons(self, table: Mapping[str, Any], path: KeyPath) -> dict[str, str]:
        """Return the reasons given in a table; a bad one is reported, and counts as given."""
        given = table.get(REASONS, {})
        if not isinstance(given, Mapping):
            self._problem(
                (*path, REASONS), say("this is {kind}", kind=in_toml_words(given)), "a table with a reason per setting"
            )
            return {}
        for name, reason in given.items():
            expected = say(
                "a reason of {least} to {most} characters on one line", least=MINIMUM_REASON, most=MAXIMUM_REASON
            )
            if not isinstance(reason, str):
                self._problem((*path, REASONS, name), say("this is {kind}", kind=in_toml_words(reason)), expected)
            elif not MINIMUM_REASON <= len(reason.strip()) <= MAXIMUM_REASON:
                self._problem(
                    (*path, REASONS, name), say("this has {number} characters", number=len(reason.strip())), expected
                )
            elif not reason.isprintable():
                self._problem((*path, REASONS, name), "this has line breaks or control characters", expected)
        return {name: reason.strip() if isinstance(reason, str) else "" for name, reason in given.items()}

    def _loosen(self, path: KeyPath, value: Any, preset_value: Any, reason: str | None) -> None:
        if reason is None and self._is_part:
            return
        if reason is None:
            self._problem(
                path,
                say(
                    "{value} is looser than the preset '{preset}' ({preset_value})",
                    value=_shown(value),
                    preset=self._preset,
                    preset_value=_shown(preset_value),
                ),
                say("a reason at {place}", place=dotted((*self._placed(path)[:-1], REASONS, path[-1]))),
                "give the reason, or remove this setting to keep the preset",
            )
        else:
            self.loosened.append(Loosened(self._placed(path), value, preset_value, reason))

    def _idle_reason(
        self, settings_class: type[Settings], name: str, path: KeyPath, loosened: Mapping[str, Any]
    ) -> None:
        place = (*path, REASONS, name)
        shape = next((shape for shape in shapes(settings_class) if shape.name == name), None)
        if shape is None:
            hint = did_you_mean(name, loosened) or did_you_mean(name, settings_class.model_fields) or "remove it"
            self._problem(place, say("a reason for an unknown setting {name}", name=quoted(name)), "", hint, at="key")
        elif shape.nested is not None:
            hint = say("give reasons at {place}", place=dotted((*path, name, REASONS)))
            self._problem(
                place, say("{name} is a table with reasons of its own", name=quoted(name)), "", hint, at="key"
            )
        elif not self._is_part:
            message = say(
                "a reason for {name}, which is not looser than the preset '{preset}'",
                name=quoted(name),
                preset=self._preset,
            )
            self._problem(place, message, "", "remove the reason", at="key")

    def _problem(
        self, path: KeyPath, message: str, expected: str, hint: str = "", at: Literal["key", "value"] = "value"
    ) -> None:
        self.problems.append(Problem(path, message, expected, hint, self._plugin, at))


def _shown(value: Any) -> str:
    """Write a value as TOML does, for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return say("no limit")
    return quoted(str(value)) if isinstance(value, str) else printable(str(value), 60)
