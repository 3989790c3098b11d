"""Groups of commands: a misspelt name is answered with the nearest one, and help is shown in the reader's language."""

from __future__ import annotations

import copy
from typing import Self, TypeVar

import click

from maidan_nix.language import ENGLISH, Language, paragraphs
from maidan_nix.messages import Message, say

C = TypeVar("C", bound=click.Command)


class Group(click.Group):
    """click's group, whose older releases suggest options, but not commands."""

    language: Language = ENGLISH

    def in_language(self, language: Language) -> Self:
        """The same group, with help in a language: its own, and that of the commands found in it."""
        return translated(self, language) if language.code else self

    def find_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command by its name; None where there is none."""
        return super().get_command(ctx, cmd_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command by its name, with help in the language of the group."""
        found = self.find_command(ctx, cmd_name)
        return translated(found, self.language) if found is not None and self.language.code else found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; a usage error when there is none."""
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            ctx.fail(_unknown(name, known))
        return super().resolve_command(ctx, args)


def translated(command: C, language: Language) -> C:
    """Return a command whose help, and that of its options, is in a language; the one given stays as it is."""
    shown = copy.copy(command)
    shown.help = _said(command.help or "", language)
    shown.epilog = _said(command.epilog or "", language)
    shown.short_help = language.text(command.short_help or "") or None
    shown.params = [_translated(parameter, language) for parameter in command.params]
    if "_help_option" in vars(shown):  # made once by newer releases of click, maybe in another language
        vars(shown)["_help_option"] = None
    if isinstance(shown, Group):
        shown.language = language
    return shown


def _said(text: str, language: Language) -> str:
    """A help text in a language: with values in it, it is one message, and else a message per paragraph."""
    return language.text(text) if isinstance(text, Message) else "\n\n".join(map(language.text, paragraphs(text)))


def _translated(parameter: click.Parameter, language: Language) -> click.Parameter:
    shown = copy.copy(parameter)
    if isinstance(shown, click.Option) and shown.help:
        shown.help = language.text(shown.help)
    return shown


def _unknown(name: str, known: list[str]) -> str:
    import difflib

    from maidan_nix.manifest.wording import quoted

    nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    if nearest:
        return say("No such command {name}. Did you mean '{word}'?", name=quoted(name), word=nearest[0])
    return say("No such command {name}. There are: {names}.", name=quoted(name), names=", ".join(known))
