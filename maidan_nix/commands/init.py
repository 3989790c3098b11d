"""``maidan-nix init``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from maidan_nix.commands.completers import complete_service
from maidan_nix.commands.console import Console, output_options
from maidan_nix.manifest.report import ProblemRecord, to_json
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, MaidanError, Problem

if TYPE_CHECKING:
    from maidan_nix.editing.file import Opened
    from maidan_nix.initial.answers import Answers, Options
    from maidan_nix.manifest.document import Document

_MANIFEST = "community.toml"


class InitResult(TypedDict):
    """What came of `init`."""

    manifest: str
    """The path of the manifest."""
    written: list[str]
    """The paths of the files that were written; empty when there was nothing to do."""
    complete: bool
    """Whether the manifest passes all checks."""
    problems: list[ProblemRecord]
    """What is wrong with it, located in it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The folder, and the manifest in it as it was found."""

    folder: Path
    opened: Opened
    before: Document | None

    @property
    def manifest(self) -> Path:
        return self.opened.path


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option("--answers", type=click.Path(path_type=Path), help="A file with answers, in the shape of the manifest.")
@click.option("--name", help="The community's name.")
@click.option("--domain", help="The domain it owns.")
@click.option("--contact", help="The stewards' e-mail address.")
@click.option("--time-zone", help="Time zone of the hosts, such as Europe/Berlin.")
@click.option("--locale", help="Language and formats of the hosts, such as en_GB.UTF-8.")
@click.option("--preset", help="The privacy preset: strict, balanced or open.")
@click.option("--steward", "stewards", multiple=True, metavar="NAME=KEYFILE", help="An account, and its .pub file.")
@click.option(
    "--service", "services", multiple=True, metavar="NAME", shell_complete=complete_service, help="A service to run."
)
@click.option("--host", default="", help="The machine's name.")
@click.option("--system", help="Its kind of processor: x86_64-linux or aarch64-linux.")
@click.option("--firmware", help="What it starts from: uefi or bios.")
@click.option("--disk", help="Its disk, by its name below /dev/disk/by-id; it will be erased.")
@click.option("--interface", help="Its network interface.")
@click.option("--ipv4", help="dhcp, off, or its fixed address with the prefix length.")
@click.option("--ipv4-gateway", help="The router, where the IPv4 address is fixed.")
@click.option("--ipv6", help="automatic, off, or its fixed address with the prefix length.")
@click.option("--ipv6-gateway", help="The router, where the IPv6 address is fixed.")
@click.option("--resolver", "resolvers", multiple=True, help="A DNS resolver, where addresses are fixed.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other setting of the manifest.")
@click.option("--git/--no-git", default=None, help="Make the folder a git repository if it is none; asked otherwise.")
@click.option("--yes", is_flag=True, help="Ask nothing; what has a default keeps it.")
@output_options
@click.pass_obj
def command(
    console: Console,
    /,
    *,
    folder: Path,
    answers: Path | None,
    stewards: tuple[str, ...],
    services: tuple[str, ...],
    host: str,
    resolvers: tuple[str, ...],
    settings: tuple[str, ...],
    git: bool | None,
    yes: bool,
    **plain: str | None,
) -> None:
    """Write a manifest by answering a few questions.

    FOLDER, this one unless said, gets a community.toml in which everything is explained, and its schema for editors.
    Each answer is checked at once; Enter takes what stands in brackets. After Ctrl-C, what was answered is kept, and
    init goes on from there. In a manifest that is there already, only what is missing is asked, and nothing is changed.

    Options and --answers answer beforehand. Without a terminal, or with --yes, they have to answer everything that has
    no default. The file is TOML in the very shape of community.toml, whole or in parts.

    With --json: manifest, written (paths), complete, and problems (what is wrong with the manifest).
    """
    with console.reporting():
        from maidan_nix.commands.prompt import can_ask
        from maidan_nix.initial.answers import Options

        place = _open(folder, console)
        given = {f"--{name.replace('_', '-')}": value for name, value in plain.items() if value is not None}
        options = Options(given, host, stewards, resolvers, services, settings)
        result = _init(console, place, answers, options, git=git, ask=can_ask(console) and not yes)
        if console.json:
            console.result({**result})
        if result["problems"]:
            sys.exit(ExitCode.MANIFEST_INVALID)


def _open(folder: Path, console: Console) -> _Place:
    """Look at what is there. Raises MaidanError for what cannot be a manifest."""
    from maidan_nix.editing.file import open_file
    from maidan_nix.manifest.document import parse_document

    path = folder / _MANIFEST
    if folder.exists() and not folder.is_dir():
        message = say("{path} is no folder", path=folder)
        raise MaidanError(Problem((), message, hint="name another, or none for this one"), ExitCode.USAGE)
    opened = open_file(path)
    console.manifest = str(path)
    is_blank = opened.content is None or not opened.content.strip()
    before = None if is_blank or opened.content is None else parse_document(opened.content, str(path))
    console.document, console.manifest = before, str(path) if before is not None else ""
    return _Place(folder, opened, before)


def _init(
    console: Console, place: _Place, file: Path | None, options: Options, *, git: bool | None, ask: bool
) -> InitResult:
    from maidan_nix.initial.answers import missing_options, refuse
    from maidan_nix.initial.outcome import is_unfinished, outcome

    before = place.before
    answers = _answers(console, place, file, options)
    refuse(answers.problems)
    values = answers.values
    everything = before is None or is_unfinished(before.text)
    missing = missing_options(values)
    if before is not None and not everything and not missing and values == before.values:
        return _nothing_to_ask(console, place)
    if ask and (everything or missing):
        values = _converse(console, place, answers, everything=everything)
    elif missing:
        hint = "give them, or a file with --answers"
        raise MaidanError(
            Problem((), say("nobody can be asked, and needed are: {options}", options=", ".join(missing)), hint=hint),
            ExitCode.USAGE,
        )
    text = outcome(before, values, unfinished=False)
    if not ask:
        _refuse_unattended(console, place, answers, text)
    written = _write(console, place, text, git=git, ask=ask)
    return _finish(console, place, written)


def _answers(console: Console, place: _Place, file: Path | None, options: Options) -> Answers:
    """Put together what is there, what the file says and what the options say, and validate that."""
    from maidan_nix.editing.judgement import problems_of_settings
    from maidan_nix.editing.values import MISSING, value_at
    from maidan_nix.initial.answers import Answers, refuse, with_options
    from maidan_nix.manifest.document import ANSWERS, read_document
    from maidan_nix.places import unknown_places

    values: Mapping[str, Any] = place.before.values if place.before else {}
    source = place.before
    in_file: Mapping[str, Any] = {}
    if file is not None:
        if str(file) == "-":
            message = say("--answers reads a file, not standard input")
            raise MaidanError(
                Problem((), message, hint=say("write the answers into a file, and name it")), ExitCode.USAGE
            )
        console.manifest = str(file)
        said = read_document(file, ANSWERS)
        in_file = said.values
        if place.before is None:
            values, source = said.values, said
        else:
            merged = Answers(dict(values))
            for path, value in _leaves(said.values):
                merged.take(path, value, str(file))
            refuse(merged.problems)
            values = merged.values
    answers = with_options(values, options, str(file or ""), in_file)
    if answers.problems and place.before is None:
        console.manifest = ""  # they are about options
    if answers.blocked:
        if source is not None:
            console.document, console.manifest = source, source.name
        raise MaidanError(answers.blocked, ExitCode.MANIFEST_INVALID)
    if answers.problems:
        return answers
    there = [
        each for each in problems_of_settings(answers.values) if value_at(answers.values, each.path) is not MISSING
    ]
    before = place.before.values if place.before else {}
    there += [each for each in unknown_places(answers.values) if value_at(before, each.path) is MISSING]
    if there:
        placed = [answers.place(each) for each in there if each.path]
        if source is not None:
            console.document, console.manifest = source, source.name
        is_of_file = any(each.path for each in placed)
        raise MaidanError(placed, ExitCode.MANIFEST_INVALID if is_of_file else ExitCode.USAGE)
    console.document = place.before
    console.manifest = str(place.manifest) if place.before is not None else ""
    return answers


def _leaves(table: Mapping[str, Any], above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for key, value in table.items():
        path = (*above, key)
        found += _leaves(value, path) if isinstance(value, Mapping) and value else [(path, value)]
    return found


def _nothing_to_ask(console: Console, place: _Place) -> InitResult:
    if not console.json:
        console.note(say("{manifest} is complete: nothing to ask, and nothing was changed.", manifest=place.manifest))
        console.note(say("'maidan-nix set' changes a setting, 'maidan-nix add' and 'maidan-nix remove' a service."))
    return _finish(console, place, [])


def _converse(console: Console, place: _Place, answers: Answers, *, everything: bool) -> dict[str, Any]:
    """Ask. When that is interrupted, what was answered is written before it ends."""
    from maidan_nix.commands.prompt import Prompt
    from maidan_nix.initial.conversation import converse
    from maidan_nix.initial.interview import Interview
    from maidan_nix.initial.outcome import outcome

    interview = Interview(Prompt(console), answers.values)
    if place.before is None:
        interview.asks.explain(
            say("This writes {manifest}, the one file that your servers are made from.", manifest=place.manifest),
            say(
                "Each question is explained. Enter takes what stands in brackets. "
                "Ctrl-C stops, and keeps what you said."
            ),
        )
    else:
        interview.asks.explain(say("{manifest} is there; only what is missing is asked.", manifest=place.manifest))
    try:
        converse(interview, everything=everything)
    except KeyboardInterrupt:
        if interview.given or answers.origin:
            text = outcome(place.before, interview.values, unfinished=everything)
            _write_manifest(place, text)
            interview.asks.explain(
                say(
                    "What you answered is in {manifest}. 'maidan-nix init' goes on from there.", manifest=place.manifest
                )
            )
        raise
    return interview.values


def _refuse_unattended(console: Console, place: _Place, answers: Answers, text: str) -> None:
    """Refuse, before anything is written, what the checks refuse."""
    from maidan_nix.editing.file import parse_edited
    from maidan_nix.editing.verdict import refusal

    document = parse_edited(place.opened, text)
    found = refusal(document, place.folder)
    if found is not None:
        console.document = document
        raise MaidanError([answers.place(each) for each in found.problems], found.exit_code)


def _write_manifest(place: _Place, text: str) -> bool:
    from maidan_nix.editing.file import write

    if place.opened.content == text.encode():
        return False
    place.folder.mkdir(parents=True, exist_ok=True)
    write(place.opened, text.encode())
    return True


def _write(console: Console, place: _Place, text: str, *, git: bool | None, ask: bool) -> list[Path]:
    from maidan_nix.commands.prompt import Prompt
    from maidan_nix.git import in_checkout
    from maidan_nix.initial.folder import (
        IGNORED,
        has_git,
        make_repository,
        write_ignored,
        write_schema,
    )
    from maidan_nix.initial.render import SCHEMA_FILE

    written = [place.manifest] if _write_manifest(place, text) else []
    if write_schema(place.folder, text):
        written.append(place.folder / SCHEMA_FILE)
    if not in_checkout(place.folder) and has_git():
        if git is None and ask:
            prompt = Prompt(console)
            prompt.explain("", say("The flake belongs into a git repository, and this folder is in none."))
            git = prompt.yes(say("Make it one, with 'git init'?"), default=True)
        warning = make_repository(place.folder) if git else ""
        if warning:
            console.note(warning)
    if write_ignored(place.folder):
        written.append(place.folder / IGNORED)
    return written


def _finish(console: Console, place: _Place, written: list[Path]) -> InitResult:
    """Run all checks on what is on the disk now, and say what comes next."""
    from maidan_nix.editing.verdict import refusal
    from maidan_nix.manifest.document import read_document

    document = read_document(place.manifest)
    found = refusal(document, place.folder)
    problems = found.problems if found is not None else ()
    if not console.json:
        for path in written:
            console.line(say("written: {path}", path=path))
        if problems:
            console.document, console.manifest = document, document.name
            console.problems(problems)
            console.note(say("Not everything is right yet: 'maidan-nix set' changes a setting, or edit the file."))
        else:
            words = [] if str(place.folder) == "." else [str(place.manifest)]
            console.comment("All checks passed.")
            console.comment(say("Next: {command}", command=" ".join(["maidan-nix generate", *words])))
    return InitResult(
        manifest=str(place.manifest),
        written=[str(path) for path in written],
        complete=not problems,
        problems=to_json(problems, document),
    )
