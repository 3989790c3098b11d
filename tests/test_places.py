"""Time zones and locales that do not exist, by what this machine knows."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest

from maidan_nix import places
from maidan_nix.diagnosis.places import check_places
from maidan_nix.places import unknown_locale, unknown_places, unknown_time_zone


@pytest.fixture
def zones(tmp_path: Path) -> Iterator[Path]:
    """A tz database of two zones, so that the machine's own does not matter."""
    source = b"TZif" + bytes(16) + (0).to_bytes(4) * 4 + (1).to_bytes(4) + (4).to_bytes(4) + bytes(6) + b"UTC\0"
    for name in ("Europe/Berlin", "Europe/Paris"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(source)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield tmp_path
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("zones")
def test_a_zone_is_looked_up_on_this_machine() -> None:
    assert unknown_time_zone("Europe/Paris") is None
    problem = unknown_time_zone("Europe/Pariss")
    assert problem is not None
    assert (problem.message, problem.hint) == (
        "no time zone is named 'Europe/Pariss'",
        "did you mean 'Europe/Paris'?",
    )
    nowhere = unknown_time_zone("Atlantic/Nowhere")
    assert nowhere is not None
    assert nowhere.hint == "'timedatectl list-timezones' lists them"


@pytest.mark.parametrize("word", ["", "../etc/passwd", "Europe", "Mars/Base", "Europe/\0", "a" * 100])
def test_what_has_not_the_form_is_left_to_validation(word: str) -> None:
    assert unknown_time_zone(word) is None
    assert unknown_locale(word) is None


def test_without_a_tz_database_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_is_zone", lambda name: False)
    assert unknown_time_zone("Europe/Nowhere") is None


@pytest.mark.parametrize("word", ["C.UTF-8", "de_DE.UTF-8", "en_US.UTF-8", "dsb_DE.UTF-8", "sah_RU.UTF-8"])
def test_a_locale_that_exists(word: str, tmp_path: Path) -> None:
    assert unknown_locale(word, tmp_path / "none") is None


def test_a_locale_that_does_not_exist(tmp_path: Path) -> None:
    problem = unknown_locale("de_GE.UTF-8", tmp_path / "none")
    assert problem is not None
    assert problem.message == "no locale is named 'de_GE.UTF-8'"
    assert problem.hint == "did you mean 'de_DE.UTF-8'?"
    (tmp_path / "list").write_text("xx_YY.UTF-8 UTF-8\n")
    assert unknown_locale("xx_YY.UTF-8", tmp_path / "none") is not None
    assert unknown_locale("xx_YY.UTF-8", tmp_path / "list") is None


@pytest.mark.usefixtures("zones")
def test_doctor_says_it_and_how_to_go_on() -> None:
    values = {"community": {"time_zone": "Europe/Nowhere", "locale": "xx_YY.UTF-8"}}
    lines = list(check_places(values))
    assert [(line.subject, line.state) for line in lines] == [
        ("community.time_zone", "look"),
        ("community.locale", "look"),
    ]
    assert all(line.way_out for line in lines)


@pytest.mark.parametrize("values", [{}, {"community": 3}, {"community": {"time_zone": 3, "locale": []}}])
def test_a_manifest_of_another_shape_says_nothing(values: dict[str, object]) -> None:
    assert list(unknown_places(values)) == []
