"""The README in German: the same page, for a community whose own locale is German, whoever generates it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fake_plugins import generated

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "maidan_nix/flake/templates"
ENGLISH = (TEMPLATES / "README.md").read_text("utf-8")
GERMAN = (TEMPLATES / "README.de.md").read_text("utf-8")
COMMONS = (ROOT / "hosts/commons/community.toml").read_text("utf-8")


def readme(locale: str) -> str:
    manifest = re.sub('locale = ".*"', f'locale = "{locale}"', COMMONS)
    return generated(manifest).tree["README.md"].content.decode()


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (?=\S)", text, re.MULTILINE)


def commands(text: str) -> list[str]:
    """The lines of the indented blocks, without what a comment says; a paragraph of a list is indented by three."""
    return [line.partition("  # ")[0].strip() for line in re.findall(r"^ {4,}\S.*", text, re.MULTILINE)]


def code(text: str) -> list[str]:
    return sorted(re.sub(r"\s+", " ", each) for each in re.findall(r"`([^`]+)`", text))


def test_both_templates_have_the_same_shape() -> None:
    assert headings(GERMAN) == headings(ENGLISH)
    assert re.findall(r"\$+[a-z_]+", GERMAN) == re.findall(r"\$+[a-z_]+", ENGLISH)
    assert re.findall(r"^(?:\d+\.|-) ", GERMAN, re.MULTILINE) == re.findall(r"^(?:\d+\.|-) ", ENGLISH, re.MULTILINE)


def test_both_templates_have_the_same_commands_files_and_programs() -> None:
    assert commands(GERMAN) == commands(ENGLISH)
    assert code(GERMAN) == code(ENGLISH)


def test_lines_are_no_longer_than_those_of_the_source() -> None:
    for text in (GERMAN, ENGLISH):
        assert [line for line in text.splitlines() if len(line) > 126] == []


@pytest.mark.parametrize("locale", ["de_DE.UTF-8", "de_AT.UTF-8", "de_CH.UTF-8"])
def test_a_german_community_reads_german(locale: str) -> None:
    text = readme(locale)
    assert "## Was wo läuft" in text
    assert "| Adresse | Was | Host |" in text
    assert "Alles andere wird verworfen." in text
    assert "braucht" in text
    assert "(#geheimnisse)" in text
    assert "\n## Geheimnisse\n" in text


@pytest.mark.parametrize("locale", ["en_GB.UTF-8", "C.UTF-8", "fr_FR.UTF-8"])
def test_every_other_community_reads_english(locale: str) -> None:
    assert "## What runs where" in readme(locale)


def test_the_page_has_no_other_tables_and_commands_in_german() -> None:
    english, german = readme("en_GB.UTF-8"), readme("de_DE.UTF-8")
    assert headings(german) == headings(english)
    assert commands(german) == commands(english)
    assert len(re.findall(r"^\|", german, re.MULTILINE)) == len(re.findall(r"^\|", english, re.MULTILINE))
    assert re.findall(r"<https://[^>]*>", german) == re.findall(r"<https://[^>]*>", english)


@pytest.mark.parametrize("variable", ["LANGUAGE", "LC_ALL", "LANG"])
def test_the_language_of_the_process_changes_no_byte(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    pages = []
    for value in ("de_DE.UTF-8", "en_US.UTF-8", "C"):
        monkeypatch.setenv(variable, value)
        pages.append((readme("de_DE.UTF-8"), readme("en_GB.UTF-8")))
    assert len(set(pages)) == 1


def test_what_a_plugin_says_of_anothers_secret_is_german_too() -> None:
    manifest = (ROOT / "hosts/federation/community.toml").read_text("utf-8")
    manifest = manifest.replace("\ntime_zone", '\nlocale = "de_DE.UTF-8"\ntime_zone', 1)
    text = generated(manifest).tree["README.md"].content.decode()
    assert "das Passwort von matrix-synapse, eine Zeile von printf" in text
    assert "the password of" not in text
