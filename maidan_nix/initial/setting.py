"""What one setting is, as somebody is told who has to answer for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from maidan_nix.manifest.setting_info import Preset, members
from maidan_nix.manifest.settings import Settings, infos
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import alternatives, phrase, say

_EXAMPLE_DOMAIN = "example.org"


def required(kind: type[Settings]) -> list[str]:
    """The settings that have no default, in the order of their class; a table's own name is none of them."""
    return [name for name, field in kind.model_fields.items() if field.is_required() and name != "name"]


def is_array(kind: type[Settings], name: str) -> bool:
    """Whether a setting takes several values."""
    return any(get_origin(each) is tuple for each in members(kind.model_fields[name].annotation))


def choices(kind: type[Settings], name: str) -> list[str]:
    """The words that a setting takes, where it takes nothing but some words."""
    alternatives_of_type = members(kind.model_fields[name].annotation)
    if any(get_origin(each) is not Literal for each in alternatives_of_type):
        return []
    return [word for each in alternatives_of_type for word in get_args(each) if isinstance(word, str)]


def sentences(kind: type[Settings], name: str) -> list[str]:
    """What a setting is, what it takes, and an example."""
    info = infos(kind)[name]
    words = choices(kind, name)
    told: list[str] = [say("{description}.", description=phrase(info.description))]
    if words:
        told.append(say("It is {choices}.", choices=alternatives([quoted(word) for word in words])))
    elif info.unit:
        told.append(say("In {unit}.", unit=phrase(info.unit)))
    return told


def proposal(kind: type[Settings], name: str, values: Mapping[str, Any]) -> str:
    """What a setting could be in this community: its example, with the community's domain for the example's."""
    example = next(iter(infos(kind)[name].examples), None)
    community = values.get("community")
    domain = community.get("domain") if isinstance(community, Mapping) else None
    if not isinstance(example, str) or not isinstance(domain, str):
        return ""
    if example == _EXAMPLE_DOMAIN:
        return domain
    label = example.removesuffix(f".{_EXAMPLE_DOMAIN}")
    return f"{label}.{domain}" if label != example and "@" not in label else ""


def default_of(kind: type[Settings], name: str, preset: Preset) -> Any:
    """What a setting is when the manifest says nothing; None where that cannot be written."""
    info = infos(kind)[name]
    return info.presets.value(preset) if info.presets is not None else kind.model_fields[name].default
