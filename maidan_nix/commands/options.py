"""``maidan-nix options``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.group import Group
from maidan_nix.commands.options_update import index_of, options_diff, options_update
from maidan_nix.messages import count, say
from maidan_nix.problems import MaidanError, Problem, did_you_mean

if TYPE_CHECKING:
    from maidan_nix.options.index import Index
    from maidan_nix.options.table import Option

INDEX_HELP = "A list of options; ./nixos-options.txt unless said, or what maidan-nix ships where there is none."


class OptionRecord(TypedDict):
    """One option: `status` is current, renamed (then `replacement` is its new name) or removed (`note` says why)."""

    name: str
    type: str
    source: str
    status: str
    replacement: str
    note: str


class OptionsBelow(TypedDict):
    """What ``maidan-nix options show --json`` prints of a name with options below: the names one step further."""

    version: NotRequired[int]
    name: str
    below: list[str]


class SearchResult(TypedDict):
    """What ``maidan-nix options search --json`` prints: the best `options`, and in `total` how many there are."""

    version: NotRequired[int]
    words: list[str]
    total: int
    options: list[OptionRecord]


@click.group("options", cls=Group)
def command() -> None:
    """Ask the index of NixOS options, or make one of your own nixpkgs."""


@command.command("show", short_help="Show one option, or the options below a name.")
@click.argument("name")
@click.option("--index", "file", type=click.Path(path_type=Path), help=INDEX_HELP)
@output_options
@click.pass_obj
def show(console: Console, *, name: str, file: Path | None) -> None:
    """Show one option: its type, where that is known from, and what became of it.

    A NAME that is no option but has options below lists the names one step further. With --json: name, type,
    status (current, renamed, removed), replacement, note and source; or name and below.
    """
    with console.reporting():
        from maidan_nix.options.names import join, split
        from maidan_nix.options.wording import source_in_words

        index = index_of(file)
        try:
            path = split(name)
        except ValueError:
            message = say("'{name}' is not the name of an option", name=name)
            raise MaidanError(Problem((), message, expected="a name such as services.nginx.enable")) from None
        option = index.find(path)
        if option is None and index.has_prefix(path):
            below = [join((*path, step)) for step in index.siblings((*path, ""))]
            if console.json:
                result = OptionsBelow(name=name, below=below)
                console.result({**result})
            for each in below if not console.json else ():
                console.line(each)
            return
        if option is None:
            raise MaidanError(_unknown(name, path, index))
        if console.json:
            console.result({**record(option)})
            return
        for line in (
            say("name: {name}", name=option.name),
            say("type: {type}", type=option.type),
            say("status: {status}", status=option.status),
            say("replacement: {name}", name=option.replacement) if option.replacement else "",
            say("note: {note}", note=option.note) if option.note else "",
            say("source: {source}", source=source_in_words(option.source)),
        ):
            if line:
                console.line(line)


@command.command("search", short_help="Find options by words.")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=25, show_default=True, help="Show at most so many.")
@click.option("--index", "file", type=click.Path(path_type=Path), help=INDEX_HELP)
@output_options
@click.pass_obj
def search(console: Console, *, words: tuple[str, ...], limit: int, file: Path | None) -> None:
    """Find the options whose name holds every one of WORDS, the best first.

    An option that is gone is found by what is said of it, too. It exits with 1 where there is none. With --json:
    words, total and options, each with name, type, status (current, renamed, removed), replacement, note and source.
    """
    with console.reporting():
        from maidan_nix.options.search import search as find

        started = time.monotonic()
        split_words = [word for each in words for word in each.split()]
        index = index_of(file)
        found = find(index, split_words)
        console.took("searching", started)
        if not found and not console.json:
            raise MaidanError(_nothing(split_words, index))
        if console.json:
            result = SearchResult(words=split_words, total=len(found), options=[record(one) for one in found[:limit]])
            console.result({**result})
            if not found:
                raise SystemExit(1)
            return
        for option in found[:limit]:
            console.line(_line(option))
        if len(found) > limit:
            more = count(
                "1 more: add a word, or --limit {all}.",
                "{number} more: add a word, or --limit {all}.",
                number=len(found) - limit,
                all=len(found),
            )
            console.comment(more)


command.add_command(options_update)
command.add_command(options_diff)


def record(option: Option) -> OptionRecord:
    """Return an option as data for JSON."""
    return OptionRecord(
        name=option.name,
        type=option.type,
        source=option.source,
        status=option.status,
        replacement=option.replacement,
        note=option.note,
    )


def _line(option: Option) -> str:
    match option.status:
        case "renamed":
            return say("{name}: renamed to {replacement}", name=option.name, replacement=option.replacement)
        case "removed":
            return say("{name}: removed. {note}", name=option.name, note=option.note)
    if option.type == "?":
        return say("{name}: type not known", name=option.name)
    return say("{name}: {type}", name=option.name, type=option.type)


def _nothing(words: Sequence[str], index: Index) -> Problem:
    """Say which of the words no option holds, and what is most like it."""
    from maidan_nix.options.search import nearest
    from maidan_nix.options.search import search as find

    alone = [word for word in words if not find(index, [word])]
    if not alone:
        message = say("no option holds all of these words: {words}", words=", ".join(words))
        return Problem((), message, hint="each alone is in some: leave one out")
    message = say("no option holds '{word}'", word=alone[0])
    near = nearest(index, alone[0])
    return Problem((), message, hint=say("did you mean '{word}'?", word=near) if near else "")


def _unknown(name: str, path: tuple[str, ...], index: Index) -> Problem:
    """Say which step of the name is the first that is not known, and what it could have been."""
    from maidan_nix.options.names import join

    known = next(length for length in range(len(path) - 1, -1, -1) if not length or index.has_prefix(path[:length]))
    above, wrong = join(path[:known]), path[known]
    near = did_you_mean(wrong, index.siblings((*path[:known], "")))
    if near and known:
        import difflib

        [step] = difflib.get_close_matches(wrong, sorted(index.siblings((*path[:known], ""))), n=1, cutoff=0.6)
        near = say("did you mean '{name}'?", name=f"{above}.{step}")
    return Problem((), say("no option is named '{name}'", name=name), hint=near)
