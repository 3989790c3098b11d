"""The sections of the manual page, in their customary order."""

from __future__ import annotations

import gettext
import inspect
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import click

from maidan_nix import __version__
from maidan_nix.explain.exit_codes import EXIT_CODES
from maidan_nix.language import CLICK_DOMAIN
from maidan_nix.manual.roff import escaped, example, heading, paragraphs, sentences, subheading, term

PROGRAM = "maidan-nix"

_DESCRIPTION = """\
maidan-nix reads one file, community.toml, which says what a community wants of its servers: who runs them, which
services there are on which hosts, how private and how strict they are. From it the program writes a NixOS flake that
people can read, review and switch to.

Nothing that was changed by hand is overwritten unless that is asked for, and a run that is interrupted leaves the old
files or the new ones, never a mixture.
"""

_FILES = (
    ("community.toml", "The manifest: what the community wants. It is the stewards' own file."),
    ("maidan.lock", "What was decided once and must stay: ports, numbers, versions of data. Written with the flake."),
    ("flake.nix, flake.lock", "The flake itself, and the exact inputs it is built from."),
    ("hosts/HOST/", "The configuration of one host: a file for each plugin."),
    ("hosts/HOST/hardware.nix, hosts/HOST/local.nix", "The stewards' own: written once, never touched again."),
    ("secrets/", "Encrypted secrets, and public.toml, which holds the public halves of the hosts' keys."),
    (".maidan/", "Records of what was written, to notice changes by hand."),
    ("~/.cache/maidan-nix/", "What completion in the shell remembers. It can be deleted at any time."),
)

_ENVIRONMENT = (
    ("NO_COLOR", "Where it is set and not empty, nothing is coloured. TERM=dumb does the same."),
    ("LANGUAGE, LC_ALL, LC_MESSAGES, LANG", "The language of messages, where there is a translation."),
    ("XDG_CACHE_HOME", "Where caches are kept instead of ~/.cache."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME", "Where 'completion install' writes instead of ~/.config and ~/.local/share."),
    ("SHELL", "The shell that 'completion install' is for, unless it is named."),
)

_EXAMPLES = (
    ("Write the flake, and see first what would change:", ("maidan-nix generate --diff", "maidan-nix generate")),
    ("See what is still missing before the first switch:", ("maidan-nix check",)),
    ("Ask what a setting does here:", ("maidan-nix explain privacy.log_retention",)),
    (
        "Let an editor complete and explain the manifest:",
        ("maidan-nix schema --out community.schema.json",),
    ),
    ("Complete words in the shell:", ("maidan-nix completion install",)),
)


def render_manual(group: click.Group, summary: str = "turn one community.toml into a NixOS flake") -> bytes:
    """Write the manual page of a group of commands as roff in ASCII: the same bytes for the same commands."""
    with _click_in_english():
        return ("\n".join(_lines(group, summary)) + "\n").encode("ascii")


@contextmanager
def _click_in_english() -> Iterator[None]:
    """Keep click from translating its own sentences; it knows one language for the whole process."""
    before = gettext.bindtextdomain(CLICK_DOMAIN)
    gettext.bindtextdomain(CLICK_DOMAIN, os.devnull)
    try:
        yield
    finally:
        gettext.bindtextdomain(CLICK_DOMAIN, before)


def _lines(group: click.Group, summary: str) -> Iterator[str]:
    context = click.Context(group, info_name=PROGRAM, **group.context_settings)
    shared = _shared(group, context)
    yield '.\\" Made from the commands themselves.'
    # No date: the page is the same whenever it is made.
    yield f'.TH MAIDAN\\-NIX 1 "" "{escaped(f"{PROGRAM} {__version__}")}" "User Commands"'
    yield heading("Name")
    yield f"{escaped(PROGRAM)} \\- {escaped(summary)}"
    yield heading("Synopsis")
    yield f".B {escaped(PROGRAM)}"
    yield "[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]"
    yield heading("Description")
    yield from paragraphs(_DESCRIPTION)
    yield heading("Options")
    yield from _options(group, context)
    yield ".PP"
    yield escaped("Every command also has these options, which stand after its name:")
    for option in shared.values():
        yield from option
    yield heading("Commands")
    yield from _commands(group, context, frozenset(shared))
    yield heading("Exit status")
    for code, meaning in EXIT_CODES.items():
        yield from term(str(int(code)), meaning)
    for title, words in (("Files", _FILES), ("Environment", _ENVIRONMENT)):
        yield heading(title)
        for word, meaning in words:
            yield from term(word, meaning)
    yield heading("Examples")
    for number, (text, commands) in enumerate(_EXAMPLES):
        yield from [".PP"] if number else []
        yield escaped(text)
        yield from example(commands)


def _commands(group: click.Group, context: click.Context, shared: Collection[str]) -> Iterator[str]:
    """Each command with its own help, and below a group those of the group."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        own = click.Context(command, info_name=name, parent=context)
        path = own.command_path.removeprefix(f"{PROGRAM} ")
        usage = " ".join(command.collect_usage_pieces(own))
        if not isinstance(command, click.Group):
            yield subheading(f"{path} {usage}")
            yield from paragraphs(inspect.cleandoc(command.help or command.short_help or ""))
            yield from _options(command, own, shared)
            continue
        yield subheading(path)
        yield from paragraphs(inspect.cleandoc(command.help or ""))
        yield from _commands(command, own, shared)


def _leaves(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Every command that does something itself."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            own = click.Context(command, info_name=name, parent=context)
            if isinstance(command, click.Group):
                yield from _leaves(command, own)
            else:
                yield command, own


def _shared(group: click.Group, context: click.Context) -> dict[str, list[str]]:
    """The options that every command has and describes alike, by their words."""
    each = [dict(_described(command, own)) for command, own in _leaves(group, context)]
    first, *others = each
    return {
        words: list(_option(words, meaning))
        for words, meaning in first.items()
        if all(other.get(words) == meaning for other in others)
    }


def _options(command: click.Command, context: click.Context, shared: Collection[str] = ()) -> Iterator[str]:
    for words, meaning in _described(command, context):
        if words not in shared:
            yield from _option(words, meaning)


def _described(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in command.get_params(context):
        # Arguments are described in the text of their command.
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            yield record


def _option(words: str, meaning: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {escaped(words)}"
    yield from sentences(meaning)
