"""A service whose database is on another host: it takes a password there, and has to be told where it is."""

from __future__ import annotations

from collections.abc import Iterator

from maidan_nix.contract.needs import Database
from maidan_nix.messages import phrase, say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.testing.example import EXAMPLE_HOST, away
from maidan_nix.testing.subject import Subject
from maidan_nix.testing.walk import expressions

_SERVICES = "services/"


def databases(subject: Subject) -> Iterator[Problem]:
    """A service that asks for a database reads the password where there is one."""
    asks = any(isinstance(need, Database) for _, planned, _ in subject.configured() for need in planned.needs)
    if not asks or not subject.name.startswith(_SERVICES):  # everything else is on every host, and shares its own
        return
    try:
        generated = subject.generate(away(subject.plugin, Database))
    except MaidanError as error:
        for problem in error.problems:
            message = say("with its database on another host: {problem}", problem=phrase(problem.message))
            yield subject.problem(message, hint=problem.hint)
        return
    planned = generated.plan.hosts[EXAMPLE_HOST][subject.name]
    used = set(expressions(generated.configured[EXAMPLE_HOST][subject.name].options))
    for need in planned.needs:
        if not isinstance(need, Database):
            continue
        password = planned.grants[need].password
        if password is not None and planned.grants[password].path not in used:
            yield subject.problem(
                say("its database '{name}' has a password on another host, and it does not read it", name=need.name),
                hint=say(
                    "where {grant} is no None, give the program {path}",
                    grant="grants[DATABASE].password",
                    path="grants[grants[DATABASE].password].path",
                ),
            )
