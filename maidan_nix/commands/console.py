"""Where output goes: plain lines in the reader's language, colour only where it is wanted, errors to standard error.

Every line makes sense read aloud from left to right: words before symbols, no meaning in colour or position alone.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from maidan_nix.commands.streams import close_outputs
from maidan_nix.language import Language
from maidan_nix.messages import Message, phrase, say
from maidan_nix.problems import ExitCode, MaidanError, Problem

if TYPE_CHECKING:
    from maidan_nix.manifest.document import Document

PROGRESS_AFTER = 1.0
"""Seconds of work after which it is worth saying what is being done."""
_NARROWEST = 20
"""Columns that a line gets even where the terminal says that it has fewer."""


@dataclass(slots=True)
class Console:
    """The terminal or pipe of one command.

    `manifest` is what messages call the manifest, once a command reads one; `document` is its content, to place
    problems in it, once it is known to be TOML. With `quiet` only results and problems are printed; with `verbose`
    also what was read and how long it took. `language` is that of the environment; JSON is English whatever it is,
    since programs read it.
    """

    colour_out: bool
    colour_err: bool
    debug: bool
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    manifest: str = ""
    document: Document | None = None
    language: Language = field(default_factory=Language.of_environment)

    @classmethod
    def from_environment(cls, *, color: bool | None, debug: bool) -> Console:
        """Decide about colour.

        What the option says; else none with ``NO_COLOR``; else in any case with ``CLICOLOR_FORCE``; else on a terminal
        that is not ``TERM=dumb`` (no-color.org, bixense.com/clicolors).
        """
        refused = bool(os.environ.get("NO_COLOR"))
        forced = os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0")
        able = os.environ.get("TERM") != "dumb" and os.environ.get("CLICOLOR") != "0"
        out, err = (
            color if color is not None else not refused and (forced or (able and _is_terminal(stream)))
            for stream in (sys.stdout, sys.stderr)
        )
        return cls(out, err, debug)

    def text(self, message: str, plugin: str = "") -> str:
        """Say a message in the reader's language; `plugin` is the full name of the plugin that it comes from.

        Nothing in it can act on a terminal: what cannot be printed is escaped, but for tabs.
        """
        return _printable(self.language.text(message, plugin))

    def line(self, text: str = "", *, style: str = "", indent: int = 0, plugin: str = "") -> None:
        """Print a line of the result to standard output, in the reader's language and safe to show.

        `style` is a colour of the terminal's own palette, `indent` a number of spaces before the line. On a terminal a
        `Message` is broken between words to the terminal's width; a plain string may be a line of a file, and is not.
        """
        self._print(text, sys.stdout, indent, plugin, style if self.colour_out else "")

    def verbatim(self, text: str, *, style: str = "") -> None:
        """Print a line that is nobody's message, such as one of a diff: never translated, never broken."""
        shown = _printable(text)
        click.echo(click.style(shown, fg=style) if style and self.colour_out else shown, color=self.colour_out)

    def comment(self, text: str, *, indent: int = 0) -> None:
        """Print a line to standard output that sums up or explains the result: not with ``--quiet``."""
        if not self.quiet:
            self._print(text, sys.stdout, indent)

    def note(self, text: str) -> None:
        """Print a line to standard error: a remark that is not the result. Not with ``--quiet``."""
        if not self.quiet:
            self._print(text, sys.stderr)

    def detail(self, text: str) -> None:
        """Print a line to standard error with ``--verbose`` alone."""
        if self.verbose:
            self._print(text, sys.stderr)

    def _print(self, text: str, stream: IO[str] | None, indent: int = 0, plugin: str = "", style: str = "") -> None:
        shown = self.text(text, plugin)
        lines = [shown]
        if isinstance(text, Message) and _is_terminal(stream):
            lines = _wrapped(shown, indent)
        for number, line in enumerate(lines):
            space = " " * (indent + 2 * (number > 0))
            styled = click.style(line, fg=style) if style else line
            click.echo(f"{space}{styled}", err=stream is sys.stderr, color=bool(style))

    def took(self, doing: str, started: float) -> None:
        """Tell with ``--verbose`` how long something took that started at a time of `time.monotonic`."""
        self.detail(say("{doing}: {seconds:.2f} s", doing=phrase(doing), seconds=time.monotonic() - started))

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
            format_problems(elsewhere, None, colour=self.colour_err, language=self.language),
            format_problems(inside, self.document, name=self.manifest, colour=self.colour_err, language=self.language),
        ):
            for line in lines:
                click.echo(line, err=True, color=self.colour_err)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Yield a function that shows what is being done.

        It speaks only on a terminal and only after a second, and nothing of it is left at the end.
        """
        if self.json or self.quiet or os.environ.get("TERM") == "dumb" or not _is_terminal(sys.stderr):
            yield lambda _: None
            return
        started = time.monotonic()
        shown = False

        def show(doing: str) -> None:
            nonlocal shown
            if time.monotonic() - started >= PROGRESS_AFTER:
                import shutil

                room = max(shutil.get_terminal_size().columns - 5, 10)
                click.echo(f"\r\x1b[K{self.text(doing)[:room]} ...", err=True, nl=False, color=True)
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
            self._refuse([Problem((), _refusal(error))])
        except MemoryError:
            self._refuse([Problem((), "there is not enough memory for this", hint="free some, and run again")])
        except click.ClickException:
            raise
        except Exception as error:  # noqa: BLE001  # a fault of ours is a message too; --debug shows where it is
            message = say("maidan-nix itself failed: {kind}: {error}", kind=type(error).__name__, error=str(error))
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


def _refusal(error: OSError) -> Message:
    from maidan_nix.manifest.wording import os_reason

    reason = os_reason(error)
    return say("{place}: {reason}", place=error.filename, reason=reason) if error.filename else reason


def _wrapped(text: str, indent: int) -> list[str]:
    """Break a text between words to the width of the terminal; what is longer, such as a path, stays whole."""
    import shutil
    import textwrap

    width = max(shutil.get_terminal_size().columns - indent - 2, _NARROWEST)
    wrapper = textwrap.TextWrapper(
        width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False, expand_tabs=False
    )
    return wrapper.wrap(text) or [""]


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    from maidan_nix.manifest.wording import printable

    return "\t".join(map(printable, text.split("\t")))


_F = TypeVar("_F", bound=Callable[..., Any])


def output_options(function: _F) -> _F:
    """Add ``--json``, ``--quiet`` and ``--verbose`` to a command, and hidden, what people write after its name too."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, hidden=True, callback=_debug),
        click.option("--color/--no-color", default=None, expose_value=False, hidden=True, callback=_colour),
        click.option(
            "--verbose",
            is_flag=True,
            expose_value=False,
            callback=_verbose,
            help="Also say what was read, and how long it took.",
        ),
        click.option(
            "--quiet", is_flag=True, expose_value=False, callback=_quiet, help="Print results and problems only."
        ),
        click.option("--json", is_flag=True, expose_value=False, help="Print the result as JSON.", callback=_json),
    ):
        function = option(function)
    return function


def _json(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Console).json = value


def _quiet(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Console).quiet |= value


def _verbose(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Console).verbose |= value


def _debug(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Console).debug |= value


def _colour(ctx: click.Context, _parameter: click.Parameter, value: bool | None) -> None:
    if value is not None:
        console = ctx.ensure_object(Console)
        console.colour_out = console.colour_err = value
