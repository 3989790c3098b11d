"""Which of the worlds a word is from: the manifest's, the findings', the doctor's, NixOS's, or that of exit codes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from maidan_nix.diagnosis.checks import CHECKS
from maidan_nix.editing.keys import parse_key
from maidan_nix.explain.option import OptionFacts, near_options, option_facts, option_path
from maidan_nix.explain.places import NAME, Place, find_place, key_paths, value_at
from maidan_nix.findings import FindingKind
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.options.index import Index
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean

EXIT_CODES = "exit-codes"
World: TypeAlias = Literal["key", "finding", "check", "option", "exit-codes"]
_NAMED = ("hosts", "stewards")
"""The tables of the manifest whose keys are names that the community chooses."""
_LONGEST_NAME = 64
"""Characters of what may still have been meant as a name."""
Kinds: TypeAlias = Mapping[str, Mapping[str, FindingKind]]
"""Findings by id and plugin."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word is. `option` is also set beside a key when NixOS has the same name; `check` is what one looks at."""

    world: World
    place: Place | None = None
    finding: Mapping[str, FindingKind] | None = None
    option: OptionFacts | None = None
    check: str = ""


def meaning_of(word: str, schema: Mapping[str, Any], kinds: Kinds, index: Index) -> Meaning:
    """Find out what a word is. Raises MaidanError (USAGE) for a word of none."""
    if word == EXIT_CODES:
        return Meaning("exit-codes")
    if word in kinds:
        return Meaning("finding", finding=kinds[word])
    if word in CHECKS:
        return Meaning("check", check=CHECKS[word])
    place = _place(word, schema)
    path = option_path(word)
    option = option_facts(path, index) if path is not None else None
    if place is not None:
        return Meaning("key", place=place, option=option)
    if option is not None:
        return Meaning("option", option=option)
    candidates = [
        *key_paths(schema),
        *kinds,
        *CHECKS,
        EXIT_CODES,
        *(near_options(path, index) if path is not None else ()),
    ]
    near = difflib.get_close_matches(word, sorted(set(_with_names(word, candidates, schema))), n=10)
    meant = [each for each in near if each != word and _is_known(each, schema, kinds, index)]
    hint = did_you_mean(word, meant)
    message = say("{word} is no key, no finding and no NixOS option", word=quoted(word))
    expected = "a key of the manifest, the id of a finding, or the name of a NixOS option"
    raise MaidanError(Problem((), message, expected, hint), ExitCode.USAGE)


def _place(word: str, schema: Mapping[str, Any]) -> Place | None:
    """The place of a key. A name that no host and no person can have is told of later, beside those there are."""
    try:
        path = parse_key(word)
    except MaidanError:
        return None
    place = find_place(schema, path)
    if place is not None or path[0] not in _NAMED or len(path) < 2 or len(str(path[1])) > _LONGEST_NAME:
        return place
    place = find_place(schema, (path[0], NAME, *path[2:]))
    return replace(place, path=path) if place is not None else None


def _is_known(word: str, schema: Mapping[str, Any], kinds: Kinds, index: Index) -> bool:
    """Whether a word can be explained."""
    if word in kinds or word in CHECKS or word == EXIT_CODES or _place(word, schema) is not None:
        return True
    path = option_path(word)
    return path is not None and option_facts(path, index) is not None


def _with_names(word: str, candidates: Iterable[str], schema: Mapping[str, Any]) -> list[str]:
    """Put the name that a word has into keys with a name: ``hosts.main.dsik`` is near ``hosts.main.disk``."""
    steps = word.split(".")
    own = f"{steps[0]}.{NAME}"
    if len(steps) < 2 or steps[0] not in _NAMED or find_place(schema, (steps[0], steps[1])) is None:
        return list(candidates)
    return [each.replace(own, f"{steps[0]}.{steps[1]}", 1) if each.startswith(own) else each for each in candidates]


def unknown_names(place: Place, values: Mapping[str, Any]) -> None:
    """Raise MaidanError (USAGE) where a place names a host or a person that the manifest has not."""
    for position in place.free:
        name, above = str(place.path[position]), value_at(values, place.path[:position])
        if position == 1 and name != NAME and isinstance(above, dict) and name not in above:
            message = say("{section} has no {name}", section=str(place.path[0]), name=quoted(name))
            expected = say("{name}, which stands for all, or one of {names}", name=NAME, names=", ".join(above))
            raise MaidanError(Problem((), message, expected, did_you_mean(name, above)), ExitCode.USAGE)
