"""Settings: strict types, presets, and reasons for what is looser than a preset."""

from __future__ import annotations

from typing import Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from maidan_nix.manifest.resolution import Loosened, Resolved, resolve
from maidan_nix.manifest.setting_info import PRESETS
from maidan_nix.manifest.settings import Preset, Presets, SettingInfo, Settings, infos, setting
from maidan_nix.manifest.settings_faults import settings_faults
from maidan_nix.manifest.types import ByteSize, Domain, Duration
from maidan_nix.problems import KeyPath, dotted

SIGNUPS = ("closed", "invited", "open")
REASON = "a course starts this week"
PATH: KeyPath = ("services", "example")


class Limits(Settings):
    upload: ByteSize = setting(
        "Largest upload", presets=Presets(strict="5M", balanced="50M", open="1G"), looser="higher"
    )
    attempts: int = setting("Attempts to log in per hour", unit="attempts", default=5, looser="higher", ge=1)


class Room(Settings):
    name: str = setting("Its name", min_length=1)
    guests: bool = setting("Whether guests may enter", default=False, looser="true")


class Example(Settings):
    domain: Domain = setting("Where members find it")
    signups: Literal["closed", "invited", "open"] = setting(
        "Who may make an account", presets=Presets("closed", "invited", "open"), looser=SIGNUPS
    )
    encryption: bool = setting("Whether rooms are encrypted", presets=Presets(True, True, False), looser="false")
    retention: Optional[Duration] = setting(  # noqa: UP045  # both ways to write it are read
        "How long messages stay", presets=Presets("30d", "365d", None), looser="higher"
    )
    minimum_length: int = setting("Shortest password", unit="characters", presets=Presets(16, 12, 8), looser="lower")
    ratio: float = setting("Any number", default=0.5)
    tags: tuple[str, ...] = setting("Any words", default=())
    limits: Limits = setting("Limits", default=Limits())
    archive: Limits | None = setting("Limits of the archive", default=None)
    rooms: tuple[Room, ...] = setting("Rooms that exist from the start", default=())
    spaces: dict[str, Room] = setting("Spaces by name", default={})


def read(preset: Preset = "strict", **table: Any) -> Resolved[Example]:
    return resolve(Example, {"domain": "chat.example.org", **table}, preset, PATH, "services/example")


def good(preset: Preset = "strict", **table: Any) -> tuple[Example, tuple[Loosened, ...]]:
    resolved = read(preset, **table)
    assert resolved.problems == ()
    assert resolved.settings is not None
    return resolved.settings, resolved.loosened


def messages(resolved: Resolved[Example]) -> dict[str, str]:
    assert resolved.settings is None
    assert all(problem.plugin == "services/example" for problem in resolved.problems)
    return {".".join(map(str, problem.path[2:])): problem.message for problem in resolved.problems}


class TestPart:
    """A table that is completed elsewhere."""

    @staticmethod
    def places(**table: Any) -> list[str]:
        problems = resolve(Example, table, "strict", PATH, "services/example", is_part=True).problems
        return [dotted(problem.path[2:]) for problem in problems]

    def test_nothing_is_missing_in_it(self) -> None:
        reasons = {"signups": "a course starts this week"}
        assert self.places() == []
        assert self.places(signups="open") == []
        assert self.places(reasons=reasons) == []
        assert self.places(spaces={"lobby": {}}) == []

    def test_what_is_wrong_in_it_is_wrong(self) -> None:
        assert self.places(domain=1) == ["domain"]
        assert self.places(limits={"attempts": "x"}) == ["limits.attempts"]
        assert self.places(domian="chat.example.org") == ["domian"]
        assert self.places(reasons={"signups": "short"}) == ["reasons.signups"]
        assert self.places(reasons={"signsup": "a course starts this week"}) == ["reasons.signsup"]


class TestTypes:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("ratio", "1"),
            ("ratio", True),
            ("tags", "a"),
            ("tags", [1]),
            ("minimum_length", "20"),
            ("minimum_length", True),
            ("minimum_length", 20.0),
            ("encryption", 1),
            ("encryption", "true"),
            ("domain", 1),
            ("signups", 1),
            ("retention", 30),
            ("limits", []),
            ("limits", "x"),
            ("rooms", {}),
            ("rooms", ["x"]),
            ("spaces", []),
        ],
    )
    def test_nothing_is_converted(self, key: str, value: Any) -> None:
        assert list(messages(read(**{key: value}))) in ([key], [f"{key}.0"])

    def test_integers_stand_for_floats(self) -> None:
        assert good(ratio=2)[0].ratio == 2.0

    @pytest.mark.parametrize("value", [float("inf"), float("nan")])
    def test_numbers_are_finite(self, value: float) -> None:
        assert "ratio" in messages(read(ratio=value))

    def test_arrays_are_tuples(self) -> None:
        assert good(tags=["a", "b"])[0].tags == ("a", "b")

    def test_settings_are_frozen(self) -> None:
        settings, _ = good()
        with pytest.raises(ValueError, match="frozen"):
            settings.ratio = 1.0

    def test_defaults_are_written_as_in_the_manifest(self) -> None:
        assert Example(domain="chat.example.org").limits.upload == ByteSize.parse("5M")

    def test_reasons_is_reserved(self) -> None:
        with pytest.raises(TypeError, match="reserved"):
            type("Bad", (Settings,), {"__annotations__": {"reasons": str}})

    def test_lists_are_refused_when_the_class_is_made(self) -> None:
        with pytest.raises(TypeError, match="tuples"):
            type("Bad", (Settings,), {"__annotations__": {"names": list[str]}})

    @pytest.mark.parametrize(
        "arguments",
        [
            {"default": 1, "presets": Presets(1, 1, 1), "looser": "higher"},
            {"presets": Presets(1, 1, 1)},
            {"looser": "higher"},
        ],
    )
    def test_what_does_not_go_together(self, arguments: dict[str, Any]) -> None:
        with pytest.raises(TypeError):
            setting("x", **arguments)


class TestPresets:
    @pytest.mark.parametrize(
        ("preset", "signups", "days", "upload"),
        [("strict", "closed", 30, "5M"), ("balanced", "invited", 365, "50M"), ("open", "open", None, "1G")],
    )
    def test_fill_what_is_unset(self, preset: Preset, signups: str, days: int | None, upload: str) -> None:
        settings, loosened = good(preset)
        assert settings.signups == signups
        assert (settings.retention.in_days() if settings.retention else None) == days
        assert settings.limits.upload == ByteSize.parse(upload)
        assert settings.archive is None
        assert loosened == ()

    def test_reach_nested_tables_arrays_and_names(self) -> None:
        settings, _ = good(
            "balanced", archive={}, limits={"attempts": 3}, rooms=[{"name": "a"}], spaces={"b": {"name": "b"}}
        )
        assert settings.archive is not None
        assert settings.archive.upload == settings.limits.upload == ByteSize.parse("50M")
        assert settings.rooms[0].guests is False
        assert settings.spaces["b"].guests is False

    @pytest.mark.parametrize(
        "table",
        [
            {"signups": "closed"},
            {"encryption": True},
            {"retention": "7d"},
            {"retention": "720h"},  # the preset in other words
            {"minimum_length": 20},
            {"limits": {"upload": "1M", "attempts": 5}},
        ],
    )
    def test_stricter_needs_no_reason(self, table: dict[str, Any]) -> None:
        assert good("strict", **table)[1] == ()

    def test_nothing_is_looser_than_no_limit(self) -> None:
        assert good("open", retention="3650d")[1] == ()


class TestLoosening:
    @pytest.mark.parametrize(
        ("key", "value", "preset_value"),
        [
            ("signups", "invited", "closed"),
            ("signups", "open", "closed"),
            ("encryption", False, True),
            ("retention", "31d", "30d"),
            ("retention", "721h", "30d"),
            ("minimum_length", 15, 16),
        ],
    )
    def test_needs_a_reason(self, key: str, value: Any, preset_value: Any) -> None:
        (problem,) = read(**{key: value}).problems
        assert problem.path == (*PATH, key)
        assert problem.expected == f"a reason at services.example.reasons.{key}"
        assert problem.hint
        assert "looser than the preset 'strict'" in problem.message

        _, loosened = good(**{key: value}, reasons={key: f"  {REASON} "})
        assert loosened == (Loosened((*PATH, key), value, preset_value, REASON),)

    def test_below_nested_tables_the_reason_stands_beside_its_setting(self) -> None:
        table: dict[str, Any] = {
            "limits": {"upload": "1T", "attempts": 6, "reasons": {"upload": REASON}},
            "rooms": [{"name": "a"}, {"name": "b", "guests": True}],
            "spaces": {"c": {"name": "c", "guests": True, "reasons": {"guests": REASON}}},
        }
        resolved = read(**table)
        assert [problem.expected for problem in resolved.problems] == [
            "a reason at services.example.limits.reasons.attempts",
            "a reason at services.example.rooms[1].reasons.guests",
        ]
        assert [entry.path[2:] for entry in resolved.loosened] == [("limits", "upload"), ("spaces", "c", "guests")]

    @pytest.mark.parametrize(
        ("reasons", "message", "at"),
        [
            ({"signups": "because"}, "this has 7 characters", "value"),
            ({"signups": " " * 40}, "this has 0 characters", "value"),
            ({"signups": "x" * 501}, "this has 501 characters", "value"),
            ({"signups": "two lines\nof reasons"}, "this has line breaks or control characters", "value"),
            ({"signups": "hidden \u202e direction"}, "this has line breaks or control characters", "value"),
            ({"signups": True}, "this is a boolean", "value"),
            (
                {"signups": REASON, "ratio": REASON},
                "a reason for 'ratio', which is not looser than the preset 'strict'",
                "key",
            ),
            ({"signups": REASON, "sign_ups": REASON}, "a reason for an unknown setting 'sign_ups'", "key"),
            ({"signups": REASON, "limits": REASON}, "'limits' is a table with reasons of its own", "key"),
            (
                {"signups": REASON, "encryption": REASON},
                "a reason for 'encryption', which is not looser than the preset 'strict'",
                "key",
            ),
        ],
    )
    def test_reasons_are_checked(self, reasons: dict[str, Any], message: str, at: str) -> None:
        (problem,) = read(signups="open", reasons=reasons).problems
        assert (problem.message, problem.at) == (message, at)
        assert problem.path[2] == "reasons"

    def test_reasons_that_are_no_table(self) -> None:
        resolved = read(signups="open", reasons="because I say so")
        assert messages(resolved) == {
            "reasons": "this is a string",
            "signups": "'open' is looser than the preset 'strict' ('closed')",
        }

    def test_a_wrong_value_with_a_reason_is_one_problem(self) -> None:
        assert messages(read(signups="opne", reasons={"signups": REASON})) == {"signups": "'opne' is not a choice here"}
        assert list(messages(read(retention="30", reasons={"retention": REASON}))) == ["retention"]

    def test_everything_at_once(self) -> None:
        resolved = read(
            domian="x", domain="X", encryption=False, limits={"attempts": 0}, reasons={"ratio": REASON}, tags="a"
        )
        assert list(messages(resolved)) == [
            "domain",
            "tags",
            "limits.attempts",
            "domian",
            "encryption",
            "reasons.ratio",
        ]

    @given(st.sampled_from(PRESETS), st.sampled_from(SIGNUPS), st.integers(1, 40), st.booleans())
    def test_looser_means_later_in_the_order(self, preset: Preset, signups: str, length: int, encryption: bool) -> None:
        resolved = read(preset, signups=signups, minimum_length=length, encryption=encryption)
        info = infos(Example)
        expected = set()
        if SIGNUPS.index(signups) > PRESETS.index(preset):
            expected.add("signups")
        if info["minimum_length"].presets is not None and length < info["minimum_length"].presets.value(preset):
            expected.add("minimum_length")
        if preset != "open" and not encryption:
            expected.add("encryption")
        assert {problem.path[-1] for problem in resolved.problems} == expected


class TestFaults:
    def test_a_good_class_has_none(self) -> None:
        assert settings_faults(Example) == []

    def test_each_fault_is_named(self) -> None:
        class Bad(Settings):
            plain: int = 1
            sentence: int = setting("Ends like a sentence.", default=1)
            empty: int = setting("", default=1)
            order: int = setting("Wrong way round", presets=Presets(3, 2, 1), looser="higher")
            apart: bool = setting("Not a number", presets=Presets(True, True, True), looser="higher")
            choice: Literal["a", "b", "c"] = setting("Lacks one", presets=Presets("a", "a", "b"), looser=("a", "b"))
            broken: Duration = setting("No unit", presets=Presets("30d", "40d", "50"), looser="higher")
            wrong: Domain = setting("Not a domain", default="nowhere")
            limits: Limits = setting("Sets a value", default=Limits(attempts=1))

        faults = settings_faults(Bad)
        assert faults == [
            "Bad.plain is not made by setting()",
            "Bad.sentence needs a description without a final stop",
            "Bad.empty needs a description without a final stop",
            "Bad.order has a preset that is stricter than a stricter preset",
            "Bad.apart has presets that cannot be compared",
            "Bad.choice does not order all of its choices",
            "Bad.broken has presets that cannot be compared",
            "Bad.limits has a default that sets values, which presets would override; set them in its class",
            "Bad.wrong: the value this has by itself is not right: 'nowhere' has one part only",
            "Bad.broken: the value this has by itself is not right: '50' has no unit",
        ]

    def test_the_steward_is_not_blamed_for_the_plugin(self) -> None:
        class Bad(Settings):
            wrong: Domain = setting("Not a domain", default="nowhere")

        (problem,) = resolve(Bad, {}, "strict", PATH, "services/example").problems
        assert problem.message.startswith("the value this has by itself is not right")
        assert problem.hint == "set it, and tell whoever wrote the plugin"


def test_settings_describe_themselves() -> None:
    info = infos(Example)["minimum_length"]
    assert info == SettingInfo("Shortest password", "characters", Presets(16, 12, 8), "lower")
    schema = Example.model_json_schema()
    assert schema["properties"]["minimum_length"]["x-unit"] == "characters"
    assert schema["properties"]["minimum_length"]["x-presets"] == {"strict": 16, "balanced": 12, "open": 8}


def test_infos_of_a_plain_model_are_empty() -> None:
    class Plain(BaseModel):
        a: int

    assert infos(Plain) == {}
