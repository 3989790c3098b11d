"""Settings: a plugin's (or core's) part of the manifest, with presets that a community may loosen for a reason.

A class of settings is a strict, frozen pydantic model whose fields come from `setting`. What the manifest leaves out is
taken from the community's preset. A value looser than the preset stands only with a reason, given beside it:

    [services.example]
    signups = "open"

    [services.example.reasons]
    signups = "a course starts this week"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, Literal, TypeAlias, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

from maidan_nix.manifest.setting_info import PRESETS, Looser, Preset, Presets, SettingInfo, looseness, members
from maidan_nix.manifest.validation import MISSING, validate
from maidan_nix.manifest.wording import in_toml_words, printable, quoted
from maidan_nix.problems import KeyPath, Problem, did_you_mean, dotted

__all__ = [
    "Loosened",
    "Looser",
    "Preset",
    "Presets",
    "Resolved",
    "SettingInfo",
    "Settings",
    "infos",
    "resolve",
    "setting",
    "settings_faults",
]

REASONS = "reasons"
MINIMUM_REASON = 10
MAXIMUM_REASON = 500
"""Characters of a reason: enough to say something, short enough for a notice to members."""

_UNSET: Any = object()


class Settings(BaseModel):
    """Base of all settings: strict (no value is converted, except integers for floats), frozen, no unknown keys.

    Arrays are tuples. Patterns are those of Python's `re`. The key ``reasons`` is reserved, and in the table
    of a service ``host``. Defaults may be written as in the manifest (``"30d"``).
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        validate_default=True,
        regex_engine="python-re",
        allow_inf_nan=False,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a class of settings that could not keep its promises. Raises TypeError."""
        super().__pydantic_init_subclass__(**kwargs)
        for name, field in cls.model_fields.items():
            if name == REASONS:
                raise TypeError(f"{cls.__name__}: '{REASONS}' is reserved for reasons")
            if any((get_origin(each) or each) in (list, set, frozenset) for each in members(field.annotation)):
                raise TypeError(f"{cls.__name__}.{name}: arrays of the manifest are tuples: tuple[str, ...]")


def setting(
    description: str,
    *,
    default: Any = _UNSET,
    unit: str = "",
    presets: Presets | None = None,
    looser: Looser | None = None,
    examples: tuple[Any, ...] = (),
    ge: float | None = None,
    le: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
) -> Any:
    """Declare one setting of a `Settings` class.

    `description` is what a steward reads, without a final stop; `unit` the unit of a plain number. A setting with
    neither `default` nor `presets` must be in the manifest. `presets` gives a value per preset and goes with `looser`,
    which says what counts as looser: ``("closed", "invited", "open")``, "true", "false", "higher" or "lower". With
    `default` and `looser`, every preset has that one value. In ``Annotated[str, setting(...)]`` it declares the
    elements of an array: ``tuple[Annotated[...], ...]``. Raises TypeError for what does not go together.
    """
    if presets is not None and default is not _UNSET:
        raise TypeError("a setting has a default or presets, not both")
    if presets is not None and looser is None:
        raise TypeError("presets need to know what is looser")
    if looser is not None and presets is None:
        if default is _UNSET:
            raise TypeError("what is looser is measured against presets or a default")
        presets = Presets(default, default, default)
    if presets is not None:
        default = presets.strict
    limits: dict[str, Any] = {
        "ge": ge, "le": le, "min_length": min_length, "max_length": max_length, "pattern": pattern,
    }  # fmt: skip
    limits = {name: limit for name, limit in limits.items() if limit is not None}
    if default is not _UNSET:
        limits["default"] = default
    info = SettingInfo(description, unit, presets, looser, tuple(examples))
    return Field(description=description, json_schema_extra=info, **limits)


def infos(settings_class: type[BaseModel]) -> dict[str, SettingInfo]:
    """Return what is known about each setting of a class, in order; a field not made by `setting` is left out."""
    return {
        name: field.json_schema_extra
        for name, field in settings_class.model_fields.items()
        if isinstance(field.json_schema_extra, SettingInfo)
    }


S = TypeVar("S", bound=Settings)

Container: TypeAlias = Literal["", "array", "table"]
"""How nested settings stand in the manifest: as one table, in an array, or by name in a table."""


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
) -> Resolved[S]:
    """Read a table of the manifest: fill in the preset, demand reasons for what is looser, validate.

    `path` is the table's place in the manifest, `plugin` the plugin it belongs to (empty for core's own sections), and
    `also_known` names keys of the same table that core reads itself, for suggestions. Every problem is found at once.
    """
    reading = _Reading(preset, plugin)
    filled = reading.table(settings_class, table, path)
    settings, problems = validate(settings_class, filled, path, plugin, (REASONS, *also_known))
    problems = [
        problem if problem.message == MISSING or _is_in(table, problem.path[len(path) :]) else _own_fault(problem)
        for problem in problems
    ]
    problems += reading.problems
    return Resolved(None if problems else settings, tuple(problems), tuple(reading.loosened))


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


def _own_fault(problem: Problem) -> Problem:
    message = f"the value this has by itself is not right: {problem.message}"
    return replace(problem, message=message, hint="set it, and tell whoever wrote the plugin")


class _Reading:
    """One pass over a table: collects problems and loosened settings, returns tables with presets filled in."""

    def __init__(self, preset: Preset, plugin: str) -> None:
        self._preset = preset
        self._plugin = plugin
        self.problems: list[Problem] = []
        self.loosened: list[Loosened] = []

    def table(self, settings_class: type[Settings], table: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
        """Return the table without its reasons, with the preset's value for every setting that it leaves out."""
        filled = {key: value for key, value in table.items() if key != REASONS}
        loosened: dict[str, Any] = {}
        unranked: set[str] = set()
        for shape in _shapes(settings_class):
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
            self._problem((*path, REASONS), f"this is {in_toml_words(given)}", "a table with a reason per setting")
            return {}
        for name, reason in given.items():
            expected = f"a reason of {MINIMUM_REASON} to {MAXIMUM_REASON} characters on one line"
            if not isinstance(reason, str):
                self._problem((*path, REASONS, name), f"this is {in_toml_words(reason)}", expected)
            elif not MINIMUM_REASON <= len(reason.strip()) <= MAXIMUM_REASON:
                self._problem((*path, REASONS, name), f"this has {len(reason.strip())} characters", expected)
            elif not reason.isprintable():
                self._problem((*path, REASONS, name), "this has line breaks or control characters", expected)
        return {name: reason.strip() if isinstance(reason, str) else "" for name, reason in given.items()}

    def _loosen(self, path: KeyPath, value: Any, preset_value: Any, reason: str | None) -> None:
        if reason is None:
            self._problem(
                path,
                f"{_shown(value)} is looser than the preset '{self._preset}' ({_shown(preset_value)})",
                f"a reason at {dotted((*path[:-1], REASONS, path[-1]))}",
                "give the reason, or remove this setting to keep the preset",
            )
        else:
            self.loosened.append(Loosened(path, value, preset_value, reason))

    def _idle_reason(
        self, settings_class: type[Settings], name: str, path: KeyPath, loosened: Mapping[str, Any]
    ) -> None:
        place = (*path, REASONS, name)
        shape = next((shape for shape in _shapes(settings_class) if shape.name == name), None)
        if shape is None:
            hint = did_you_mean(name, loosened) or did_you_mean(name, settings_class.model_fields) or "remove it"
            self._problem(place, f"a reason for an unknown setting {quoted(name)}", "", hint, at="key")
        elif shape.nested is not None:
            hint = f"give reasons at {dotted((*path, name, REASONS))}"
            self._problem(place, f"{quoted(name)} is a table with reasons of its own", "", hint, at="key")
        else:
            message = f"a reason for {quoted(name)}, which is not looser than the preset '{self._preset}'"
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
        return "no limit"
    return quoted(str(value)) if isinstance(value, str) else printable(str(value), 60)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What `_Reading` needs to know of one field. `nested` is the class of settings below it, if any.

    A nested table that stands by itself is read as an empty one when the manifest leaves it out.
    """

    name: str
    annotation: Any
    info: SettingInfo | None
    stands_by_itself: bool
    nested: type[Settings] | None
    container: Container


@cache
def _shapes(settings_class: type[Settings]) -> tuple[_Shape, ...]:
    known = infos(settings_class)
    return tuple(
        _Shape(
            name,
            field.annotation,
            known.get(name),
            # An optional table that is left out stays out, and so do tables in arrays and tables by name.
            isinstance(field.default, Settings),
            *_nested(field.annotation),
        )
        for name, field in settings_class.model_fields.items()
    )


def _nested(annotation: Any) -> tuple[type[Settings] | None, Container]:
    for member in members(annotation):
        if isinstance(member, type) and issubclass(member, Settings):
            return member, ""
        arguments = get_args(member)
        if get_origin(member) is tuple and arguments:
            element, container = _nested(arguments[0])
            if element is not None and container == "":
                return element, "array"
        if get_origin(member) in (dict, Mapping) and len(arguments) == 2:
            element, container = _nested(arguments[1])
            if element is not None and container == "":
                return element, "table"
    return None, ""


def settings_faults(settings_class: type[Settings]) -> list[str]:
    """Check a class of settings as a whole, for `plugin check`: one sentence per fault, empty when there is none.

    Every field is made by `setting` and described; every preset is a valid value; presets do not get stricter from
    strict to open; a tuple of choices names all of them.
    """
    return list(dict.fromkeys(_faults(settings_class)))


def _faults(settings_class: type[Settings]) -> Iterator[str]:
    for shape in _shapes(settings_class):
        where, info = f"{settings_class.__name__}.{shape.name}", shape.info
        if info is None:
            yield f"{where} is not made by setting()"
            continue
        if not info.description.strip() or info.description.rstrip().endswith("."):
            yield f"{where} needs a description without a final stop"
        if info.presets is not None and info.looser is not None:
            ranks = [looseness(info.presets.value(preset), info.looser, shape.annotation) for preset in PRESETS]
            if None in ranks:
                yield f"{where} has presets that cannot be compared"
            elif sorted(rank for rank in ranks if rank is not None) != ranks:
                yield f"{where} has a preset that is stricter than a stricter preset"
            if isinstance(info.looser, tuple):
                words = {word for each in members(shape.annotation) if get_origin(each) is Literal
                         for word in get_args(each)}  # fmt: skip
                if words and words != set(info.looser):
                    yield f"{where} does not order all of its choices"
        default = settings_class.model_fields[shape.name].default
        if isinstance(default, Settings) and default.model_fields_set:
            yield f"{where} has a default that sets values, which presets would override; set them in its class"
        if shape.nested is not None:
            yield from _faults(shape.nested)
    for preset in PRESETS:
        for problem in resolve(settings_class, {}, preset, (), "").problems:
            if problem.message != MISSING:
                yield f"{settings_class.__name__}.{dotted(problem.path)}: {problem.message}"
