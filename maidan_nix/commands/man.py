"""``maidan-nix man``."""

from __future__ import annotations

from typing import TypedDict

import click

from maidan_nix.commands.console import Console, output_options


class ManResult(TypedDict):
    """The result for a program."""

    page: str
    """The manual page as roff."""


@click.command("man")
@output_options
@click.pass_obj
def command(console: Console) -> None:
    """Print the manual page.

    It is in English, and roff, the language of manual pages. To read it: maidan-nix man | man -l -

    With --json: page, the text of the page.
    """
    with console.reporting():
        # The group as it is written: the page is in one language, whatever that of the reader is.
        from maidan_nix.commands import group
        from maidan_nix.manual import render_manual

        page = render_manual(group).decode()
        if console.json:
            console.result({**ManResult(page=page)})
            return
        for line in page.splitlines():
            console.verbatim(line)
