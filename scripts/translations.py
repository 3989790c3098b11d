"""Collect every message of the source into catalogues, keep their translations, and compile them.

    scripts/translations.py            write locale/maidan-nix.pot, update each locale/LANGUAGE/LC_MESSAGES/*.po and .mo
    scripts/translations.py --missing  print what has no translation yet, as JSON: catalogue, then messages

The core has one catalogue and every plugin its own, in a folder `locale` beside its module, without the messages that
core's catalogue knows already. click's own sentences are a catalogue of their own, in the domain that click asks for.
What is written depends on the source alone: no dates, no line numbers, in the order of the files.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from maidan_nix.language import CLICK_DOMAIN, DOMAIN
from maidan_nix.testing.sentences import sentences

ROOT = Path(__file__).parents[1]
LANGUAGES = ("de",)
WIDTH = 110


@dataclass(frozen=True, slots=True)
class Entry:
    """A message: its template, the one for any number but one, and the files that say it."""

    template: str
    many: str
    files: tuple[str, ...]
    is_name: bool


@dataclass(frozen=True, slots=True)
class Domain:
    """The messages of one folder `locale`."""

    folder: Path
    name: str
    entries: tuple[Entry, ...]

    @property
    def template(self) -> Path:
        """The catalogue without translations."""
        return self.folder / f"{self.name}.pot"

    def translation(self, language: str) -> Path:
        """The catalogue of a language; its compiled form lies beside it."""
        return self.folder / language / "LC_MESSAGES" / f"{self.name}.po"


class _Catalogue(Catalog):
    """babel's catalogue, whose header says nothing that changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header: what gettext needs to read the rest."""
        language = [("Language", str(self.locale)), ("Plural-Forms", self.plural_forms)] if self.locale else []
        return [*language, ("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Transfer-Encoding", "8bit")]  # fmt: skip

    @mime_headers.setter
    def mime_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Nothing of a header is kept."""


def domains() -> Iterator[Domain]:
    """Every catalogue there is to be: core's, click's, and that of each plugin that has messages of its own."""
    core = _entries(sorted((ROOT / "maidan_nix").rglob("*.py")))
    yield Domain(ROOT / "maidan_nix/locale", DOMAIN, core)
    yield Domain(ROOT / "maidan_nix/locale", CLICK_DOMAIN, tuple(_of_click()))
    known = {(entry.template, entry.many) for entry in core}
    for module in sorted((ROOT / "plugins").glob("*/*/__init__.py")):
        inside = (path for path in sorted(module.parent.rglob("*.py")) if "tests" not in path.parts)
        own = tuple(entry for entry in _entries(inside) if (entry.template, entry.many) not in known)
        if own:
            yield Domain(module.parent / "locale", DOMAIN, own)


def _entries(files: Iterable[Path]) -> tuple[Entry, ...]:
    found: dict[tuple[str, str], Entry] = {}
    for file in files:
        name = str(file.relative_to(ROOT))
        for each in sorted(
            sentences(file.read_text("utf-8"))[0], key=lambda each: (each.line, each.template, each.many)
        ):
            key = (each.template, each.many)
            before = found.get(key)
            places = before.files if before else ()
            is_name = each.is_name and (before is None or before.is_name)
            found[key] = Entry(*key, places if name in places else (*places, name), is_name)
    singular = {entry.template for entry in found.values() if entry.many}
    return tuple(entry for entry in found.values() if entry.many or entry.template not in singular)


def _of_click() -> Iterator[Entry]:
    """Click's messages: what its source hands to gettext and ngettext."""
    found: dict[tuple[str, str], None] = {}
    for file in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
                texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if texts and all(isinstance(text, str) for text in texts):
                    found[str(texts[0]), str(texts[1]) if node.func.id == "ngettext" else ""] = None
    yield from (Entry(*key, ("click",), is_name=False) for key in sorted(found))


def read(path: Path, language: str) -> Catalog:
    """Read a catalogue; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def template(domain: Domain) -> bytes:
    """The catalogue without translations."""
    return _written(_filled(domain, None, ""), _comment(domain.template))


def translated(domain: Domain, language: str) -> tuple[bytes, bytes]:
    """The catalogue of a language and its compiled form, with the translations that there are."""
    path = domain.translation(language)
    catalogue = _filled(domain, read(path, language), language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return _written(catalogue, _comment(path)), compiled.getvalue()


def _filled(domain: Domain, translations: Catalog | None, language: str) -> _Catalogue:
    catalogue = _Catalogue(locale=language or None, fuzzy=False)
    for entry in domain.entries:
        identity = (entry.template, entry.many) if entry.many else entry.template
        held = translations.get(entry.template) if translations is not None else None
        fits = held is not None and isinstance(held.string, str) == isinstance(identity, str) and not held.fuzzy
        catalogue.add(identity, held.string if held and fits else None, locations=[(file, 0) for file in entry.files])
    if translations is not None and domain.name == CLICK_DOMAIN:  # other releases of click say other things
        for message in translations:
            if message.id and message.id not in catalogue:
                catalogue.add(message.id, message.string)
    return catalogue


def _written(catalogue: Catalog, comment: str) -> bytes:
    written = io.BytesIO()
    write_po(written, catalogue, width=WIDTH, include_lineno=False, ignore_obsolete=True, omit_header=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    body = "".join(lines)
    return f"{comment}{body[body.index('msgid') :]}".encode()


def _comment(path: Path) -> str:
    """The comment at the top, which people write; kept as it is."""
    if not path.exists():
        return ""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    end = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:end])


def missing(domain: Domain, language: str) -> list[Entry]:
    """The messages that a language has no translation of."""
    catalogue = _filled(domain, read(domain.translation(language), language), language)
    empty = []
    for entry in domain.entries:
        held = catalogue.get(entry.template)
        strings = held.string if held and isinstance(held.string, tuple | list) else (held.string if held else "",)
        if not all(strings):
            empty.append(entry)
    return empty


def main() -> None:
    """Write all catalogues, or print what is missing."""
    if "--missing" in sys.argv[1:]:
        found = {
            f"{domain.translation(language).relative_to(ROOT)}": [
                [entry.template, entry.many] for entry in missing(domain, language)
            ]
            for domain in domains()
            for language in LANGUAGES
        }
        print(json.dumps({name: entries for name, entries in found.items() if entries}, indent=1, ensure_ascii=False))
        return
    for domain in domains():
        domain.folder.mkdir(exist_ok=True)
        domain.template.write_bytes(template(domain))
        for language in LANGUAGES:
            path = domain.translation(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            readable, compiled = translated(domain, language)
            path.write_bytes(readable)
            path.with_suffix(".mo").write_bytes(compiled)


if __name__ == "__main__":
    main()
