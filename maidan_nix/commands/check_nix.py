"""The part of ``maidan-nix check`` that asks Nix: ``--nix``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from maidan_nix.commands.console import Console
from maidan_nix.messages import count, listed, say
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean

if TYPE_CHECKING:
    from maidan_nix.evaluation.hosts import HostEvaluation
    from maidan_nix.flake_folder import Source
    from maidan_nix.manifest.report import ProblemRecord


class HostEvaluationRecord(TypedDict):
    """What Nix makes of one host: `derivation` is the path of its system, empty where Nix refuses.

    `problems` are as in every report of problems, `warnings` Nix's own sentences.
    """

    host: str
    evaluates: bool
    derivation: str
    problems: list[ProblemRecord]
    warnings: list[str]


class EvaluationResult(TypedDict):
    """What Nix makes of the hosts, with ``--nix``.

    `nixpkgs` is the path given, empty for what flake.lock pins; `stand_ins` names other inputs whose source was not at
    hand.
    """

    nixpkgs: str
    stand_ins: list[str]
    hosts: list[HostEvaluationRecord]


def evaluate(console: Console, source: Source, nixpkgs: Path | None, host: str) -> Evaluated:
    """Evaluate the hosts of what was generated, or the one that is named. Raises MaidanError where Nix cannot be asked.

    With ``--debug`` all that Nix says goes to standard error.
    """
    from maidan_nix.evaluation.hosts import evaluate_hosts, inputs_of
    from maidan_nix.evaluation.working_copy import working_copy
    from maidan_nix.plan.secrets import wanted_secrets

    hosts = tuple(source.generated.configured)
    if host and host not in hosts:
        problem = Problem((), say("no host is named '{host}'", host=host), listed(hosts), did_you_mean(host, hosts))
        raise MaidanError(problem, ExitCode.USAGE)
    inputs = inputs_of(nixpkgs)
    secrets = [secret.name for secret in wanted_secrets(source.generated.plan)]
    started = time.monotonic()
    with working_copy(source.root, source.tree, secrets) as copy, console.progress() as progress:
        evaluated = evaluate_hosts(
            copy,
            source.generated,
            (host,) if host else hosts,
            inputs,
            lambda name: progress(say("Nix evaluates {host}", host=name)),
        )
    console.took("evaluating", started)
    if console.debug:
        for one in evaluated:
            for line in one.words.splitlines():
                console.note(line)
    return Evaluated(str(nixpkgs or ""), inputs.stand_ins, tuple(evaluated))


class Evaluated:
    """What came of all hosts, and its two ways of being said."""

    def __init__(self, nixpkgs: str, stand_ins: tuple[str, ...], hosts: tuple[HostEvaluation, ...]) -> None:
        self.nixpkgs = nixpkgs
        self.stand_ins = stand_ins
        self.hosts = hosts

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What stands in the way of every host, each thing once."""
        return tuple(dict.fromkeys(problem for one in self.hosts for problem in one.problems))

    def as_json(self, console: Console) -> EvaluationResult:
        """Return the result for a program."""
        from maidan_nix.manifest.report import to_json

        return EvaluationResult(
            nixpkgs=self.nixpkgs,
            stand_ins=list(self.stand_ins),
            hosts=[
                HostEvaluationRecord(
                    host=one.host,
                    evaluates=not one.problems,
                    derivation=one.derivation,
                    problems=[
                        *to_json([each for each in one.problems if not each.path], None),
                        *to_json([each for each in one.problems if each.path], console.document),
                    ],
                    warnings=list(one.warnings),
                )
                for one in self.hosts
            ],
        )

    def report(self, console: Console) -> None:
        """Print what came of it: hosts that evaluate and warnings, then the problems."""
        for one in self.hosts:
            for warning in one.warnings:
                console.line(say("Nix warns, on the host {host}: {warning}", host=one.host, warning=warning))
        for one in self.hosts:
            if not one.problems:
                console.line(say("Nix evaluates {host}: {derivation}", host=one.host, derivation=one.derivation))
        for name in self.stand_ins:
            console.note(say("The source of {input} was not at hand: something simple stood in for it.", input=name))
        refused = sum(1 for one in self.hosts if one.problems)
        if refused:
            console.line(count("Nix refuses 1 host:", "Nix refuses {number} hosts:", number=refused))
        console.problems(self.problems)
