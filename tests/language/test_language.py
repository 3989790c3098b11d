"""Which language is shown, where its words come from, and that no catalogue can break a message."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from maidan_nix import plugins
from maidan_nix.language import DOMAIN, ENGLISH, Language, paragraphs
from maidan_nix.messages import count, say

GERMAN = Language("de")


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, ""),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_AT.UTF-8@euro"}, "de"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "en_GB.UTF-8"}, ""),
        ({"LANG": "C"}, ""),
        ({"LANG": "POSIX"}, ""),
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "xx_YY.UTF-8"}, ""),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "en_US.UTF-8"}, "de"),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, ""),
        ({"LC_MESSAGES": "de_DE.UTF-8", "LANG": "en_US.UTF-8"}, "de"),
        ({"LC_ALL": "", "LANG": "de_DE.UTF-8"}, "de"),
        ({"LANGUAGE": "de"}, "de"),
        ({"LANGUAGE": "de", "LANG": "en_US.UTF-8"}, "de"),
        ({"LANGUAGE": "de", "LC_ALL": "C.UTF-8"}, "de"),
        ({"LANGUAGE": "de", "LC_ALL": "C"}, ""),
        ({"LANGUAGE": "de", "LANG": "POSIX"}, ""),
        ({"LANGUAGE": "xx:de:en"}, "de"),
        ({"LANGUAGE": "xx:en:de"}, ""),
        ({"LANGUAGE": "../../../tmp"}, ""),
        ({"LANGUAGE": "..:/etc:de\0:\x1b[31m"}, ""),
        ({"LC_CTYPE": "de_DE.UTF-8", "LC_TIME": "de_DE.UTF-8"}, ""),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], code: str) -> None:
    assert Language.of_environment(environment).code == code


def test_messages_in_messages_are_translated_and_names_are_not() -> None:
    assert GERMAN.text(say("this is {kind}", kind=say("an array"))) == "das ist ein Array"
    assert GERMAN.text(say("this is {kind}", kind="an array")) == "das ist an array"


def test_numbers_follow_the_language() -> None:
    for number, said in ((0, "0 weitere Probleme"), (1, "1 weiteres Problem"), (2, "2 weitere Probleme")):
        message = count("... and 1 more problem", "... and {number} more problems", number=number)
        assert GERMAN.text(message) == f"... und {said}"


def test_plain_text_is_looked_up_as_it_stands_and_never_filled_in() -> None:
    assert GERMAN.text("this setting is missing") == "diese Einstellung fehlt"
    assert GERMAN.text("{unknown}") == "{unknown}"
    assert GERMAN.text("") == ""


@pytest.mark.parametrize("hostile", ["{x.__class__.__mro__}", "{0}", "{", "}", "%s", "\x1b[2J", "a\nb", "is empty"])
def test_a_hostile_value_stays_a_value(hostile: str) -> None:
    message = say("unknown setting {key}", key=hostile)
    assert GERMAN.text(message) == f"unbekannte Einstellung {hostile}"
    assert ENGLISH.text(message) == f"unknown setting {hostile}"


def _brings(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, translations: dict[Any, Any] | bytes) -> None:
    """Make a plugin that is installed, imported, and brings a catalogue."""
    place = folder / "locale/de/LC_MESSAGES"
    place.mkdir(parents=True)
    if isinstance(translations, bytes):
        (place / f"{DOMAIN}.mo").write_bytes(translations)
    else:
        catalogue = Catalog(locale="de")
        for message, translated in translations.items():
            catalogue.add(message, translated)
        with (place / f"{DOMAIN}.mo").open("wb") as stream:
            write_mo(stream, catalogue)
    module = ModuleType(f"brought_{folder.name}")
    module.__file__ = str(folder / "__init__.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    known = {**plugins.known(), name: plugins.Source(name, module.__name__)}
    monkeypatch.setattr(plugins, "known", lambda: known)


def test_a_plugin_brings_its_own_catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _brings(monkeypatch, tmp_path, "services/wiki", {"no page": "keine Seite", ("1 page", "{number} pages"): (
        "1 Seite", "{number} Seiten"), "this setting is missing": "nie gesehen"})  # fmt: skip
    language = Language("de")
    assert language.text("no page", "services/wiki") == "keine Seite"
    assert language.text(say("no page")) == "keine Seite"
    assert language.text(count("1 page", "{number} pages", number=3), "services/wiki") == "3 Seiten"
    # What core knows is said everywhere as core says it.
    assert language.text("this setting is missing", "services/wiki") == "diese Einstellung fehlt"


def test_each_plugin_speaks_for_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _brings(monkeypatch, tmp_path / "a", "services/a", {"no page": "keine Seite"})
    _brings(monkeypatch, tmp_path / "b", "services/b", {"no page": "kein Blatt"})
    language = Language("de")
    assert language.text("no page", "services/b") == "kein Blatt"
    assert language.text("no page", "services/a") == "keine Seite"
    needs = say("{plugin} needs this secret: {content}", plugin="services/b", content=say("no page"))
    assert language.text(needs) == "services/b braucht dieses Geheimnis: kein Blatt"


def test_a_plugin_may_hand_on_what_another_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _brings(monkeypatch, tmp_path, "services/a", {"no page": "keine Seite"})
    needs = say("{plugin} needs this secret: {content}", plugin="services/vaultwarden", content=say("no page"))
    assert Language("de").text(needs) == "services/vaultwarden braucht dieses Geheimnis: keine Seite"


@pytest.mark.parametrize("wrong", ["ohne {other}", "{", "{0}", "{name.nothing}", "{name[0][1]}"])
def test_a_translation_with_other_values_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: str
) -> None:
    _brings(monkeypatch, tmp_path, "services/wiki", {"no page {name}": wrong})
    assert Language("de").text(say("no page {name}", name="a"), "services/wiki") == "no page a"


@pytest.mark.parametrize("content", [b"", b"not a catalogue", b"\xde\x12\x04\x95" + b"\xff" * 40, b"\xde\x12\x04\x95"])
def test_a_catalogue_that_cannot_be_read_leaves_english(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    _brings(monkeypatch, tmp_path, "services/wiki", content)
    assert Language("de").text(say("no page {name}", name="a"), "services/wiki") == "no page a"


def test_english_reads_no_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gettext.translation", lambda *_: pytest.fail("a catalogue was read"))
    assert Language.of_environment({"LANG": "en_US.UTF-8"}).text(say("this is {kind}", kind="x")) == "this is x"


def test_paragraphs_of_help_are_messages_of_one_line() -> None:
    assert paragraphs("Do\nit.\n\nAnd  more.\n\n\b\nas is\n  here\n\fnever shown") == [
        "Do it.",
        "And more.",
        "\b\nas is\n  here",
    ]
