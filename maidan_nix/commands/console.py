"""Where output goes: plain lines, colour only where it is wanted, errors to standard error."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from maidan_nix.commands.streams import close_outputs
from maidan_nix.problems import ExitCode, MaidanError, Problem

if TYPE_CHECKING:
    from maidan_nix.manifest.document import Document

PROGRESS_AFTER = 1.0
"""Seconds of work after which it is worth saying what is being done."""


@dataclass(slots=True)
class Console:
    """The terminal or pipe of one command.

    `manifest` is what messages call the manifest, once a command reads one; `document` is its content, to place
    problems in it, once it is known to be TOML.
    """

    colour_out: bool
    colour_err: bool
    debug: bool
    json: bool = False
    manifest: str = ""
    document: Document | None = None

    @classmethod
    def from_environment(cls, *, color: bool | None, debug: bool) -> Console:
        """Decide about colour: what the option says, else a terminal without ``NO_COLOR`` and not ``TERM=dumb``."""
        wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        out, err = (
            color if color is not None else wanted and _is_terminal(stream) for stream in (sys.stdout, sys.stderr)
        )
        return cls(out, err, debug)

    def line(self, text: str = "", *, style: str = "") -> None:
        """Print a line to standard output; `style` is a colour of the terminal's own palette.

        Nothing in `text` can act on a terminal: what cannot be printed is escaped, but for tabs.
        """
        shown = _printable(text)
        click.echo(click.style(shown, fg=style) if style and self.colour_out else shown, color=self.colour_out)

    def note(self, text: str) -> None:
        """Print a line to standard error: a remark that is not the result."""
        click.echo(_printable(text), err=True)

    def result(self, document: dict[str, Any]) -> None:
        """Print a result as JSON, in ASCII. `version` counts changes of the shape that could break a reader."""
        click.echo(json.dumps({"version": 1, **document}, indent=2, sort_keys=True, default=str))

    def problems(self, problems: Iterable[Problem]) -> None:
        """Report problems: one line each on standard error, or as JSON on standard output.

        The JSON is ``{"version": 1, "problems": [...]}``, each problem as `maidan_nix.manifest.report.ProblemRecord`
        describes it. A problem of no place in the manifest, found when that was read already, is not the file's.
        """
        from maidan_nix.manifest.report import format_problems, to_json

        found = tuple(problems)
        elsewhere = tuple(each for each in found if self.document and not each.path and not each.line)
        inside = tuple(each for each in found if each not in elsewhere)
        if self.json:
            records = [*to_json(elsewhere, None), *to_json(inside, self.document, name=self.manifest)]
            self.result({"problems": records})
            return
        for lines in (
            format_problems(elsewhere, None, colour=self.colour_err),
            format_problems(inside, self.document, name=self.manifest, colour=self.colour_err),
        ):
            for line in lines:
                click.echo(line, err=True, color=self.colour_err)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Yield a function that shows what is being done.

        It speaks only on a terminal and only after a second, and nothing of it is left at the end.
        """
        if self.json or os.environ.get("TERM") == "dumb" or not _is_terminal(sys.stderr):
            yield lambda _: None
            return
        started = time.monotonic()
        shown = False

        def show(doing: str) -> None:
            nonlocal shown
            if time.monotonic() - started >= PROGRESS_AFTER:
                import shutil

                room = max(shutil.get_terminal_size().columns - 5, 10)
                click.echo(f"\r\x1b[K{_printable(doing)[:room]} ...", err=True, nl=False, color=True)
                shown = True

        try:
            yield show
        finally:
            if shown:
                click.echo("\r\x1b[K", err=True, nl=False, color=True)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn every error of a command into its report and exit code; with ``--debug`` its traceback comes first."""
        try:
            yield
        except MaidanError as error:
            self._refuse(error.problems, error.exit_code)
        except BrokenPipeError:  # the reader of our output has seen enough
            close_outputs()
            sys.exit(ExitCode.FAILED)
        except OSError as error:
            close_outputs()
            place = f"{error.filename}: " if error.filename else ""
            self._refuse([Problem((), f"{place}{error.strerror or type(error).__name__}")])
        except MemoryError:
            self._refuse([Problem((), "there is not enough memory for this", hint="free some, and run again")])
        except click.ClickException:
            raise
        except Exception as error:  # noqa: BLE001  # a fault of ours is a message too; --debug shows where it is
            message = f"maidan-nix itself failed: {type(error).__name__}: {error}"
            hint = "run again with --debug for the traceback, and report it"
            self._refuse([Problem((), message, hint=hint)])

    def _refuse(self, problems: Iterable[Problem], exit_code: ExitCode = ExitCode.FAILED) -> None:
        if self.debug:
            import traceback

            traceback.print_exc()
        self.problems(problems)
        sys.exit(exit_code)


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    from maidan_nix.manifest.wording import printable

    return "\t".join(map(printable, text.split("\t")))


_F = TypeVar("_F", bound=Callable[..., Any])


def output_options(function: _F) -> _F:
    """Add ``--json`` to a command, and the options of the program that people write after the command's name."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, hidden=True, callback=_debug),
        click.option("--color/--no-color", default=None, expose_value=False, hidden=True, callback=_colour),
        click.option("--json", is_flag=True, expose_value=False, help="Print the result as JSON.", callback=_json),
    ):
        function = option(function)
    return function


def _json(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Console).json = value


def _debug(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Console).debug |= value


def _colour(ctx: click.Context, _parameter: click.Parameter, value: bool | None) -> None:
    if value is not None:
        console = ctx.ensure_object(Console)
        console.colour_out = console.colour_err = value
