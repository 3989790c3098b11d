"""What is wrong with a class of settings itself, whatever a manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from maidan_nix.manifest.resolution import resolve
from maidan_nix.manifest.setting_info import PRESETS, looseness, members
from maidan_nix.manifest.settings import Settings
from maidan_nix.manifest.shapes import shapes
from maidan_nix.manifest.validation import MISSING
from maidan_nix.problems import dotted


def settings_faults(settings_class: type[Settings]) -> list[str]:
    """Check a class of settings as a whole, for `plugin check`: one sentence per fault, empty when there is none.

    Every field is made by `setting` and described; every preset is a valid value; presets do not get stricter from
    strict to open; a tuple of choices names all of them.
    """
    return list(dict.fromkeys(_faults(settings_class)))


def _faults(settings_class: type[Settings]) -> Iterator[str]:
    for shape in shapes(settings_class):
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
