"""Asks for settings one by one, and holds each answer against the manifest's own validation at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.editing.judgement import NO_VALUE, near, parse_value, problems_of_settings
from maidan_nix.editing.values import MISSING, value_at, with_value
from maidan_nix.initial.setting import is_array, proposal, sentences
from maidan_nix.manifest.settings import Settings
from maidan_nix.messages import say
from maidan_nix.problems import KeyPath, MaidanError, Problem

T = TypeVar("T")


class Asks(Protocol):
    """Whoever asks: a terminal, or a test."""

    def explain(self, *sentences: str, plugin: str = "") -> None:
        """Say something; `plugin` is the full name of the one that it comes from."""

    def ask(self, question: str, check: Callable[[str], T], *, default: str | None = None) -> T:
        """Ask until `check` takes the answer."""

    def yes(self, question: str, *, default: bool) -> bool:
        """Ask a question for yes or no."""


@dataclass(slots=True)
class Interview:
    """A manifest that grows by answers. `given` are the values that were answered, in order."""

    asks: Asks
    values: dict[str, Any]
    given: list[tuple[KeyPath, Any]] = field(default_factory=list)

    def has(self, *path: str) -> bool:
        """Whether there is a value at a path already."""
        return value_at(self.values, path) is not MISSING

    def take(self, path: KeyPath, value: Any) -> None:
        """Put an answer in its place."""
        self.values = with_value(self.values, path, value)
        self.given.append((path, value))

    def setting(
        self,
        path: KeyPath,
        kind: type[Settings],
        question: str,
        *,
        default: str | None = None,
        more: Iterable[str] = (),
        also: Callable[[Any], Problem | None] = lambda _: None,
    ) -> None:
        """Ask for one setting, unless it has a value: what it is, what else to say, and the question.

        `also` says what is wrong with a value that is valid by its form.
        """
        if value_at(self.values, path) is not MISSING:
            return
        name = str(path[-1])
        if default is None:
            default = proposal(kind, name, self.values) or None
            if default is not None and self._problems(path, default):
                default = None
        plugin = "/".join(map(str, path[:2])) if path[0] in FLOORS else ""
        self.asks.explain("", *sentences(kind, name), *more, plugin=plugin)
        arrays = is_array(kind, name)

        def check(word: str) -> Any:
            value = self.read(path, word, array=arrays)
            problem = also(value)
            if problem is not None:
                raise MaidanError(problem)
            return value

        self.take(path, self.asks.ask(question, check, default=default))

    def read(self, path: KeyPath, word: str, *, array: bool = False) -> Any:
        """Make of a typed word the value that the setting accepts. Raises MaidanError with what is wrong."""
        candidates: list[Any] = [word]
        if array:
            candidates = [[each for each in word.replace(",", " ").split() if each]]
        value = parse_value(word)
        if value is not NO_VALUE and not isinstance(value, str):
            candidates.append(value)
        found = [self._problems(path, candidate) for candidate in candidates]
        for candidate, problems in zip(candidates, found, strict=True):
            if not problems:
                return candidate
        raise MaidanError(found[0])

    def _problems(self, path: KeyPath, value: Any) -> list[Problem]:
        return near(problems_of_settings(with_value(self.values, path, value)), path)


def host_question(interview: Interview, path: KeyPath) -> None:
    """Ask which host a service runs on, where there are several."""
    hosts = interview.values.get("hosts")
    names = list(hosts) if isinstance(hosts, Mapping) else []
    if len(names) < 2 or interview.has(*map(str, path), "host"):
        return
    interview.asks.explain(
        "", say("Each service runs on one host."), say("The hosts are {names}.", names=", ".join(names))
    )
    question = say("Host of {service}", service=path[-1])
    place = (*path, "host")
    interview.take(place, interview.asks.ask(question, lambda word: interview.read(place, word)))
