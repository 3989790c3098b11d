"""From what pydantic finds wrong to problems in the words of TOML and of this project.

All problems of a table are found at once. Key paths are those of the manifest: the names that pydantic puts in for the
alternatives of a union are taken out again, and alternatives that fail together become one problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from maidan_nix.manifest.expectation import expected_of
from maidan_nix.manifest.fault_wording import MISSING, WRONG_KIND, Suggest, worded
from maidan_nix.manifest.field_type import ANYTHING, FieldType
from maidan_nix.manifest.wording import in_toml_words
from maidan_nix.problems import KeyPath, Problem, did_you_mean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["MISSING", "in_toml_words", "problems_of", "validate"]

M = TypeVar("M", bound=BaseModel)

_MAXIMUM_SUGGESTIONS = 100


def validate(
    model: type[M],
    values: Mapping[str, Any],
    path: KeyPath = (),
    plugin: str = "",
    also_known: Iterable[str] = (),
) -> tuple[M | None, list[Problem]]:
    """Validate a table of the manifest. Returns the model and no problems, or None and every problem.

    `path` is the table's place in the manifest; `also_known` names keys that other parts read, for suggestions only.
    Arrays become tuples, so that a frozen model holds nothing that can change: annotate ``tuple[str, ...]``.
    """
    frozen = _with_tuples(values)
    try:
        return model.model_validate(frozen), []
    except ValidationError as error:
        return None, problems_of(error, model, frozen, path, plugin, also_known)


def _with_tuples(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_with_tuples(element) for element in value)
    if isinstance(value, Mapping):
        return {key: _with_tuples(element) for key, element in value.items()}
    return value


def problems_of(
    error: ValidationError,
    model: type[BaseModel],
    values: Mapping[str, Any],
    path: KeyPath = (),
    plugin: str = "",
    also_known: Iterable[str] = (),
) -> list[Problem]:
    """Put a ValidationError that `model` raised for `values` into problems below `path`."""
    known = tuple(also_known)
    details = list(_without_miscounts(error.errors(include_url=False)))
    # Looking for the nearest name costs time; nobody reads a hundred suggestions.
    suggest = did_you_mean if len(details) <= _MAXIMUM_SUGGESTIONS else _no_suggestion
    faults = [_fault(detail, model, values, known, suggest) for detail in details]
    return [replace(problem, path=path + problem.path, plugin=plugin) for problem in _collapsed(faults)]


def _without_miscounts(details: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave out that an array is too short where pydantic did not count an element that is wrong itself."""
    inside = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    for detail in details:
        if detail["type"] != "too_short" or detail["loc"] not in inside:
            yield detail


def _no_suggestion(_word: str, _known: Iterable[str]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class _Fault:
    """One finding of pydantic: its place without union names, and the alternatives it belongs to, outermost first."""

    problem: Problem
    branches: tuple[tuple[int, str], ...]
    """For each union on the way: how many steps lead to it, and pydantic's name for the alternative."""
    wrong_kind: bool
    types: tuple[FieldType, ...]
    """The type at each step, from the model itself."""


def _fault(
    detail: ErrorDetails, model: type[BaseModel], values: Mapping[str, Any], known: Sequence[str], suggest: Suggest
) -> _Fault:
    path: KeyPath = ()
    types = [FieldType(model)]
    branches: list[tuple[int, str]] = []
    at_key = False
    value: Any = values
    location = detail["loc"]
    for number, step in enumerate(location):
        is_last = number == len(location) - 1
        if step == "[key]" and is_last:
            at_key = True
            types.append(types[-2].keys() or ANYTHING)
            break
        below = types[-1].below(step)
        is_element = isinstance(step, int) and isinstance(value, tuple)
        is_key = isinstance(value, Mapping) and step in value
        is_field = below is not None and isinstance(step, str)
        if is_element or is_key or is_field or (is_last and detail["type"] in ("missing", "extra_forbidden")):
            path += (step,)
            types.append(below or ANYTHING)
            value = _child(value, step)
        else:
            branches.append((len(path), str(step)))
    parent = types[-2] if len(types) > 1 else types[-1]
    problem = worded(detail, types[-1], parent, str(path[-1]) if path else "", known, suggest)
    problem = replace(problem, path=path, at="key" if at_key else problem.at)
    return _Fault(problem, tuple(branches), detail["type"] in WRONG_KIND, tuple(types))


def _child(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, tuple) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _collapsed(faults: Iterable[_Fault]) -> Iterator[Problem]:
    """Keep what stands alone; make one finding of the alternatives of a union that failed together."""
    unions: dict[KeyPath, dict[str, list[_Fault]]] = {}
    for fault in faults:
        if not fault.branches:
            yield fault.problem
            continue
        depth, branch = fault.branches[0]
        inner = replace(fault, branches=fault.branches[1:])
        unions.setdefault(fault.problem.path[:depth], {}).setdefault(branch, []).append(inner)
    for path, alternatives in unions.items():
        # An alternative with findings further down is the one that was meant, and the rest is noise.
        meant = [each for each in alternatives.values() if any(len(fault.problem.path) > len(path) for fault in each)]
        if meant:
            nearest = min(meant, key=len)
            yield from _collapsed(nearest)
        else:
            yield _one_of([fault for each in alternatives.values() for fault in each])


def _one_of(faults: Sequence[_Fault]) -> Problem:
    of_right_kind = [fault.problem for fault in faults if not fault.wrong_kind]
    problems = of_right_kind or [fault.problem for fault in faults]
    misspelt = [each for each in problems if _is_no_choice(each) and each.hint]
    explained = [each for each in problems if not _is_no_choice(each)]
    clearest = (misspelt or explained or problems)[0]
    return replace(clearest, expected=expected_of(faults[0].types[-1]))


def _is_no_choice(problem: Problem) -> bool:
    return problem.message.endswith(" is not a choice here")
