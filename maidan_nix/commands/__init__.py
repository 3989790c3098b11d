"""The command line: one file per command, loaded when that command is called."""

from __future__ import annotations

import importlib
import sys

import click

from maidan_nix import __version__
from maidan_nix.commands.group import Group
from maidan_nix.commands.streams import close_outputs, flush_outputs, prepare_streams
from maidan_nix.problems import ExitCode

_COMMANDS = {
    "check": "Check everything that generate checks, and what is still missing; write nothing.",
    "generate": "Write the flake of a community, or say what would change.",
    "options": "Ask the index of NixOS options.",
    "plugin": "List and check plugins.",
}
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""


class _Lazy(Group):
    """A group that imports a command only when it is called or its own help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"maidan_nix.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="maidan-nix")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--color/--no-color", default=None, help="Colour, or none; without either, only on a terminal.")
@click.pass_context
def group(ctx: click.Context, *, debug: bool, color: bool | None) -> None:
    """Turn one community.toml into a NixOS flake that a community can read, review and run."""
    from maidan_nix.commands.console import Console

    ctx.obj = Console.from_environment(color=color, debug=debug)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error a user can cause ends in one line each and a documented exit code.

    `arguments` are those of the process unless given. Ends by SystemExit.
    """
    prepare_streams()
    try:
        code = group.main(arguments, standalone_mode=False, prog_name="maidan-nix") or ExitCode.DONE
        flush_outputs()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    except OSError as error:  # what click itself prints, such as help, found no reader or no space
        close_outputs()
        click.echo(f"maidan-nix: cannot print: {error.strerror}", err=True)
        code = ExitCode.FAILED
    sys.exit(code)
