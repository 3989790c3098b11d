"""The language in which messages are shown: English, or one that has a catalogue under ``locale/``.

Catalogues are those of GNU gettext: ``locale/de/LC_MESSAGES/maidan-nix.po``, and the same compiled. A plugin brings
its own, a folder ``locale`` of the same shape beside its module, which is asked for what core's does not know. Nothing
below the command line asks for a language: files are the same bytes whoever generates them.
"""

from __future__ import annotations

import gettext
import os
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maidan_nix.messages import Message

DOMAIN = "maidan-nix"
CLICK_DOMAIN = "messages"
"""The domain of click's own sentences: the default one, as click names none."""
CATALOGUES = Path(__file__).parent / "locale"
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_PLAIN_LOCALES = ("C", "POSIX")


@dataclass(frozen=True, slots=True)
class Language:
    """Says messages in one language. What no catalogue knows is said in English.

    `code` names the language as its folder below ``locale/`` does, such as ``de``; it is empty for English, which
    needs no catalogue and reads none.
    """

    code: str = ""
    _catalogues: dict[str, gettext.NullTranslations] = field(default_factory=dict, compare=False, repr=False)
    """Core's under the empty name, and each plugin's under its own, once one is asked for."""

    @classmethod
    def of(cls, languages: Iterable[str]) -> Language:
        """Return the first of `languages` that there is, such as ``de_AT.UTF-8``; English if there is none."""
        for language in languages:
            for code in _codes(language):
                if code in ("en", *_PLAIN_LOCALES):
                    return ENGLISH
                if (CATALOGUES / code / "LC_MESSAGES" / f"{DOMAIN}.mo").is_file():
                    return cls(code)
        return ENGLISH

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] | None = None) -> Language:
        """Return the language that LANGUAGE, LC_ALL, LC_MESSAGES and LANG ask for, in gettext's order.

        The first that is set counts; LANGUAGE may name several, with colons between them. A locale that is C or POSIX
        means English whatever LANGUAGE says, as for every program that gettext translates.
        """
        given = os.environ if environment is None else environment
        locale = next((given[name] for name in _VARIABLES[1:] if given.get(name)), "")
        if locale in _PLAIN_LOCALES:
            return ENGLISH
        return cls.of((given.get("LANGUAGE") or locale).split(":"))

    def text(self, message: str, plugin: str = "") -> str:
        """Say a message, and the messages in it, in this language.

        `plugin` is the full name of the plugin whose message it is: its catalogue is asked after core's, and then
        those of all plugins at work, by name, since one plugin may hand on what another has said. A message with a
        value called ``plugin`` says thereby whose the messages among its values are. Plain text is looked up as it
        stands.
        """
        if not self.code or not message:
            return str(message)
        if not isinstance(message, Message):
            return self._look_up(message, "", 1, plugin)
        values = message.values
        if not values:
            return self._look_up(message.template, "", 1, plugin)
        named = values.get("plugin")
        plugin = named if isinstance(named, str) else plugin
        said = {
            name: self.text(value, plugin) if isinstance(value, Message) else value for name, value in values.items()
        }
        number: Any = values["number"] if message.many else 1
        try:
            return self._look_up(message.template, message.many, number, plugin).format(**said)
        except (LookupError, ValueError, AttributeError, TypeError):  # a plugin's catalogue names another value
            return (message.many if message.many and number != 1 else message.template).format(**said)

    def translate_click(self) -> None:
        """Let click, which says some sentences itself, find them in this language. It knows one for the process."""
        if self.code:
            gettext.bindtextdomain(CLICK_DOMAIN, os.fspath(CATALOGUES))

    def _look_up(self, template: str, many: str, number: int, plugin: str) -> str:
        for catalogue in self._in_order(plugin):
            found = catalogue.ngettext(template, many, number) if many else catalogue.gettext(template)
            if found not in (template, many):
                return found
        return many if many and number != 1 else template

    def _in_order(self, plugin: str) -> Iterator[gettext.NullTranslations]:
        yield self._catalogue("")
        for name, folder in sorted(_folders().items(), key=lambda each: each[0] != plugin):
            yield self._catalogue(name, folder)

    def _catalogue(self, plugin: str, folder: Path = CATALOGUES) -> gettext.NullTranslations:
        if plugin not in self._catalogues:
            self._catalogues[plugin] = gettext.NullTranslations()
            # None, or one that cannot be read: what it would say stays English.
            with suppress(OSError, ValueError, EOFError, struct.error):
                self._catalogues[plugin] = gettext.translation(DOMAIN, folder, [self.code])
        return self._catalogues[plugin]


ENGLISH = Language()


def _codes(language: str) -> Iterator[str]:
    """The names that a locale's catalogue may have, the closest first: ``de_AT`` and ``de`` of ``de_AT.UTF-8@euro``."""
    locale = language.partition("@")[0].partition(".")[0]
    if locale and all(character.isalnum() or character == "_" for character in locale):
        yield locale
        if "_" in locale:
            yield locale.partition("_")[0]


def _folders() -> dict[str, Path]:
    """Where the catalogues of the plugins at work are, by full name; a plugin that is not imported has said nothing."""
    plugins = sys.modules.get("maidan_nix.plugins")
    if plugins is None:
        return {}
    try:
        sources = plugins.known()
    except Exception:  # noqa: BLE001  # what is wrong with the installed plugins is being said just now
        return {}
    files = {name: getattr(sys.modules.get(source.module), "__file__", None) for name, source in sources.items()}
    return {name: Path(file).parent / "locale" for name, file in files.items() if file}


def paragraphs(text: str) -> list[str]:
    r"""Split the help of a command into its messages: a paragraph each, on one line unless it is laid out (``\b``)."""
    return [
        each if each.startswith("\b") else " ".join(each.split())
        for each in text.partition("\f")[0].strip().split("\n\n")
        if each.strip()
    ]
