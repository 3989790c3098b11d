"""A class of settings as a table of the manifest: its keys, the reasons beside them, and what to say of each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from maidan_nix.manifest.setting_info import PRESETS, SettingInfo, members
from maidan_nix.manifest.settings import MAXIMUM_REASON, MINIMUM_REASON, REASONS, Settings
from maidan_nix.messages import say
from maidan_nix.schema.forms import reason_schema
from maidan_nix.schema.types import Schema, type_schema
from maidan_nix.schema.values import plain_value, toml_value


def table_schema(
    model: type[BaseModel], *, title: str = "", without: Iterable[str] = (), partly: bool = False
) -> Schema:
    """Write the schema of the table that `model` reads.

    `title` says what it is, without a final stop; `without` names keys that do not stand in the manifest. With `partly`
    no key is required, as in a table that only changes what another says. The tables of pydantic models that are no
    settings are closed, too.
    """
    hidden = set(without)
    fields = {name: field for name, field in model.model_fields.items() if name not in hidden}
    properties = {name: _property(field, partly=partly) for name, field in fields.items()}
    loosenable = [name for name, field in fields.items() if _can_be_loosened(field)]
    if loosenable:
        properties[REASONS] = _reasons(loosenable)
    required = [] if partly else [name for name, field in fields.items() if field.is_required()]
    return {
        "type": "object",
        **(titled(title) if title else {}),
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def titled(title: str) -> Schema:
    """What something is, as a title and as a whole sentence."""
    return {"title": title, "description": f"{title}."}


def _property(field: FieldInfo, *, partly: bool) -> Schema:
    info = field.json_schema_extra if isinstance(field.json_schema_extra, SettingInfo) else None
    schema = type_schema(field.annotation, field.metadata, partial(table_schema, partly=partly))
    # What it is stands at the front: alone, and with all else that is to say.
    said = {"title": info.description, "description": _description(info, schema.get("x-form", ""))} if info else {}
    rest = {word: value for word, value in schema.items() if word not in said}
    return {**said, **rest, **_facts(field, info)}


def _description(info: SettingInfo, form: str) -> str:
    """Whole sentences: what it is, what form it has, its unit, what presets say."""
    sentences = [f"{info.description}."]
    if form:
        sentences.append(f"It is {form}." if form.startswith(("a ", "an ")) else f"Write {form}.")
    if info.unit:
        sentences.append(f"The unit is {info.unit}.")
    if info.presets is not None and info.looser is not None:
        said = [(preset, toml_value(info.presets.value(preset))) for preset in PRESETS]
        if len({value for _, value in said}) == 1:
            sentences.append(f"Every preset has {said[0][1]}.")
        else:
            sentences.append(f"By preset it is {', '.join(f'{value} ({preset})' for preset, value in said)}.")
        sentences.append(f"A looser value needs a reason under '{REASONS}'.")
    return " ".join(sentences)


def _facts(field: FieldInfo, info: SettingInfo | None) -> Schema:
    """The default, the presets, the unit and the examples, as the manifest writes them."""
    facts: Schema = {}
    presets = info.presets if info is not None else None
    if presets is not None:
        values = [plain_value(presets.value(preset)) for preset in PRESETS]
        facts["x-presets"] = dict(zip(PRESETS, values, strict=True))
        # The preset decides, unless all say the same.
        if all(value == values[0] for value in values) and values[0] is not None:
            facts["default"] = values[0]
    elif not field.is_required() and field.default is not None and not isinstance(field.default, BaseModel):
        facts["default"] = plain_value(field.get_default(call_default_factory=False))
    if info is not None and info.looser is not None:
        facts["x-looser"] = plain_value(info.looser)
    if info is not None and info.unit:
        facts["x-unit"] = info.unit
    if info is not None and info.examples:
        facts["examples"] = [plain_value(example) for example in info.examples]
    return facts


def _can_be_loosened(field: FieldInfo) -> bool:
    info = field.json_schema_extra
    is_table = any(isinstance(each, type) and issubclass(each, Settings) for each in members(field.annotation))
    return isinstance(info, SettingInfo) and info.looser is not None and not is_table


def _reasons(names: Iterable[str]) -> Schema:
    return {
        "type": "object",
        **titled(say("For each setting of this table that is looser than its preset, the reason")),
        "properties": {name: {**titled(_why(name)), **reason_schema()} for name in names},
        "additionalProperties": False,
    }


def _why(name: str) -> str:
    return say(
        "Why '{name}' is looser than its preset: {least} to {most} characters on one line",
        name=name, least=MINIMUM_REASON, most=MAXIMUM_REASON,
    )  # fmt: skip
