"""Finds plugins, loads the ones that are asked for, and calls them one by one so that a culprit has a name.

The plugins of this distribution are found by walking the package `maidan_nix_plugins`; a third party's by the
entry-point group `maidan_nix.plugins.v1`, where the entry-point name is the plugin's full name with a dot for the
slash (``services.wiki``). Names are known without importing anything.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pluggy

from maidan_nix.contract.plugin import API_VERSION, FLOORS, PROJECT, Plugin, Specification
from maidan_nix.messages import Message, phrase, say
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean

IN_TREE = "maidan_nix_plugins"
ENTRY_POINT_GROUP = f"{PROJECT}.plugins.v"
TIME_LIMIT = 30.0
"""Seconds that one call of a plugin may take before the command gives up and names it."""
_AGAIN = 1.0
"""Seconds from one signal to the next, for a plugin that goes on after its time was up."""
_SIGNALS = 4
"""Signals until the whole process ends, whatever the plugin does about them."""
_FULL_NAME = re.compile(rf"(?:{'|'.join(FLOORS)})/[a-z][a-z0-9-]*\Z")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a plugin comes from: the module to import, its distribution, and the API version that it speaks.

    `distribution` and `version` are empty for the plugins that come along; `version` is recorded in the lock.
    """

    full_name: str
    module: str
    distribution: str = ""
    version: str = ""
    api: str = str(API_VERSION)


@cache
def known() -> Mapping[str, Source]:
    """Every installed plugin by full name, sorted. Raises MaidanError when two distributions claim one name."""
    found = {source.full_name: source for source in _in_tree()}
    for source in (*_third_party(), *_added):
        if not _FULL_NAME.match(source.full_name):
            message = say(
                "{origin} brings a plugin under the name '{name}'", origin=_origin(source), name=source.full_name
            )
            expected = say(
                "a floor ({names}), a dot, and a name of small letters, digits and hyphens", names=", ".join(FLOORS)
            )
            raise MaidanError(
                Problem((), message, expected, say("uninstall {distribution}", distribution=source.distribution))
            )
        rival = found.get(source.full_name)
        if rival is not None:
            message = say(
                "two plugins are named {name}: {origin} and {rival}",
                name=source.full_name,
                origin=_origin(rival),
                rival=_origin(source),
            )
            raise MaidanError(Problem((), message, hint="uninstall one of them", plugin=source.full_name))
        found[source.full_name] = source
    return dict(sorted(found.items()))


def add_folder(folder: Path) -> str:
    """Make the plugin in a folder known to this process without installing it; return its full name.

    The folder is named as the plugin, its parent as the floor.
    """
    name = f"{folder.parent.name}/{folder.name}"
    module = f"_{PROJECT}_folder.{folder.parent.name}.{folder.name}"
    source = Source(name, module, say("the folder {folder}", folder=folder))
    inherited = known().get(name)
    if inherited is not None and _is_at(inherited, folder):
        return name
    specification = importlib.util.spec_from_file_location(
        module, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if specification is None or specification.loader is None:
        raise MaidanError(Problem((), say("{folder} cannot be imported", folder=folder), plugin=name))
    found = importlib.util.module_from_spec(specification)
    sys.modules[module] = found
    add(source)
    with guarded(name, "be imported"):
        specification.loader.exec_module(found)
    return name


def add(source: Source) -> None:
    """Make a plugin known to this process that is not installed; its module can be imported."""
    _added.append(source)
    known.cache_clear()


def forget(full_name: str) -> None:
    """Forget a plugin that was added."""
    _added[:] = [source for source in _added if source.full_name != full_name]
    known.cache_clear()


_added: list[Source] = []


def _is_at(source: Source, folder: Path) -> bool:
    specification = importlib.util.find_spec(source.module)
    return specification is not None and Path(specification.origin or "").resolve().parent == folder


def baseline() -> tuple[str, ...]:
    """The plugins that every host gets unless the manifest disables them, as the plugin distribution lists them."""
    names: tuple[str, ...] = importlib.import_module(IN_TREE).BASELINE
    return names


@cache
def load(full_name: str) -> Plugin[Any]:
    """Import and check one plugin.

    Raises MaidanError, naming the plugin, when it is unknown, speaks another API version, fails to import, implements
    no or an unknown hook, or is not what its name says.
    """
    source = known().get(full_name)
    if source is None:
        hint = did_you_mean(full_name, known()) or "see 'maidan-nix plugin list'"
        raise MaidanError(
            Problem((), say("no plugin is named {name}", name=full_name), hint=hint), ExitCode.MANIFEST_INVALID
        )
    if source.api != str(API_VERSION):
        message = say(
            "{origin} speaks plugin API {api}, this maidan-nix speaks {own}",
            origin=_origin(source),
            api=source.api,
            own=API_VERSION,
        )
        raise MaidanError(Problem((), message, hint="install matching releases of both", plugin=full_name))
    with guarded(full_name, "be imported"):
        module = importlib.import_module(source.module)
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(Specification)
        manager.register(module, full_name)
        manager.check_pending()
        implementations = manager.hook.maidan_plugin.get_hookimpls()
        if not implementations:
            raise TypeError(say("{module} implements no maidan_plugin() with @hookimpl", module=source.module))
        return _identified(implementations[0].function(), full_name)


@contextmanager
def guarded(full_name: str, doing: str) -> Iterator[None]:
    """Run a plugin's code: whatever it raises, or more than `TIME_LIMIT` seconds, becomes an error that names it.

    A plugin that wants to end the program (`SystemExit`) has failed, too. Its own MaidanError goes through with its
    name on it. Code that was too slow has failed even if it comes to an end after all; code that catches everything and
    goes on ends the process a few seconds later, with the same message on standard error and exit code 1. Two things
    have no limit: code beside the main thread, which signals do not reach, and a single call of a function written in
    C that does not look for signals.
    """
    message = say("the plugin took more than {limit:g} seconds to {doing}", limit=TIME_LIMIT, doing=phrase(doing))
    too_slow = Problem((), message, hint="report it to the plugin's author", plugin=full_name)
    try:
        with _time_limit(too_slow):
            yield
    except MaidanError as error:
        if all(problem.plugin for problem in error.problems):
            raise
        named = (problem if problem.plugin else replace(problem, plugin=full_name) for problem in error.problems)
        raise MaidanError(named, error.exit_code) from error
    except _Expired:
        raise MaidanError(too_slow) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a plugin raises, and however it ends, it has failed
        message = say(
            "the plugin failed to {doing}: {kind}: {error}",
            doing=phrase(doing),
            kind=type(error).__name__,
            error=_said(error),
        )
        hint = "run again with --debug for the traceback, and report it to the plugin's author"
        raise MaidanError(Problem((), message, hint=hint, plugin=full_name)) from error


class _Expired(BaseException):
    """The time is up. No Exception, so that a plugin that goes on whatever happens does not catch it."""


@contextmanager
def _time_limit(too_slow: Problem) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only; commands run there
        return
    signals = 0

    def expired(_signal: int, _frame: FrameType | None) -> None:
        nonlocal signals
        signals += 1
        if signals >= _SIGNALS:
            _end(too_slow)
        raise _Expired

    before = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT, _AGAIN)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if signals:  # whatever became of the exception
                raise _Expired
    finally:  # once more, as the first signal may come at the very end
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _end(too_slow: Problem) -> NoReturn:
    """End the process from within a plugin that cannot be stopped. Plugins run before anything is written."""
    from maidan_nix.language import Language
    from maidan_nix.manifest.report import format_problems

    lines = format_problems([too_slow], None, language=Language.of_environment())
    # Not through sys.stderr, which the plugin may be in the middle of writing to.
    with suppress(OSError):
        os.write(2, "".join(f"{line}\n" for line in lines).encode())
    os._exit(ExitCode.FAILED)


def _said(error: BaseException) -> str:
    """What an error says of itself, still a message if it was given one."""
    return error.args[0] if len(error.args) == 1 and isinstance(error.args[0], Message) else str(error)


def _identified(plugin: object, full_name: str) -> Plugin[Any]:
    from maidan_nix.contract.needs import Need
    from maidan_nix.manifest.settings import Settings

    if not isinstance(plugin, Plugin):
        raise TypeError(say("maidan_plugin() returned {kind}, not a Plugin", kind=type(plugin).__name__))
    missing = [fact for fact in _FACTS if not isinstance(getattr(plugin, fact, None), str)]
    missing += [] if _is_kind(getattr(plugin, "settings", None), Settings) else ["settings"]
    if missing:
        raise TypeError(say("the plugin lacks {names}", names=", ".join(missing)))
    if not _is_tuple(plugin.provides, lambda kind: _is_kind(kind, Need)):
        raise TypeError(say("the plugin's provides is not a tuple of kinds of need"))
    if not _is_tuple(plugin.conflicts, lambda name: isinstance(name, str)):
        raise TypeError(say("the plugin's conflicts is not a tuple of names"))
    if plugin.floor == "services" and "host" in plugin.settings.model_fields:
        raise TypeError(say("the plugin has a setting 'host', which is reserved for the host that a service runs on"))
    if plugin.full_name() != full_name:
        raise TypeError(say("the plugin calls itself {name}", name=plugin.full_name()))
    return plugin


def _is_kind(value: object, kind: type) -> bool:
    return isinstance(value, type) and issubclass(value, kind)


def _is_tuple(value: object, fits: Callable[[object], bool]) -> bool:
    return isinstance(value, tuple) and all(map(fits, value))


_FACTS = ("name", "floor", "title", "summary", "upstream", "licence")


def _in_tree() -> Iterator[Source]:
    package = importlib.import_module(IN_TREE)
    for floor in FLOORS:
        for root in package.__path__:
            with os.scandir(os.path.join(root, floor)) as entries:
                for entry in entries:
                    if os.path.isfile(os.path.join(entry.path, "__init__.py")):
                        yield Source(f"{floor}/{entry.name}", f"{IN_TREE}.{floor}.{entry.name}")


def _third_party() -> Iterator[Source]:
    """The plugins of other distributions, by name.

    A distribution that stands on the path twice counts once, as it does for Python's own look-up. One that brings a
    plugin for several versions of the API means the one that is spoken here.
    """
    chosen: dict[tuple[str, str], Source] = {}
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        if ENTRY_POINT_GROUP not in (distribution.read_text("entry_points.txt") or ""):
            continue
        name, version = str(distribution.metadata["Name"]), str(distribution.metadata["Version"] or "")
        if name in seen:
            continue
        seen.add(name)
        try:
            points = [point for point in distribution.entry_points if point.group.startswith(ENTRY_POINT_GROUP)]
        except (TypeError, ValueError) as error:  # a line without an equals sign
            raise MaidanError(
                Problem((), say("the entry_points.txt of {name} cannot be read: {error}", name=name, error=error))
            ) from error
        for point in points:
            full_name = point.name.replace(".", "/", 1)
            source = Source(full_name, point.value, name, version, point.group.removeprefix(ENTRY_POINT_GROUP))
            held = chosen.get((name, full_name))
            if held is None or held.api != str(API_VERSION):
                chosen[name, full_name] = source
    yield from sorted(chosen.values(), key=lambda source: (source.full_name, source.distribution))


def _origin(source: Source) -> str:
    if not source.distribution:
        return say("maidan-nix itself")
    return say("{distribution} {version}", distribution=source.distribution, version=source.version)
