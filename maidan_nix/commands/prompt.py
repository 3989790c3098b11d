"""Questions at a terminal: plain lines, one after the other, nothing drawn twice, so that any reader can follow.

What a question is about comes before it, in lines of its own; the question is the last line, with what Enter means in
brackets. A wrong answer gets its reason, and the question again. Everything goes to standard error.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import click

from maidan_nix.commands.console import Console
from maidan_nix.manifest.wording import printable
from maidan_nix.messages import phrase, say
from maidan_nix.problems import MaidanError, Problem

T = TypeVar("T")

YES = ("y", "yes")
NO = ("n", "no")
_WIDEST = 100


def can_ask(console: Console) -> bool:
    """Whether there is somebody to ask, and the result is not for a program."""
    return not console.json and sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


@dataclass(slots=True)
class Prompt:
    """Asks at a terminal. Ctrl-C and the end of input both raise KeyboardInterrupt."""

    console: Console

    def explain(self, *sentences: str, plugin: str = "") -> None:
        """Say something in lines that break between words; `plugin` is the full name of the one that it comes from."""
        width = max(min(shutil.get_terminal_size().columns, _WIDEST) - 1, 20)
        for sentence in sentences:
            text = self.console.text(sentence, plugin)
            for line in textwrap.wrap(text, width, break_on_hyphens=False) or [""]:
                _show(f"{line}\n")

    def ask(self, question: str, check: Callable[[str], T], *, default: str | None = None) -> T:
        """Ask until `check` takes the answer, and return what it makes of it. Enter alone answers `default`.

        `check` raises MaidanError with the problems of an answer.
        """
        while True:
            answer = self._answer(question, default)
            if answer is None:
                self.explain(say("That is not text in UTF-8."))
                continue
            if not answer and default is None:
                self.explain(say("An answer is needed here."))
                continue
            try:
                return check(answer or default or "")
            except MaidanError as error:
                self.explain(*map(why, error.problems))

    def yes(self, question: str, *, default: bool) -> bool:
        """Ask a question for yes or no."""

        def check(answer: str) -> bool:
            word = answer.lower()
            own_yes, own_no = self.console.text(say("yes")).lower(), self.console.text(say("no")).lower()
            if word in {*YES, own_yes, own_yes[:1]}:
                return True
            if word in {*NO, own_no, own_no[:1]}:
                return False
            raise MaidanError(Problem((), "this is neither yes nor no", "yes or no"))

        return self.ask(question, check, default=self.console.text(say("yes") if default else say("no")))

    def _answer(self, question: str, default: str | None) -> str | None:
        """One line that was typed, without space around it; None where it is no text."""
        proposal = f" [{default}]" if default else ""
        _show(f"{self.console.text(question)}{proposal}: ")
        try:
            line = sys.stdin.buffer.readline()
        except KeyboardInterrupt:
            _show("\n")
            raise
        if not line.endswith(b"\n"):  # the end of input, whether or not something was typed
            _show("\n")
            raise KeyboardInterrupt
        try:
            return line.decode().strip()
        except UnicodeDecodeError:
            return None


def why(problem: Problem) -> str:
    """One sentence of what is wrong with an answer, and what would be right."""
    message, expected, hint = phrase(problem.message), phrase(problem.expected), phrase(problem.hint)
    if expected and hint:
        return say("Not so: {message}; expected {expected}; {hint}", message=message, expected=expected, hint=hint)
    if expected:
        return say("Not so: {message}; expected {expected}", message=message, expected=expected)
    if hint:
        return say("Not so: {message}; {hint}", message=message, hint=hint)
    return say("Not so: {message}", message=message)


def _show(text: str) -> None:
    """Show text that may hold anything, such as a name that a disk gives itself; only line breaks are acted on."""
    shown = "\n".join(map(printable, text.split("\n")))
    click.echo(shown, err=True, nl=False)


def refused(problems: Iterable[Problem]) -> None:
    """Raise the problems of an answer, if there are any."""
    found = tuple(problems)
    if found:
        raise MaidanError(found)
