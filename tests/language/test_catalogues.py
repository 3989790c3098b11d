"""The catalogues: in step with the source, complete, and safe to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from language.catalogues import ROOT, script

translations = script()
DOMAINS = list(translations.domains())
AGAIN = "run 'make translations', and translate what is new"
SAME = frozenset(
    (
        # Names of things, which are what they are.
        "Host",
        "Hosts",
        "Port",
        "Unit",
        "Locale",
        "Firmware",
        "key = value",
        "\b\n  maidan-nix schema --out community.schema.json\n  #:schema ./community.schema.json",
        "Host {name} ({system})",
        "{number} MiB",
        "{number} GiB",
        "In {unit}.",
        "'uefi'",
        "TOML 1.0",
        "Firewall",
        "{doing}: {seconds:.2f} s",
        "{disk}, 1 GB",
        "{disk}, {number} GB",
        "{expected}, in {unit}",
        "[value, value]",
        "\\uXXXX or \\UXXXXXXXX",
        "Choice({choices})",
        "d",
    )
)


def named(domain: Any) -> str:
    return f"{domain.folder.relative_to(ROOT)}/{domain.name}"


def pairs(domain: Any, language: str = "de", *, also_missing: bool = False) -> Iterator[tuple[Any, str, str]]:
    """Each message with its translation, plural forms apart."""
    catalogue = translations.read(domain.translation(language), language)
    for entry in domain.entries:
        found = catalogue.get(entry.template)
        strings = (found.string if found else "",) if not entry.many else found.string if found else ("", "")
        wanted = (entry.template, entry.many) if entry.many else (entry.template,)
        for text, translated in zip(wanted, strings, strict=True):
            if translated or also_missing:
                yield entry, text, translated


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("domain", DOMAINS, ids=named)
def test_what_is_written_is_what_the_source_says(domain: Any) -> None:
    assert domain.template.read_bytes() == translations.template(domain), AGAIN
    readable, compiled = translations.translated(domain, "de")
    path = domain.translation("de")
    assert path.read_bytes() == readable, AGAIN
    assert path.with_suffix(".mo").read_bytes() == compiled, AGAIN


def test_there_is_no_catalogue_without_a_source() -> None:
    wanted = {domain.template for domain in DOMAINS} | {domain.translation("de") for domain in DOMAINS}
    folders = (ROOT / "maidan_nix/locale", *ROOT.glob("plugins/*/*/locale"))
    found = {path for folder in folders for path in folder.rglob("*.po*")}
    assert found == wanted


@pytest.mark.parametrize("domain", DOMAINS, ids=named)
def test_german_has_every_message(domain: Any) -> None:
    assert [text for _, text, translated in pairs(domain, also_missing=True) if not translated] == [], "translate these"


@pytest.mark.parametrize("domain", DOMAINS, ids=named)
def test_nothing_is_fuzzy(domain: Any) -> None:
    assert not any(message.fuzzy for message in translations.read(domain.translation("de"), "de") if message.id)


@pytest.mark.parametrize("domain", DOMAINS, ids=named)
def test_a_translation_has_the_values_of_its_message_and_the_space_around_it(domain: Any) -> None:
    for entry, text, translated in pairs(domain):
        # "1 file" leaves its number out, and may in both languages.
        known = values(entry.template) | values(entry.many)
        assert values(translated) <= known, text
        assert values(text) <= values(translated) | ({"number"} if entry.many else set()), text
        assert re.findall(r"\A\s*|\s*\Z", text) == re.findall(r"\A\s*|\s*\Z", translated), text
        assert text.startswith("\b") == translated.startswith("\b")


@pytest.mark.parametrize("domain", DOMAINS, ids=named)
def test_a_translation_has_the_option_names_and_addresses_of_its_message(domain: Any) -> None:
    for _, text, translated in pairs(domain):
        for word in re.findall(r"--[a-z][a-z-]+|https?://[^\s,;]+|\[[a-z]+\.[a-zA-Z]+\]", text):
            assert word.rstrip(".:") in translated, (text, translated)


@pytest.mark.parametrize("domain", DOMAINS, ids=named)
def test_no_english_is_left_over(domain: Any) -> None:
    english = re.compile(r"\b(the|is|are|of|which|that|with|and|not|cannot)\b")
    for entry, text, translated in pairs(domain):
        assert text != translated or entry.is_name or text in SAME, text
        assert not english.search(re.sub(r"'[^']*'|`[^`]*`", "", translated)), translated


@pytest.mark.parametrize("domain", DOMAINS, ids=named)
def test_a_translation_ends_as_its_message_does(domain: Any) -> None:
    """With a full stop or without, so that what is put together reads well."""
    for _, text, translated in pairs(domain):
        if not text.endswith(("e.g.", "...")):
            assert text.endswith(".") == translated.endswith("."), (text, translated)


def test_catalogues_depend_on_the_source_alone(tmp_path: Path) -> None:
    for domain in DOMAINS:
        text = domain.template.read_text("utf-8")
        assert "Date" not in text
        assert not re.search(r"^#: .*\.py:\d", text, re.MULTILINE)
        assert str(ROOT) not in text
