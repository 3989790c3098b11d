"""The language in which messages are shown: English, or one that has a catalogue under ``locale/``.

Catalogues are those of GNU gettext: ``locale/de/LC_MESSAGES/maidan-nix.po``, and the
same compiled. A plugin may bring its own: a folder ``locale`` beside its module, of the same shape. Nothing below the
command line asks for a language: files are the same bytes whoever generates them.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from maidan_nix.messages import Message

DOMAIN = "maidan-nix"
CATALOGUES = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Language:
    """Says messages in one language. What no catalogue knows is said in English."""

    catalogue: gettext.NullTranslations

    @classmethod
    def of(cls, languages: Iterable[str] | None = None, folders: Iterable[Path] = (CATALOGUES,)) -> Language:
        """Return the first of `languages` that there is; None asks the environment (LANGUAGE, LC_ALL, LANG)."""
        wanted = list(languages) if languages is not None else None
        found = gettext.NullTranslations()
        for folder in folders:
            found.add_fallback(gettext.translation(DOMAIN, folder, wanted, fallback=True))
        return cls(found)

    def text(self, message: str) -> str:
        """Say a message, and the messages in it, in this language."""
        if not message:
            return message
        if not isinstance(message, Message):
            return self.catalogue.gettext(message)
        values = {
            name: self.text(value) if isinstance(value, Message) else value for name, value in message.values.items()
        }
        if message.many:
            number: int = message.values["number"]
            return self.catalogue.ngettext(message.template, message.many, number).format(**values)
        return self.catalogue.gettext(message.template).format(**values)
