"""From types to JSON Schema: nothing is lost that the validation demands, and nothing refused that it accepts."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from maidan_nix.manifest import schema as sections
from maidan_nix.manifest import types
from maidan_nix.manifest.forms import Form, InvalidValue
from maidan_nix.manifest.settings import Presets, Settings, setting
from maidan_nix.manifest.types import ByteSize, Domain, Duration, IpAddress, PortNumber
from maidan_nix.manifest.validation import validate
from maidan_nix.schema.forms import form_limits
from maidan_nix.schema.tables import table_schema


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Door(Settings):
    """One door."""

    lock: Literal["bolt", "chain"] = setting("How it is locked")
    open: bool = setting("Whether it stands open", default=False, looser="true")


class Room(BaseModel):
    """A room, of a model that is no settings."""

    size: int


class House(Settings):
    """Everything that a class of settings can hold."""

    domain: Domain = setting("Where it is")
    port: PortNumber = setting("Which port", default=443)
    limit: ByteSize = setting("How much", default="50M")
    kept: Duration | None = setting("How long", default=None)
    floors: int = setting("How many", unit="floors", default=1, ge=1, le=9)
    height: float = setting("How high", default=2.5, ge=0)
    name: str = setting("What it is called", default="house", min_length=2, max_length=9, pattern="[a-z]+$")
    colour: Colour = setting("Which colour", default=Colour.RED)
    level: Literal[1, 2, 3] = setting("Which level", default=1)
    address: Literal["dhcp", "off"] | IpAddress = setting("Which address", default="dhcp")
    rooms: tuple[Annotated[str, setting("A room", pattern="[a-z]+")], ...] = setting("Which rooms", default=())
    pair: tuple[str, int] = setting("A word and a number", default=("a", 1))
    doors: tuple[Door, ...] = setting("Its doors", default=())
    gates: Mapping[str, Door] = setting("Its gates, by name", default={})
    front: Door = setting("Its front door", default=Door(lock="bolt"))
    back: Door | None = setting("Its back door", default=None)
    weights: Mapping[Domain, int] = setting("Weights, by domain", default={})
    built: dt.date | None = setting("When it was built", default=None)
    room: Room | None = setting("The one room", default=None)
    network: ipaddress.IPv4Network | None = setting("A type of somebody else's", default=None)
    guests: Literal["none", "some"] = setting(
        "Who may come", presets=Presets("none", "none", "some"), looser=("none", "some")
    )


SCHEMA = table_schema(House)
VALIDATOR = Draft202012Validator(SCHEMA)
LEAST = 'domain = "home.example.org"\n'


def problems(text: str) -> tuple[bool, bool]:
    """Whether the validation accepts a table, and whether the schema does. Reasons are the reading's business."""
    values = tomllib.loads(LEAST + text)
    _, found = validate(House, values)
    return not found, VALIDATOR.is_valid(values)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "port = 1",
        "port = 65535",
        "limit = 0",
        'limit = "0"',
        'limit = "0K"',
        'kept = "30d"',
        "height = 3",
        'name = "ab"',
        "level = 3",
        'address = "off"',
        'address = "2001:db8::1"',
        'rooms = ["attic", "attic2"]',
        'pair = ["x", 2]',
        '[[doors]]\nlock = "bolt"',
        '[gates."odd name"]\nlock = "chain"',
        '[front]\nlock = "bolt"\nopen = true',
        '[back]\nlock = "bolt"',
        '[weights]\n"a.example.org" = 3',
        "[room]\nsize = 1",
    ],
)
def test_what_is_valid_is_accepted(text: str) -> None:
    assert problems(text) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "domian = 1",
        "port = 0",
        "port = 65536",
        'port = "443"',
        "limit = 5",
        'limit = "5"',
        'limit = "5 M"',
        'limit = "05M"',
        "limit = true",
        'kept = "30"',
        "floors = 0",
        "floors = 10",
        "floors = 1.5",
        "floors = true",
        "height = -1",
        'name = "a"',
        'name = "abcdefghij"',
        'name = "a9"',
        'colour = "green"',
        "level = 4",
        'address = "on line"',
        'rooms = "attic"',
        'rooms = ["1"]',
        'pair = ["x"]',
        'pair = ["x", 2, 3]',
        "pair = [1, 2]",
        "[[doors]]\nopen = true",
        '[[doors]]\nlock = "string"',
        '[gates]\na = "bolt"',
        "[front]\nlokc = 1",
        "[back]\n",
        '[weights]\n"no domain" = 3',
        "[room]\nsise = 1",
    ],
)
def test_what_is_wrong_is_refused(text: str) -> None:
    assert problems(text) == (False, False)


def test_what_the_schema_says_of_a_setting() -> None:
    assert SCHEMA["required"] == ["domain"]
    properties = SCHEMA["properties"]
    assert properties["floors"]["x-unit"] == "floors"
    assert "The unit is floors." in properties["floors"]["description"]
    assert properties["limit"]["default"] == "50M"
    assert properties["colour"]["default"] == "red"
    assert properties["guests"]["x-presets"] == {"strict": "none", "balanced": "none", "open": "some"}
    assert "default" not in properties["guests"]  # the preset decides
    assert 'By preset it is "none" (strict), "none" (balanced), "some" (open).' in properties["guests"]["description"]
    assert properties["reasons"]["properties"].keys() == {"guests"}
    assert properties["front"]["properties"]["reasons"]["properties"].keys() == {"open"}


def test_a_table_that_only_changes_another_needs_no_key() -> None:
    partly = table_schema(House, partly=True)
    assert "required" not in partly
    assert "required" not in partly["properties"]["front"]


FORMS = {
    name: kind
    for module in (types, sections)
    for name, kind in vars(module).items()
    if any(isinstance(each, Form) for each in get_args(kind))
}
EXAMPLES: Mapping[str, tuple[Any, ...]] = {
    "AgeRecipient": ("age1" + "q" * 58,),
    "CommunityName": ("x", "Commons & Söhne " + "x" * 64),
    "DiskById": ("/dev/disk/by-id/nvme-A_1", "/dev/disk/by-id/wwn-0x5:0"),
    "Domain": ("a.b", "chat.example.org", "xn--mnchen-3ya.example", "a-b.c-d.e2"),
    "Email": ("a@b.c", "first.last+tag@mail.example.org", "_x@example.org"),
    "HostName": ("a", "store-2", "3com"),
    "InterfaceName": ("eth0", "enp1s0.5", "a" * 15),
    "IpAddress": ("192.0.2.1", "2001:db8::1", "::", "::ffff:192.0.2.1"),
    "IpInterface": ("192.0.2.10/24", "2001:db8::10/64", "10.0.0.1/032"),
    "Locale": ("C.UTF-8", "de_DE.UTF-8", "kok_IN.UTF-8"),
    "PortNumber": (1, 65535),
    "SshPublicKey": (
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada at home",
    ),
    "TimeZone": ("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+1"),
    "UserName": ("ada", "_x-1", "a" * 31),
}


def test_every_form_is_known_to_the_schema() -> None:
    assert FORMS.keys() == EXAMPLES.keys()
    unknown = [name for name, kind in FORMS.items() if not form_limits(get_args(kind)[1])]
    assert unknown == []


@pytest.mark.parametrize("name", FORMS)
def test_the_schema_of_a_form_accepts_what_its_check_accepts(name: str) -> None:
    form = get_args(FORMS[name])[1]
    for example in EXAMPLES[name]:
        form.check(example)
        assert Draft202012Validator(form_limits(form)).is_valid(example), example


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_a_form_changed_at_random_is_accepted_wherever_its_check_accepts_it(name: str, data: st.DataObject) -> None:
    form = get_args(FORMS[name])[1]
    example = data.draw(st.sampled_from(EXAMPLES[name]))
    if isinstance(example, int):
        changed: Any = data.draw(st.integers())
    else:
        at = data.draw(st.integers(0, len(example)))
        added = data.draw(st.one_of(st.text(max_size=3), st.sampled_from([".", "-", "/", "_", " ", "\n", "A", "0"])))
        changed = example[:at] + added + example[at + data.draw(st.integers(0, 2)) :]
    try:
        form.check(changed)
    except InvalidValue:
        return
    assert Draft202012Validator(form_limits(form)).is_valid(changed), changed
