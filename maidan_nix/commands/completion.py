"""``maidan-nix completion``."""

from __future__ import annotations

from typing import TypedDict

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.group import Group
from maidan_nix.completion import SHELLS
from maidan_nix.messages import say


class CompletionResult(TypedDict):
    """The result for a program."""

    shell: str
    """bash, zsh or fish."""
    script: str
    """What the shell reads."""


class CompletionInstallResult(TypedDict):
    """The result for a program, of completion install."""

    shell: str
    """bash, zsh or fish."""
    path: str
    """The file of the script."""
    written: bool
    """False where the file was the same already."""
    still_to_do: list[str]
    """Lines for the person's own start-up file of the shell; empty where none are needed."""


@click.group("completion", cls=Group)
def command() -> None:
    """Complete words of maidan-nix in the shell with the Tab key.

    "maidan-nix completion install" sets it up for you. The other commands print the script of
    a shell, for packages and for those who keep it elsewhere.
    """


def _script(console: Console, shell: str) -> None:
    from maidan_nix.completion import script

    text = script(shell)
    if console.json:
        console.result({**CompletionResult(shell=shell, script=text)})
        return
    for line in text.splitlines():
        console.verbatim(line)


def _printing(shell: str) -> click.Command:
    """The command that prints the script of a shell."""

    @click.command(
        shell,
        short_help=say("Print the script for {shell}.", shell=shell),
        help=say("Print the script for {shell}. With --json: shell and script.", shell=shell),
    )
    @output_options
    @click.pass_obj
    def printing(console: Console) -> None:
        with console.reporting():
            _script(console, shell)

    return printing


for _shell in SHELLS:
    command.add_command(_printing(_shell))


@command.command("install", short_help="Set completion up for yourself.")
@click.argument("shell", required=False, type=click.Choice(SHELLS))
@output_options
@click.pass_obj
def install(console: Console, *, shell: str | None) -> None:
    """Set completion up for yourself, in SHELL or in the one that the variable SHELL names.

    One file is written, where bash and fish look by themselves; a second run changes nothing.
    zsh looks in the folders of its variable fpath only: what to add to your .zshrc is said, and
    no file of yours is edited.

    With --json: shell, path, written (false where the file was the same already) and
    still_to_do, the lines for your .zshrc.
    """
    with console.reporting():
        import os

        from maidan_nix.completion import chosen_shell, install_script

        installed = install_script(shell or chosen_shell(os.environ), os.environ)
        if console.json:
            result = CompletionInstallResult(
                shell=installed.shell,
                path=str(installed.path),
                written=installed.written,
                still_to_do=list(installed.still_to_do),
            )
            console.result({**result})
            return
        for line in installed.sentences():
            console.line(line)
