"""The command line: one file per command, loaded when that command is called."""

from __future__ import annotations

import importlib
import sys

import click

from maidan_nix import __version__
from maidan_nix.commands.group import Group
from maidan_nix.commands.streams import close_outputs, flush_outputs, prepare_streams
from maidan_nix.language import Language
from maidan_nix.messages import phrase, say
from maidan_nix.problems import ExitCode

_COMMANDS = {
    "add": "Add a service, or the settings of another plugin, to the manifest.",
    "check": "Check everything that generate checks, and what is still missing; write nothing.",
    "completion": "Complete words of maidan-nix in the shell with the Tab key.",
    "doctor": "Look over this machine, the manifest, the flake and its git repository.",
    "explain": "Explain a key of the manifest, a finding, or a NixOS option.",
    "generate": "Write the flake of a community, or say what would change.",
    "graph": "Draw a community: hosts, services, connections, ports and zones of trust.",
    "init": "Write a manifest by answering a few questions.",
    "man": "Print the manual page.",
    "options": "Ask the index of NixOS options.",
    "plugin": "List and check plugins.",
    "remove": "Remove a service, or the settings of another plugin, from the manifest.",
    "schema": "Print the JSON Schema of community.toml, for editors.",
    "set": "Set one setting of the manifest.",
}
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""


class _Lazy(Group):
    """A group that imports a command only when it is called or its own help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def find_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"maidan_nix.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(self.language.text(say("Commands"))):
            formatter.write_dl([(name, self.language.text(what)) for name, what in _COMMANDS.items()])


@click.group(
    cls=_Lazy,
    epilog="With --json a result has a version, which counts changes of its shape, and the keys that the command's own "
    "help names; what is said in it is English. Problems come as problems: file, line, column, path, key, at (key, "
    "value), plugin, message, expected and hint; so do usage errors.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="maidan-nix", help="Show the version and exit.")
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
    language = Language.of_environment()
    words = sys.argv[1:] if arguments is None else arguments
    for_program = "--json" in (words[: words.index("--")] if "--" in words else words)
    if not for_program:  # what programs read is English
        language.translate_click()
    try:
        if any("\0" in word for word in words):  # from another program's call; no shell passes one on
            raise click.UsageError("An argument contains a NUL character, which no name or path may have.")
        code = (
            group.in_language(language).main(arguments, standalone_mode=False, prog_name="maidan-nix") or ExitCode.DONE
        )
        flush_outputs()
    except click.ClickException as error:
        if for_program:
            _as_json(error)
        else:
            vars(error)["message"] = language.text(error.message)
            error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(language.text("interrupted"), err=True)
        code = INTERRUPTED
    except OSError as error:  # what click itself prints, such as help, found no reader or no space
        close_outputs()
        from maidan_nix.manifest.wording import os_reason

        click.echo(language.text(say("maidan-nix: cannot print: {reason}", reason=os_reason(error))), err=True)
        code = ExitCode.FAILED
    sys.exit(code)


def _as_json(error: click.ClickException) -> None:
    """Print a usage error as the problem that it is."""
    from maidan_nix.commands.console import Console
    from maidan_nix.problems import Problem

    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = say("see '{command} --help'", command=context.command_path) if context is not None else ""
    console = Console(colour_out=False, colour_err=False, debug=False, json=True)
    with console.reporting():
        console.problems([Problem((), phrase(error.format_message()), hint=hint)])
        flush_outputs()
