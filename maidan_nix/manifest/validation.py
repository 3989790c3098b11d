"""From what pydantic finds wrong to problems in the words of TOML and of this project.

All problems of a table are found at once. Key paths are those of the manifest: the names that pydantic puts in for the
alternatives of a union are taken out again, and alternatives that fail together become one problem.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from maidan_nix.manifest.forms import Form, InvalidValue
from maidan_nix.manifest.quantities import Quantity
from maidan_nix.manifest.setting_info import SettingInfo, is_union
from maidan_nix.manifest.wording import choices, in_toml_words, name_of_type, printable, quoted
from maidan_nix.problems import KeyPath, Problem, did_you_mean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["MISSING", "in_toml_words", "problems_of", "validate"]

M = TypeVar("M", bound=BaseModel)

MISSING = "this setting is missing"
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
    details = error.errors(include_url=False)
    # Looking for the nearest name costs time; nobody reads a hundred suggestions.
    suggest = did_you_mean if len(details) <= _MAXIMUM_SUGGESTIONS else _no_suggestion
    faults = [_fault(detail, model, values, known, suggest) for detail in details]
    return [replace(problem, path=path + problem.path, plugin=plugin) for problem in _collapsed(faults)]


Suggest = Callable[[str, Iterable[str]], str]


def _no_suggestion(_word: str, _known: Iterable[str]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class _Type:
    """An annotation with what Annotated, or pydantic's field, adds to it."""

    annotation: Any
    metadata: tuple[Any, ...] = ()
    info: SettingInfo | None = None

    def members(self) -> Iterator[_Type]:
        """The alternatives of a union, or the type itself; without None."""
        if get_origin(self.annotation) is Annotated:
            inner, *added = get_args(self.annotation)
            yield from _Type(inner, (*self.metadata, *added)).members()
        elif is_union(self.annotation):
            for part in get_args(self.annotation):
                if part is not type(None):
                    yield from _Type(part, self.metadata).members()
        else:
            yield self

    def models(self) -> list[type[BaseModel]]:
        annotations = (member.annotation for member in self.members())
        return [each for each in annotations if isinstance(each, type) and issubclass(each, BaseModel)]

    def below(self, step: str | int) -> _Type | None:
        """The type of a field, of an element, or of a value in a table of any keys."""
        for model in self.models():
            field = model.model_fields.get(str(step))
            if field is not None:
                extra = field.json_schema_extra
                info = extra if isinstance(extra, SettingInfo) else None
                return _Type(field.annotation, tuple(field.metadata), info)
        for member in self.members():
            arguments = get_args(member.annotation)
            match get_origin(member.annotation):
                case origin if origin is tuple and isinstance(step, int) and arguments:
                    is_uniform = len(arguments) == 2 and arguments[1] is Ellipsis
                    return _Type(arguments[0] if is_uniform else arguments[min(step, len(arguments) - 1)])
                case origin if origin in (dict, Mapping) and isinstance(step, str) and len(arguments) == 2:
                    return _Type(arguments[1])
        return None

    def keys(self) -> _Type | None:
        """The type of the keys of a table of any keys."""
        for member in self.members():
            if get_origin(member.annotation) in (dict, Mapping):
                return _Type(get_args(member.annotation)[0])
        return None


_ANYTHING = _Type(Any)


@dataclass(frozen=True, slots=True)
class _Fault:
    """One finding of pydantic: its place without union names, and the alternatives it belongs to, outermost first."""

    problem: Problem
    branches: tuple[tuple[int, str], ...]
    """For each union on the way: how many steps lead to it, and pydantic's name for the alternative."""
    wrong_kind: bool
    types: tuple[_Type, ...]
    """The type at each step, from the model itself."""


def _fault(
    detail: ErrorDetails, model: type[BaseModel], values: Mapping[str, Any], known: Sequence[str], suggest: Suggest
) -> _Fault:
    path: KeyPath = ()
    types = [_Type(model)]
    branches: list[tuple[int, str]] = []
    at_key = False
    value: Any = values
    location = detail["loc"]
    for number, step in enumerate(location):
        is_last = number == len(location) - 1
        if step == "[key]" and is_last:
            at_key = True
            types.append(types[-2].keys() or _ANYTHING)
            break
        below = types[-1].below(step)
        is_element = isinstance(step, int) and isinstance(value, tuple)
        is_key = isinstance(value, Mapping) and step in value
        is_field = below is not None and isinstance(step, str)
        if is_element or is_key or is_field or (is_last and detail["type"] in ("missing", "extra_forbidden")):
            path += (step,)
            types.append(below or _ANYTHING)
            value = _child(value, step)
        else:
            branches.append((len(path), str(step)))
    parent = types[-2] if len(types) > 1 else types[-1]
    problem = _problem(detail, types[-1], parent, str(path[-1]) if path else "", known, suggest)
    problem = replace(problem, path=path, at="key" if at_key else problem.at)
    return _Fault(problem, tuple(branches), detail["type"] in _WRONG_KIND, tuple(types))


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
    misspelt = [each for each in problems if each.message.endswith(_NO_CHOICE) and each.hint]
    explained = [each for each in problems if not each.message.endswith(_NO_CHOICE)]
    clearest = (misspelt or explained or problems)[0]
    return replace(clearest, expected=_expected(faults[0].types[-1]))


_NO_CHOICE = "is not a choice here"
_WRONG_KIND = frozenset(
    f"{kind}_type"
    for kind in ("string", "int", "float", "bool", "tuple", "list", "dict", "model", "date", "datetime", "time")
) | {"model_attributes_type", "mapping_type", "none_required", "int_from_float", "is_instance_of"}


def _problem(
    detail: ErrorDetails, wanted: _Type, parent: _Type, key: str, known: Sequence[str], suggest: Suggest
) -> Problem:
    """Word one finding. The path is put in by the caller."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    expected = _expected(wanted)
    match kind:
        case "extra_forbidden":
            names = sorted({*known, *(name for model in parent.models() for name in model.model_fields)})
            hint = suggest(key, names)
            rest = "" if hint or not names else f"one of {printable(', '.join(names), 200)}"
            return Problem((), f"unknown setting {quoted(key)}", rest, hint, at="key")
        case "missing":
            return Problem((), MISSING, expected, "" if "such as" in expected else _example(wanted), at="key")
        case "literal_error" | "enum":
            if not isinstance(value, str):
                return Problem((), f"this is {in_toml_words(value)}", expected)
            hint = suggest(value, (word for word in _choices_of(wanted) if isinstance(word, str)))
            return Problem((), f"{quoted(value)} {_NO_CHOICE}", expected, hint)
        case "union_tag_not_found":
            field = str(context.get("discriminator", "")).strip("'")
            return Problem((), f"{quoted(field)} is missing, which says what kind of table this is", expected)
        case "union_tag_invalid":
            field = str(context.get("discriminator", "")).strip("'")
            tags = str(context.get("expected_tags", ""))
            return Problem((), f"{field} = {quoted(str(context.get('tag')))} {_NO_CHOICE}", f"one of {tags}")
        case "value_error" | "assertion_error":
            cause = context.get("error")
            if isinstance(cause, InvalidValue):
                return Problem((), cause.message, cause.expected or expected, cause.hint)
            return Problem((), printable(str(cause), 200) or "this is not right", expected)
        case _ if kind in _WRONG_KIND:
            return Problem((), f"this is {in_toml_words(value)}", expected, _hint_for(value, wanted))
        case _ if kind in _LIMITS:
            message, name, words = _LIMITS[kind]
            return Problem((), message(value), words.format(printable(str(context.get(name)), 100)), _example(wanted))
        case _:
            return Problem((), printable(f"this is not right: {detail['msg']}", 200), expected)


def _number(value: Any) -> str:
    return f"{value} is out of bounds"


def _characters(value: Any) -> str:
    return f"this has {len(value)} characters"


def _elements(value: Any) -> str:
    return f"this has {len(value)} elements"


def _pattern(value: Any) -> str:
    return f"{quoted(str(value))} does not have the right form"


# pydantic's name: what is wrong, the limit's name in the context, what is expected.
_LIMITS: dict[str, tuple[Callable[[Any], str], str, str]] = {
    "greater_than": (_number, "gt", "more than {}"),
    "greater_than_equal": (_number, "ge", "at least {}"),
    "less_than": (_number, "lt", "less than {}"),
    "less_than_equal": (_number, "le", "at most {}"),
    "multiple_of": (_number, "multiple_of", "a multiple of {}"),
    "string_too_short": (_characters, "min_length", "at least {}"),
    "string_too_long": (_characters, "max_length", "at most {}"),
    "string_pattern_mismatch": (_pattern, "pattern", "text that matches {}"),
    "too_short": (_elements, "min_length", "at least {}"),
    "too_long": (_elements, "max_length", "at most {}"),
}


def _hint_for(value: Any, wanted: _Type) -> str:
    annotations = [member.annotation for member in wanted.members()]
    if bool in annotations and isinstance(value, str):
        return "write true or false, without quotes"
    if int in annotations and isinstance(value, str) and value.isascii() and value.isdigit():
        return "write the number without quotes"
    if any(get_origin(each) is tuple for each in annotations) and not isinstance(value, Mapping):
        return "write [ ] around it"
    return ""


def _example(wanted: _Type) -> str:
    if wanted.info is None or not wanted.info.examples:
        return ""
    example = wanted.info.examples[0]
    return f"for example {quoted(example) if isinstance(example, str) else printable(str(example), 60)}"


def _choices_of(wanted: _Type) -> list[Any]:
    words: list[Any] = []
    for member in wanted.members():
        if get_origin(member.annotation) is Literal:
            words += get_args(member.annotation)
        elif isinstance(member.annotation, type) and issubclass(member.annotation, enum.Enum):
            words += [each.value for each in member.annotation]
    return words


def _expected(wanted: _Type) -> str:
    """Say what a type wants, to follow "expected": ``an array of strings``, ``'a', 'b' or a domain name ...``."""
    parts: list[str] = []
    for member in wanted.members():
        words = _choices_of(member)
        parts += [quoted(word) if isinstance(word, str) else printable(str(word), 60) for word in words]
        if not words and (part := _expected_of_one(member)):
            parts.append(part)
    unique = list(dict.fromkeys(parts))
    if not unique:
        return ""
    unit = f", in {wanted.info.unit}" if wanted.info is not None and wanted.info.unit else ""
    return choices(unique) + unit


_PLURALS = {"a string": "strings", "an integer": "integers", "a boolean": "booleans", "a float": "floats",
            "a table": "tables", "an array": "arrays"}  # fmt: skip


def _expected_of_one(wanted: _Type) -> str:
    form = next((each for each in wanted.metadata if isinstance(each, Form)), None)
    if form is not None:
        return form.expected
    annotation = wanted.annotation
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Quantity):
        return annotation.EXPECTED
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a table"
    if origin is tuple:
        element = _expected(_Type(get_args(annotation)[0]))
        if element in _PLURALS:
            return f"an array of {_PLURALS[element]}"
        return f"an array, each element {element}" if element else "an array"
    return name_of_type(origin or annotation)
