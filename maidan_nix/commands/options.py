"""``maidan-nix options``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.group import Group
from maidan_nix.problems import MaidanError, Problem, did_you_mean

if TYPE_CHECKING:
    from maidan_nix.options.index import Index


@click.group("options", cls=Group)
def command() -> None:
    """Ask the index of NixOS options."""


@command.command("show", short_help="Show one option, or the options below a name.")
@click.argument("name")
@output_options
@click.pass_obj
def show(console: Console, *, name: str) -> None:
    """Show one option: its type, where that is known from, and what became of it.

    A NAME that is no option but has options below lists the names one step further. With --json: name, type,
    status (current, renamed, removed), replacement, note and source; or name and below.
    """
    with console.reporting():
        from maidan_nix.options.index import Index
        from maidan_nix.options.names import join, split

        index = Index.load()
        try:
            path = split(name)
        except ValueError:
            message = f"'{name}' is not the name of an option"
            raise MaidanError(Problem((), message, expected="a name such as services.nginx.enable")) from None
        option = index.find(path)
        if option is None and index.has_prefix(path):
            below = [join((*path, step)) for step in index.siblings((*path, ""))]
            if console.json:
                console.result({"name": name, "below": below})
            for each in below if not console.json else ():
                console.line(each)
            return
        if option is None:
            raise MaidanError(_unknown(name, path, index))
        facts = {
            "name": option.name,
            "type": option.type,
            "status": option.status,
            "replacement": option.replacement,
            "note": option.note,
            "source": option.source,
        }
        if console.json:
            console.result(facts)
            return
        for fact, value in facts.items():
            if value:
                console.line(f"{fact + ':':<13}{value}")


def _unknown(name: str, path: tuple[str, ...], index: Index) -> Problem:
    """Say which step of the name is the first that is not known, and what it could have been."""
    from maidan_nix.options.names import join

    known = next(length for length in range(len(path) - 1, -1, -1) if not length or index.has_prefix(path[:length]))
    wrong = path[known]
    nearest = did_you_mean(wrong, index.siblings((*path[:known], "")))
    hint = nearest.replace("'", f"'{join(path[:known])}.", 1) if nearest and known else nearest
    return Problem((), f"no option is named '{name}'", hint=hint)
