"""A nixpkgs tree on this machine: whether a path is one, and which options it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from maidan_nix.evaluation.nix import NixFailure, evaluate, path_literal, string_literal
from maidan_nix.evaluation.words import first_error
from maidan_nix.messages import say
from maidan_nix.options.evaluated import Evaluated, read_answer
from maidan_nix.problems import ExitCode, MaidanError, Problem

OPTIONS_NIX: Final = Path(__file__).parents[1] / "options/options.nix"
TIMEOUT: Final = 300.0
"""Seconds for a whole nixpkgs; it takes a few, but a cold disk or a small machine has its time."""
_MOST_FAILURES: Final = 20
"""Options that may break the evaluation, one after the other, before we give up."""


def nixpkgs_tree(path: Path) -> Path:
    """Return the absolute path of a nixpkgs tree. Raises MaidanError when it is none."""
    absolute = path.absolute()
    wanted = ("lib", "nixos/lib/eval-config.nix", "nixos/modules/module-list.nix", "default.nix")
    try:
        missing = next((each for each in wanted if not (absolute / each).exists()), None)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is not a path"
        message = say("{path} cannot be read: {reason}", path=path, reason=reason)
        raise MaidanError(Problem((), message), ExitCode.USAGE) from None
    if missing is None:
        return absolute
    message = say("{path} is not a nixpkgs tree: it has no {file}", path=path, file=missing)
    hint = say("'{command}' prints the path of yours", command=METADATA)
    raise MaidanError(
        Problem((), message, expected="a checkout of nixpkgs, or its unpacked source", hint=hint), ExitCode.USAGE
    )


METADATA: Final = "nix flake metadata nixpkgs/nixos-26.05 --json | jq -r .path"


def options_of(
    nixpkgs: Path,
    modules: Sequence[Path] = (),
    *,
    timeout: float = TIMEOUT,
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluated:
    """Let Nix list the options of a nixpkgs tree and of further modules, all absolute paths.

    An option whose type breaks the evaluation, where Nix offers no way to go on, is listed without it on a further
    run. Raises MaidanError when Nix cannot be asked, or the tree does not evaluate.
    """
    broken: list[str] = []
    while True:
        answer = evaluate(
            _expression(nixpkgs, modules, broken),
            [nixpkgs, OPTIONS_NIX.parent, *modules],
            timeout=timeout,
            progress=progress,
        )
        if answer.accepted:
            break
        if not answer.last or answer.last in broken or len(broken) >= _MOST_FAILURES:
            message = say(
                "Nix cannot evaluate the options of {path}: {error}", path=nixpkgs, error=first_error(answer.words)
            )
            hint = "is the tree whole, and this Nix recent enough for it? --debug shows all that Nix says"
            raise NixFailure(Problem((), message, hint=hint), answer.words)
        broken.append(answer.last)
    try:
        return read_answer(answer.output, str(nixpkgs))
    except ValueError as error:
        message = say("Nix answered something else about {path} than was asked", path=nixpkgs)
        raise NixFailure(Problem((), message, hint="report it, with what --debug shows"), str(error)) from error


def _expression(nixpkgs: Path, modules: Sequence[Path], broken: Sequence[str]) -> str:
    listed = " ".join(map(path_literal, modules))
    unread = " ".join(map(string_literal, broken))
    return (
        f"import {path_literal(OPTIONS_NIX)} {{ nixpkgs = {path_literal(nixpkgs)};"
        f" modules = [ {listed} ]; unread = [ {unread} ]; }}"
    )
