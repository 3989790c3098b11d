"""Evaluating the hosts of a flake with the real NixOS, as a build would, without building."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from maidan_nix.evaluation.blame import GeneratedHost, problem_of
from maidan_nix.evaluation.nix import Answer, NixFailure, evaluate, nix, path_literal, run, string_literal
from maidan_nix.evaluation.words import first_error, refusals
from maidan_nix.messages import say
from maidan_nix.problems import Problem

if TYPE_CHECKING:
    from maidan_nix.generation import Generated

NIX: Final = Path(__file__).parent
TIMEOUT: Final = 900.0
"""Seconds for one host; most of it is only needed where Nix first fetches what flake.lock pins."""
_MOST_WARNINGS: Final = 50


@dataclass(frozen=True, slots=True)
class HostEvaluation:
    """What came of one host: the path of the system's derivation, or what stands in its way; and Nix's warnings."""

    host: str
    derivation: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the hosts are evaluated with: a nixpkgs tree, and the sources of agenix and disko, where they are at hand.

    Without a `nixpkgs` the flake is evaluated with what its own flake.lock pins.
    """

    nixpkgs: Path | None = None
    agenix: Path | None = None
    disko: Path | None = None

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """The inputs that something else stands in for."""
        return tuple(name for name in ("agenix", "disko") if self.nixpkgs and getattr(self, name) is None)


def inputs_of(nixpkgs: Path | None, environment: dict[str, str] | None = None) -> Inputs:
    """Return the inputs: those besides nixpkgs are named by the variables MAIDAN_AGENIX and MAIDAN_DISKO."""
    from maidan_nix.evaluation.tree import nixpkgs_tree

    if nixpkgs is None:
        return Inputs()
    given = os.environ if environment is None else environment
    others = {
        name: Path(given[variable]).resolve()
        for name in ("agenix", "disko")
        if given.get(variable := f"MAIDAN_{name.upper()}")
    }
    return Inputs(nixpkgs_tree(nixpkgs), **others)


def evaluate_hosts(
    flake: Path,
    generated: Generated,
    hosts: Sequence[str],
    inputs: Inputs,
    progress: Callable[[str], None] = lambda _: None,
) -> list[HostEvaluation]:
    """Evaluate each host in the folder of a flake (see `working_copy`), one after the other; all are tried.

    Raises NixFailure when Nix could not be asked: there is none, it took too long, or what is pinned is not to be had.
    """
    done = []
    for host in hosts:
        progress(host)
        if inputs.nixpkgs is not None:
            answer = _with_paths(flake, host, inputs.nixpkgs, inputs)
        else:
            answer = _with_lock(flake, host)
        done.append(_judged(answer, _known(flake, generated, host)))
    return done


def _with_paths(flake: Path, host: str, nixpkgs: Path, inputs: Inputs) -> Answer:
    given = {"flake": flake, "nixpkgs": nixpkgs, "agenix": inputs.agenix, "disko": inputs.disko}
    paths = {name: path for name, path in given.items() if path is not None}
    arguments = " ".join(f"{name} = {path_literal(path)};" for name, path in paths.items())
    expression = f"import {path_literal(NIX / 'host.nix')} {{ {arguments} host = {string_literal(host)}; }}"
    return evaluate(expression, [*paths.values(), NIX], timeout=TIMEOUT)


def _with_lock(flake: Path, host: str) -> Answer:
    attribute = f"nixosConfigurations.{string_literal(host)}.config.system.build.toplevel.drvPath"
    options = ["--json", "--show-trace", "--no-write-lock-file", "--option", "allow-import-from-derivation", "false"]
    # In that folder, since its own path could have what means something in a URL: '#', '?', '%' or a space.
    command = [*nix("nix-command", "flakes"), "eval", f"path:.#{attribute}", *options]
    answer = run(command, timeout=TIMEOUT, folder=flake)
    if not answer.accepted:
        found = refusals(answer.words)
        if not found or found[0].kind == "download":
            error = first_error(answer.words)
            message = say("what flake.lock pins is not in the Nix store, and was not to be had: {error}", error=error)
            hint = say(
                "run '{command}' in the flake while you are online, or give a nixpkgs with --nixpkgs PATH",
                command="nix flake archive",
            )
            raise NixFailure(Problem((), message, hint=hint), answer.words)
    return answer


def _known(flake: Path, generated: Generated, host: str) -> GeneratedHost:
    named = generated.manifest.plugins
    return GeneratedHost(
        host,
        flake,
        {name: one.options for name, one in generated.configured[host].items()},
        {name: section.path for name, section in named.items()},
        {path: file.plugin for path, file in generated.tree.items() if file.ownership != "once"},
    )


def _judged(answer: Answer, known: GeneratedHost) -> HostEvaluation:
    warnings = _warnings(answer.words)
    if answer.accepted:
        try:
            return HostEvaluation(known.name, str(json.loads(answer.output)), (), warnings, answer.words)
        except ValueError as error:
            raise NixFailure(Problem((), say("Nix answered something else than was asked")), answer.words) from error
    found = refusals(answer.words)
    if not found:
        message = say("Nix failed on the host {host}: {error}", host=known.name, error=first_error(answer.words))
        raise NixFailure(Problem((), message, hint="--debug shows all that it says"), answer.words)
    problems = dict.fromkeys(problem_of(each, known) for each in found)
    return HostEvaluation(known.name, "", tuple(problems), warnings, answer.words)


def _warnings(words: str) -> tuple[str, ...]:
    found = re.findall(r"^(?:trace: warning|evaluation warning|trace: evaluation warning): (.+)", words, re.MULTILINE)
    return tuple(dict.fromkeys(" ".join(each.split()) for each in found))[:_MOST_WARNINGS]
