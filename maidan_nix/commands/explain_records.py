"""What ``maidan-nix explain --json`` holds, part by part: the keys are the promise, whatever the program calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from maidan_nix.explain.effects import Tried
    from maidan_nix.explain.key import Given, Key, Uses
    from maidan_nix.explain.option import OptionFacts, SetBy
    from maidan_nix.findings import FindingKind


class SettingRecord(TypedDict):
    """What there can be in a table: a `key`, and `what` it is."""

    key: str
    what: str


class KeyRecord(TypedDict):
    """What a key of the manifest is, for every community.

    `kind` says in words what it takes; `default`, `presets` and `examples` are values as in the manifest. `looser` is
    empty where nothing is, else true, false, higher, lower, or the choices from strict to loose; `reason` is then the
    key of the reason. `settings` are those of a table.
    """

    key: str
    plugin: str
    what: str
    kind: str
    unit: str
    required: bool
    default: Any
    presets: dict[str, Any]
    looser: str | list[str]
    reason: str
    examples: list[Any]
    settings: list[SettingRecord]


class FindingKindRecord(TypedDict):
    """What findings of one id are: what it `means`, why it `matters`, the `way_out`; `plugin` is empty for core's."""

    plugin: str
    id: str
    severity: str
    means: str
    matters: str
    way_out: str


class OptionRecord(TypedDict):
    """What a NixOS option is, or a name with options `below` it; a free name lies `inside` an option.

    `status` is current, renamed or removed, and empty for a name.
    """

    name: str
    kind: str
    status: str
    replacement: str
    note: str
    source: str
    below: list[str]
    inside: str


class ValueRecord(TypedDict):
    """The value at a `path`: its `source` is manifest, preset, default or nothing, `line` 0 where it is in no line."""

    path: list[str | int]
    value: Any
    source: str
    line: int
    column: int


class EffectRecord(TypedDict):
    """An option that changes, as Nix writes it `before` and `after`; empty where it is not set."""

    host: str
    plugin: str
    option: str
    before: str
    after: str


class TriedRecord(TypedDict):
    """What came of changing the setting at `path` to `value`, null where it was taken out.

    `without` are the paths of settings that had to go with it, `files` others that change; `as_new` says that it was
    tried without the lock.
    """

    path: list[str | int]
    before: Any
    value: Any
    without: list[list[str | int]]
    effects: list[EffectRecord]
    files: list[str]
    as_new: bool


class UsesRecord(TypedDict):
    """Where a key ends up: what was `tried`, the options `cited` beside it, and the files of its `sections`."""

    tried: TriedRecord | None
    cited: list[str]
    sections: list[str]


class SetByRecord(TypedDict):
    """A `value` that a plugin gives to an option, in which file, with the `keys` that it comes from."""

    host: str
    plugin: str
    file: str
    option: str
    value: str
    keys: list[str]


def key_record(key: Key) -> KeyRecord:
    """Return what a key is as data for JSON."""
    return KeyRecord(
        key=key.key,
        plugin=key.plugin,
        what=key.what,
        kind=key.kind,
        unit=key.unit,
        required=key.required,
        default=key.default,
        presets=dict(key.presets),
        looser=key.looser if isinstance(key.looser, str) else list(key.looser),
        reason=key.reason,
        examples=list(key.examples),
        settings=[SettingRecord(key=each.key, what=each.what) for each in key.settings],
    )


def finding_kind_records(kinds: Mapping[str, FindingKind]) -> list[FindingKindRecord]:
    """Return what a finding is as data for JSON; `kinds` by the plugin that makes it."""
    return [
        FindingKindRecord(
            plugin=plugin,
            id=kind.id,
            severity=kind.severity,
            means=kind.means,
            matters=kind.matters,
            way_out=kind.way_out,
        )
        for plugin, kind in kinds.items()
    ]


def option_record(option: OptionFacts) -> OptionRecord:
    """Return what an option is as data for JSON."""
    return OptionRecord(
        name=option.name,
        kind=option.kind,
        status=option.status,
        replacement=option.replacement,
        note=option.note,
        source=option.source,
        below=list(option.below),
        inside=option.inside,
    )


def value_records(given: Iterable[Given]) -> list[ValueRecord]:
    """Return the values at a place as data for JSON."""
    return [
        ValueRecord(path=list(each.path), value=each.value, source=each.source, line=each.line, column=each.column)
        for each in given
    ]


def uses_record(uses: Uses) -> UsesRecord:
    """Return where a key ends up as data for JSON."""
    tried = _tried(uses.tried) if uses.tried is not None else None
    return UsesRecord(tried=tried, cited=list(uses.cited), sections=list(uses.sections))


def _tried(tried: Tried) -> TriedRecord:
    return TriedRecord(
        path=list(tried.path),
        before=tried.before,
        value=tried.value,
        without=[list(each) for each in tried.without],
        effects=[
            EffectRecord(host=each.host, plugin=each.plugin, option=each.option, before=each.before, after=each.after)
            for each in tried.effects
        ],
        files=list(tried.files),
        as_new=tried.as_new,
    )


def set_by_records(setters: Iterable[SetBy]) -> list[SetByRecord]:
    """Return who sets an option as data for JSON."""
    return [
        SetByRecord(
            host=each.host,
            plugin=each.plugin,
            file=each.file,
            option=each.option,
            value=each.value,
            keys=list(each.keys),
        )
        for each in setters
    ]
