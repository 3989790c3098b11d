"""Answers that come without a conversation: a file in the shape of the manifest, and options of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maidan_nix.editing.judgement import near, problems_of_settings, read_word
from maidan_nix.editing.keys import parse_key
from maidan_nix.editing.values import MISSING, value_at, with_value
from maidan_nix.initial.machine import read_key_file
from maidan_nix.initial.naming import plugin_named
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.plugins import known
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem, dotted

COMMUNITY_OPTIONS: Mapping[str, KeyPath] = {
    "--name": ("community", "name"),
    "--domain": ("community", "domain"),
    "--contact": ("community", "contact"),
    "--time-zone": ("community", "time_zone"),
    "--locale": ("community", "locale"),
    "--preset": ("privacy", "preset"),
}
HOST_OPTIONS: Mapping[str, KeyPath] = {
    "--system": ("system",),
    "--firmware": ("boot", "firmware"),
    "--disk": ("disk", "device"),
    "--interface": ("network", "interface"),
    "--ipv4": ("network", "ipv4"),
    "--ipv4-gateway": ("network", "ipv4_gateway"),
    "--ipv6": ("network", "ipv6"),
    "--ipv6-gateway": ("network", "ipv6_gateway"),
}
_KEY_TYPES = ("ssh-", "sk-ssh-", "ecdsa-", "sk-ecdsa-")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `plain` holds the options of one value by name, only those given."""

    plain: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    stewards: tuple[str, ...] = ()
    """``NAME=KEYFILE`` or ``NAME=KEY``."""
    resolvers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """``KEY=VALUE``, of the whole manifest."""


@dataclass(slots=True)
class Answers:
    """Values, and where those that came from an option are from.

    `in_file` is what the file of answers called `file` says. `blocked` are problems of values that were there first
    and leave no place for what an option says.
    """

    values: dict[str, Any]
    origin: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    file: str = ""
    in_file: Mapping[str, Any] = field(default_factory=dict)
    blocked: list[Problem] = field(default_factory=list)

    def take(self, path: KeyPath, value: Any, option: str) -> None:
        """Put in the value of an option. What is there already with another value stays, and is a problem."""
        there = value_at(self.values, path)
        if there is not MISSING and path not in self.origin and there != value:
            if value_at(self.in_file, path) is not MISSING:
                message = say("{option}: {file} says another {key}", option=option, file=self.file, key=dotted(path))
                hint = say("leave one of the two out")
            else:
                message = say("{option}: the manifest has another {key} already", option=option, key=dotted(path))
                hint = say("change it with: maidan-nix set {key} VALUE", key=dotted(path))
            self.problems.append(Problem((), message, hint=hint))
            return
        try:
            self.values = with_value(self.values, path, value)
        except LookupError:
            cause = self._in_the_way(path)
            if cause:
                self.blocked += [each for each in cause if each not in self.blocked]
                return
            message = say("{option}: {key} does not go with the rest", option=option, key=dotted(path))
            self.problems.append(Problem((), message))
            return
        self.origin[path] = option

    def _in_the_way(self, path: KeyPath) -> list[Problem]:
        """What is wrong with a value that was there first, and is no table where this path needs one."""
        for length in range(1, len(path)):
            above = path[:length]
            there = value_at(self.values, above)
            if there is not MISSING and not isinstance(there, Mapping) and above not in self.origin:
                return [each for each in problems_of_settings(self.values) if each.path == above]
        return []

    def place(self, problem: Problem) -> Problem:
        """The problem as one of the option that its value came by; as it is where it came by none."""
        for length in range(len(problem.path), 0, -1):
            option = self.origin.get(problem.path[:length])
            if option is not None:
                message = say("{option}: {message}", option=option, message=problem.message)
                return Problem((), message, problem.expected, problem.hint, problem.plugin)
        return problem


def with_options(
    values: Mapping[str, Any], options: Options, file: str = "", in_file: Mapping[str, Any] | None = None
) -> Answers:
    """Add what the command line says to values that are there, those of a file of answers among them.

    Problems are collected, not raised.
    """
    answers = Answers(dict(values), file=file, in_file=in_file or {})
    for option, path in COMMUNITY_OPTIONS.items():
        if option in options.plain:
            answers.take(path, options.plain[option], option)
    _stewards(answers, options.stewards)
    _host(answers, options)
    for name in options.services:
        try:
            floor, short = plugin_named(name, [each for each in known() if each.startswith("services/")]).split("/")
        except MaidanError as error:
            answers.problems += [_prefixed("--service", each) for each in error.problems]
            continue
        if value_at(answers.values, (floor, short)) is MISSING:
            answers.take((floor, short), {}, "--service")
            del answers.origin[floor, short]
    for setting in options.settings:
        _setting(answers, setting)
    return answers


def _stewards(answers: Answers, stewards: Iterable[str]) -> None:
    keys: dict[str, list[str]] = {}
    for steward in stewards:
        name, equals, source = steward.partition("=")
        if not equals or not source:
            message = say("--steward: {given} is not NAME=KEYFILE", given=quoted(steward))
            answers.problems.append(Problem((), message, hint="the file is the public half, such as id_ed25519.pub"))
            continue
        try:
            found = [source] if source.startswith(_KEY_TYPES) else read_key_file(Path(source))
        except MaidanError as error:
            answers.problems += [_prefixed("--steward", each) for each in error.problems]
            continue
        keys.setdefault(name, []).extend(found)
    for name, lines in keys.items():
        answers.take(("stewards", name), {"ssh_keys": lines}, "--steward")


def _host(answers: Answers, options: Options) -> None:
    given: list[tuple[str, KeyPath, Any]] = [
        (option, path, options.plain[option]) for option, path in HOST_OPTIONS.items() if option in options.plain
    ]
    if options.resolvers:
        given.append(("--resolver", ("network", "resolvers"), list(options.resolvers)))
    hosts = answers.values.get("hosts")
    names = list(hosts) if isinstance(hosts, Mapping) else []
    name = options.host or (names[0] if len(names) == 1 else "")
    if not name:
        for option, _, _ in given:
            answers.problems.append(Problem((), say("{option}: of which host?", option=option), hint="add --host NAME"))
        return
    if options.host and options.host not in names:
        answers.take(("hosts", name), {}, "--host")
    for option, path, value in given:
        answers.take(("hosts", name, *path), value, option)


def _setting(answers: Answers, setting: str) -> None:
    key, equals, word = setting.partition("=")
    if not equals:
        message = say("--set: {given} is not KEY=VALUE", given=quoted(setting))
        answers.problems.append(Problem((), message))
        return
    try:
        path = parse_key(key.strip())
    except MaidanError as error:
        answers.problems += [_prefixed("--set", each) for each in error.problems]
        return

    def problems_with(value: Any) -> list[Problem]:
        try:
            return near(problems_of_settings(with_value(answers.values, path, value)), path)
        except LookupError:
            return []

    answers.take(path, read_word(word, problems_with).value, f"--set {key.strip()}")


def _prefixed(option: str, problem: Problem) -> Problem:
    message = say("{option}: {message}", option=option, message=problem.message)
    return Problem((), message, problem.expected, problem.hint)


def missing_options(values: Mapping[str, Any]) -> list[str]:
    """The options that would give what a manifest cannot do without, in the order of the questions."""
    from maidan_nix.initial.setting import required
    from maidan_nix.plugins import load

    options = [
        option
        for option, path in COMMUNITY_OPTIONS.items()
        if option in ("--name", "--domain", "--contact") and value_at(values, path) is MISSING
    ]
    if not values.get("stewards"):
        options.append("--steward NAME=KEYFILE")
    hosts = values.get("hosts")
    if not hosts:
        options += ["--host", "--disk", "--interface"]
    for host in hosts if isinstance(hosts, Mapping) else ():
        for option in ("--disk", "--interface"):
            path: KeyPath = ("hosts", host, *HOST_OPTIONS[option])
            if value_at(values, path) is MISSING:
                # The options of a host are those of one alone.
                options.append(option if hosts and len(hosts) == 1 else f"--set {dotted(path)}=VALUE")
    services = values.get("services")
    for name, table in (services if isinstance(services, Mapping) else {}).items():
        if f"services/{name}" in known() and isinstance(table, Mapping):
            needed = required(load(f"services/{name}").settings)
            options += [f"--set services.{name}.{each}=VALUE" for each in needed if each not in table]
    return list(dict.fromkeys(options))


def refuse(problems: Iterable[Problem], exit_code: ExitCode = ExitCode.USAGE) -> None:
    """Raise problems, if there are any."""
    found = tuple(dict.fromkeys(problems))
    if found:
        raise MaidanError(found, exit_code)
