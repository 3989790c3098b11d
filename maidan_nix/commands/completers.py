"""What a shell offers for the words of a command. Any command may use these as ``shell_complete=``.

A completer answers while somebody holds the Tab key, so it reads what it needs from a cache of its own, which is
written anew when other plugins are installed. It never fails and never prints: without an answer there is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias, TypedDict

import click
from click.shell_completion import CompletionItem

Completer: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_MANIFEST = "community.toml"
_NAME = "NAME"


class Words(TypedDict):
    """What there is to complete: key paths, plugins and findings, each with a few words about it."""

    made_of: list[Any]
    keys: dict[str, str]
    plugins: dict[str, str]
    findings: dict[str, str]


def _completer(function: Callable[[click.Context, str], Mapping[str, str]]) -> Completer:
    @wraps(function)
    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            found = function(context, incomplete)
        except Exception:  # noqa: BLE001  # a shell has no use for what went wrong
            return []
        return [
            CompletionItem(word, help=_one_line(said) or None)
            for word, said in found.items()
            if word.startswith(incomplete) and word.isprintable()
        ]

    return complete


def _one_line(text: str) -> str:
    return " ".join(text.split()) if text.isprintable() else ""


@_completer
def complete_key(context: click.Context, incomplete: str) -> Mapping[str, str]:
    """Key paths of the manifest, a step at a time, with the hosts and stewards of ./community.toml."""
    return _steps(_named(_words()["keys"], context), incomplete)


@_completer
def complete_word(context: click.Context, incomplete: str) -> Mapping[str, str]:
    """What `explain` knows: key paths, findings, exit-codes, and below a dot NixOS options."""
    words = _words()
    from maidan_nix.diagnosis.checks import CHECKS

    keys = _steps(_named(words["keys"], context), incomplete)
    found = {**keys, **words["findings"], **CHECKS, "exit-codes": ""}
    if "." in incomplete and not any(word.startswith(incomplete) for word in found):
        found.update(dict.fromkeys(_options(incomplete), ""))
    return found


@_completer
def complete_plugin(_context: click.Context, _incomplete: str) -> Mapping[str, str]:
    """Plugins by their full names."""
    return _words()["plugins"]


@_completer
def complete_service(_context: click.Context, incomplete: str) -> Mapping[str, str]:
    """Services by their short names, such as ``wiki``, or by their full ones once a slash is typed."""
    services = {name: said for name, said in _words()["plugins"].items() if name.startswith("services/")}
    return services if "/" in incomplete else {name.partition("/")[2]: said for name, said in services.items()}


@_completer
def complete_host(context: click.Context, _incomplete: str) -> Mapping[str, str]:
    """The hosts of the manifest that the command names, or of ./community.toml."""
    return dict.fromkeys(_tables(context, "hosts"), "")


def _steps(keys: Mapping[str, str], incomplete: str) -> Mapping[str, str]:
    """The keys one step beyond what is typed; where there is one only, what lies below it, too."""
    dots = incomplete.count(".")
    while True:
        found = {key: said for key, said in keys.items() if key.startswith(incomplete) and key.count(".") <= dots}
        more = {key: said for key, said in keys.items() if key.startswith(incomplete) and key.count(".") <= dots + 1}
        if len(found) > 1 or len(more) == len(found):
            return found
        dots += 1


def _named(keys: Mapping[str, str], context: click.Context) -> dict[str, str]:
    """Put the manifest's own names in; without a manifest the keys keep `NAME`."""
    named: dict[str, str] = {}
    names = {section: _tables(context, section) for section in ("hosts", "stewards")}
    for key, said in keys.items():
        section, _, rest = key.partition(".")
        if section in names and names[section] and rest.startswith(_NAME):
            named.update({f"{section}.{name}{rest.removeprefix(_NAME)}": said for name in names[section]})
        else:
            named[key] = said
    return named


def _tables(context: click.Context, section: str) -> list[str]:
    """The names that the tables of a section have in the manifest, if it can be read."""
    import tomllib

    from maidan_nix.regular_file import read_regular_file

    named = context.params.get("manifest")
    with suppress(OSError, ValueError, RecursionError):
        content = read_regular_file(Path(str(named or _MANIFEST)), 1024 * 1024)
        tables = tomllib.loads(content.decode()).get(section)
        return list(tables) if isinstance(tables, dict) else []
    return []


def _options(incomplete: str) -> Iterable[str]:
    from maidan_nix.options.index import Index
    from maidan_nix.options.names import join, split

    above = incomplete.rpartition(".")[0]
    path = split(above)
    return (join((*path, step)) for step in Index.load().siblings((*path, "")))


def _words() -> Words:
    from maidan_nix.plugins import known

    made_of = _fingerprint(known().values())
    cache = _cache()
    if cache is not None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            words: Words = json.loads(cache.read_bytes())
            parts = (words["keys"], words["plugins"], words["findings"])
            if words["made_of"] == made_of and all(isinstance(part, dict) for part in parts):
                return words
    words = _made(made_of)
    if cache is not None:
        _keep(cache, words)
    return words


def _fingerprint(sources: Iterable[Any]) -> list[Any]:
    """What the words follow from: this program, and each plugin with its version, or with when it was changed."""
    import importlib

    from maidan_nix import __version__
    from maidan_nix.plugins import IN_TREE

    folder: str = next(iter(importlib.import_module(IN_TREE).__path__))
    made_of: list[Any] = [__version__, folder]
    for source in sources:
        changed = 0
        if not source.distribution:
            with suppress(OSError), os.scandir(os.path.join(folder, source.full_name)) as entries:  # noqa: PTH118  # fast
                changed = max((entry.stat().st_mtime_ns for entry in entries if entry.name.endswith(".py")), default=0)
        made_of.append([source.full_name, source.distribution, source.version, changed])
    return made_of


def _made(made_of: list[Any]) -> Words:
    from maidan_nix.explain.places import key_paths
    from maidan_nix.findings.kinds import kinds_of
    from maidan_nix.plugins import known, load
    from maidan_nix.schema import manifest_schema

    plugins = [load(name) for name in known()]
    return Words(
        made_of=made_of,
        keys=key_paths(manifest_schema()),
        plugins={plugin.full_name(): plugin.summary for plugin in plugins},
        findings={name: next(iter(kinds.values())).means for name, kinds in kinds_of(plugins).items()},
    )


def _cache() -> Path | None:
    """Where the words are kept: below XDG_CACHE_HOME, else ~/.cache; None without a home."""
    home = os.environ.get("HOME", "")
    folder = os.environ.get("XDG_CACHE_HOME", "") or (f"{home}/.cache" if home else "")
    return Path(folder) / "maidan-nix" / "completion.json" if folder.startswith("/") else None


def _keep(cache: Path, words: Words) -> None:
    from maidan_nix.atomic_file import write_whole
    from maidan_nix.problems import MaidanError

    with suppress(OSError, MaidanError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        write_whole(cache, json.dumps(words).encode())
