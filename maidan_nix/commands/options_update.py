"""``maidan-nix options update`` and ``maidan-nix options diff``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.messages import Message, count, listed, say
from maidan_nix.problems import MaidanError, Problem

if TYPE_CHECKING:
    from maidan_nix.options.changes import OptionChange
    from maidan_nix.options.evaluated_file import EvaluatedTable
    from maidan_nix.options.index import Index

_KINDS = ("added", "removed", "renamed", "gone", "retyped")
_NAMES = 10
"""How many names of a kind an update shows; ``options diff`` shows all."""


class ChangeRecord(TypedDict):
    """One option that changed.

    `kind` is added, removed or renamed (which nixpkgs says), gone (of which it says nothing) or retyped. `old_type`
    and `new_type` are empty where there is no such option; `plugins` set it in this flake.
    """

    name: str
    kind: str
    old_type: str
    new_type: str
    replacement: str
    note: str
    plugins: list[str]


class UpdateResult(TypedDict):
    """What ``maidan-nix options update --json`` prints.

    `file` is what was written, `changed` whether it differs from before; `nixpkgs` says version and revision; `options`
    counts them; `unread` are those whose type Nix could not evaluate. `changes` has names by kind; `touched` are the
    changes of options that this flake sets, null where its manifest could not be generated.
    """

    version: NotRequired[int]
    file: str
    changed: bool
    nixpkgs: dict[str, str]
    options: int
    unread: list[str]
    changes: dict[str, list[str]]
    touched: list[ChangeRecord] | None


class DiffResult(TypedDict):
    """What ``maidan-nix options diff --json`` prints."""

    version: NotRequired[int]
    changes: list[ChangeRecord]


@click.command("update", short_help="List the options of your own nixpkgs, by Nix.")
@click.argument("manifest", default="community.toml", type=click.Path(path_type=Path))
@click.option(
    "--nixpkgs",
    required=True,
    type=click.Path(path_type=Path),
    envvar="MAIDAN_NIXPKGS",
    help="The nixpkgs tree; also by MAIDAN_NIXPKGS.",
)
@click.option(
    "--module",
    "modules",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A NixOS module from elsewhere, whose options are listed too; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file; nixos-options.txt beside MANIFEST unless said. No other kind of file is replaced.",
)
@output_options
@click.pass_obj
def options_update(
    console: Console, *, manifest: Path, nixpkgs: Path, modules: tuple[Path, ...], out: Path | None
) -> None:
    """Let Nix list the options of the nixpkgs that you build with.

    The list is written to nixos-options.txt beside MANIFEST, to be committed; from then on it tells 'generate' and
    'check' which options there are, instead of the list that maidan-nix ships. What changed is shown, above all what
    this flake sets. With --json: file, changed, nixpkgs (version, revision), options, unread, changes (names by kind:
    added, removed, renamed, gone, retyped) and touched (name, kind, old_type, new_type, replacement, note, plugins).
    """
    with console.reporting():
        from maidan_nix.atomic_file import write_whole
        from maidan_nix.commands.own_output import OPTIONS, refuse_foreign
        from maidan_nix.evaluation.tree import nixpkgs_tree, options_of
        from maidan_nix.options import OPTIONS_FILE
        from maidan_nix.options.changes import changes
        from maidan_nix.options.evaluated_file import read, render
        from maidan_nix.options.index import Index

        file = out if out is not None else manifest.parent / OPTIONS_FILE
        if file.name != OPTIONS_FILE:  # a broken file of this name is about to be mended
            refuse_foreign(file, OPTIONS, say("a list of options by this command"))
        tree = nixpkgs_tree(nixpkgs)
        further = [_module(path) for path in modules]
        started = time.monotonic()
        with console.progress() as progress:
            evaluated = options_of(
                tree, further, progress=lambda name: progress(say("Nix reads the option {name}", name=name))
            )
        console.took("evaluating", started)
        content = render(evaluated)
        old = _before(console, file)
        new = read(content, str(file))
        found = changes(Index.load((), old), Index.load((), new))
        setting = _configured(console, manifest)
        changed = write_whole(file, content)
        touched = None if setting is None else _touched(found, setting)
        if console.json:
            result = UpdateResult(
                file=str(file),
                changed=changed,
                nixpkgs={"version": evaluated.version, "revision": evaluated.revision},
                options=len(evaluated.options),
                unread=list(evaluated.unread),
                changes={kind: [one.name for one in found if one.kind == kind] for kind in _KINDS},
                touched=touched,
            )
            console.result({**result})
            return
        console.line(
            count(
                "{file}: 1 option of {tree}",
                "{file}: {number} options of {tree}",
                number=len(evaluated.options),
                file=file,
                tree=evaluated.tree,
            )
        )
        _say_unread(console, evaluated.unread)
        _say_changes(console, found, old)
        _say_touched(console, touched, len(found))
        console.comment("Commit the file with your flake; 'maidan-nix check' goes by it from now on.")


@click.command("diff", short_help="Show what differs between two lists of options.")
@click.argument("old", required=False, type=click.Path(path_type=Path))
@click.argument("new", required=False, type=click.Path(path_type=Path))
@output_options
@click.pass_obj
def options_diff(console: Console, *, old: Path | None, new: Path | None) -> None:
    """Show which options differ between two lists of options, as 'options update' writes them.

    NEW is ./nixos-options.txt unless said, and OLD what maidan-nix ships. With --json: changes (name, kind, old_type,
    new_type, replacement, note, plugins); kind is added, removed, renamed, gone or retyped, plugins is empty.
    """
    with console.reporting():
        from maidan_nix.options import OPTIONS_FILE
        from maidan_nix.options.changes import changes
        from maidan_nix.options.index import Index

        before = index_of(old) if old is not None else Index.load()
        found = changes(before, index_of(new if new is not None else Path(OPTIONS_FILE)))
        if console.json:
            result = DiffResult(changes=[_record(one, ()) for one in found])
            console.result({**result})
            return
        for one in found:
            console.line(_change(one))
        if not found:
            console.comment("Nothing differs.")


def index_of(file: Path | None) -> Index:
    """Return the index over the list in a file, over ./nixos-options.txt if there is one, or else the shipped one.

    Raises MaidanError for a file that is named and cannot be read, or is no such list.
    """
    from maidan_nix.options import OPTIONS_FILE
    from maidan_nix.options.index import Index

    return Index.load((), _read(file) if file is not None else _read_if_there(Path(OPTIONS_FILE)))


def _read(file: Path) -> EvaluatedTable:
    from maidan_nix.options import LARGEST
    from maidan_nix.options.evaluated_file import read
    from maidan_nix.regular_file import IrregularFileError, read_regular_file

    try:
        return read(read_regular_file(file, LARGEST + 1), str(file))
    except FileNotFoundError:
        hint = say("'{command}' makes one", command="maidan-nix options update --nixpkgs PATH")
        raise MaidanError(Problem((), say("{file} is not there", file=file), hint=hint)) from None
    except IrregularFileError:
        raise MaidanError(Problem((), say("{file} is not a regular file", file=file))) from None
    except ValueError:  # a NUL in the path
        raise MaidanError(Problem((), say("{file} is not a path", file=file))) from None
    except OSError as error:
        error.filename = str(file)
        raise


def _read_if_there(file: Path) -> EvaluatedTable | None:
    return _read(file) if file.exists() else None


def _module(path: Path) -> Path:
    if path.exists():
        return path.resolve()
    raise MaidanError(
        Problem((), say("{path} is not there", path=path), expected="a file or folder with a NixOS module")
    )


def _before(console: Console, file: Path) -> EvaluatedTable | None:
    """The list that is there so far. One that cannot be read is about to be mended: it is not in the way."""
    try:
        return _read_if_there(file)
    except MaidanError as error:
        for problem in error.problems:
            console.note(problem.message)
        return None


def _configured(console: Console, manifest: Path) -> dict[str, set[tuple[str, ...]]] | None:
    """The options that each plugin of this flake sets; None where there is no flake, or none can be generated."""
    from maidan_nix.commands.source import read_and_generate
    from maidan_nix.options.changes import set_options

    if not manifest.exists():
        return None
    try:
        with console.progress() as progress:
            # A list that is out of date is often why this is run: it must not be in the way.
            source = read_and_generate(manifest, None, console, progress, own_options=False)
    except MaidanError:
        return None
    finally:
        # What goes wrong from here on is not the manifest's fault.
        console.document = None
        console.manifest = ""
    setting: dict[str, set[tuple[str, ...]]] = {}
    for plugins in source.generated.configured.values():
        for name, one in plugins.items():
            setting.setdefault(name, set()).update(set_options(one.options))
    return setting


def _touched(found: Sequence[OptionChange], setting: dict[str, set[tuple[str, ...]]]) -> list[ChangeRecord]:
    from maidan_nix.options.changes import touched

    plugins: dict[str, list[str]] = {}
    for plugin, paths in sorted(setting.items()):
        for change in touched(found, paths):
            plugins.setdefault(change.name, []).append(plugin)
    return [_record(change, plugins[change.name]) for change in found if change.name in plugins]


def _record(change: OptionChange, plugins: Iterable[str]) -> ChangeRecord:
    old, new = change.old, change.new
    return ChangeRecord(
        name=change.name,
        kind=change.kind,
        old_type=old.type if old is not None else "",
        new_type=new.type if new is not None and new.status == "current" else "",
        replacement=new.replacement if new is not None else "",
        note=new.note if new is not None else "",
        plugins=list(plugins),
    )


def _change(change: OptionChange) -> Message:
    record = _record(change, ())
    return _sentence(record)


def _sentence(record: ChangeRecord) -> Message:
    match record["kind"]:
        case "added":
            return say("added: {name}: {type}", name=record["name"], type=record["new_type"])
        case "renamed":
            return say("renamed: {name} is now {replacement}", name=record["name"], replacement=record["replacement"])
        case "removed":
            return say("removed: {name}. {note}", name=record["name"], note=record["note"])
        case "gone":
            return say("gone: {name}", name=record["name"])
    return say(
        "another type: {name} was {old} and is {new}",
        name=record["name"],
        old=record["old_type"],
        new=record["new_type"],
    )


def _say_unread(console: Console, unread: Sequence[str]) -> None:
    if unread:
        names = ", ".join(unread[:_NAMES])
        console.line(
            count(
                "Nix could not evaluate the type of 1 option, which may be given anything: {names}",
                "Nix could not evaluate the types of {number} options, which may be given anything: {names}",
                number=len(unread),
                names=names if len(unread) <= _NAMES else f"{names} ...",
            )
        )


def _say_changes(console: Console, found: Sequence[OptionChange], old: EvaluatedTable | None) -> None:
    against = (
        say("the list before, of {tree}", tree=old.tree) if old is not None else say("the list that maidan-nix ships")
    )
    numbers = {kind: sum(1 for one in found if one.kind == kind) for kind in _KINDS}
    if not found:
        console.line(say("Nothing differs from {list}.", list=against))
        return
    said = listed(
        (
            count("{number} added", "{number} added", number=numbers["added"]),
            count("{number} removed", "{number} removed", number=numbers["removed"]),
            count("{number} renamed", "{number} renamed", number=numbers["renamed"]),
            count("{number} gone without a word", "{number} gone without a word", number=numbers["gone"]),
            count("{number} of another type", "{number} of another type", number=numbers["retyped"]),
        )
    )
    console.line(say("Against {list}: {changes}.", list=against, changes=said))
    for kind in _KINDS:
        changes = [one for one in found if one.kind == kind]
        for one in changes[:_NAMES]:
            console.comment(_change(one), indent=2)
        if len(changes) > _NAMES:
            more = count("and 1 more", "and {number} more", number=len(changes) - _NAMES)
            console.comment(more, indent=2)


def _say_touched(console: Console, touched: Sequence[ChangeRecord] | None, all_changes: int) -> None:
    if touched is None:
        if all_changes:
            console.line("Which of these your flake sets is not known: there is no manifest that can be generated.")
        return
    if not touched:
        if all_changes:
            console.line("None of these is an option that your flake sets.")
        return
    console.line(count("Your flake sets 1 of these:", "Your flake sets {number} of these:", number=len(touched)))
    for record in touched:
        plugins = ", ".join(record["plugins"])
        console.line(say("{change} (set by {plugins})", change=_sentence(record), plugins=plugins), indent=2)
