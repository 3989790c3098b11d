"""The manifest: what is wrong with it, and what its findings say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from maidan_nix.diagnosis.flake import state_of
from maidan_nix.diagnosis.line import Line
from maidan_nix.findings import Finding
from maidan_nix.messages import phrase, say
from maidan_nix.problems import Problem, dotted


def check_manifest(name: str, problems: Iterable[Problem]) -> Iterator[Line]:
    """Every problem of a manifest that could not be used, or that it can."""
    problems = tuple(problems)
    for problem in problems:
        subject = name
        if problem.line:
            subject = f"{name}:{problem.line}:{problem.column}"
        elif problem.path:
            subject = dotted(problem.path)
        yield Line("manifest", "manifest", "wrong", subject, _message(problem), problem.hint)
    if not problems:
        yield Line("manifest", "manifest", "ok", name, say("it is valid"))


def _message(problem: Problem) -> str:
    if not problem.expected:
        return problem.message
    return say("{problem}, expected {expected}", problem=phrase(problem.message), expected=phrase(problem.expected))


def check_findings(findings: Iterable[Finding]) -> Iterator[Line]:
    """What generation found: the same as ``maidan-nix check`` lists."""
    findings = tuple(findings)
    for finding in findings:
        state = state_of(finding.severity)
        yield Line(finding.id, "manifest", state, finding.subject, finding.message, finding.way_out)
    if not findings:
        yield Line("findings", "manifest", "ok", "manifest", say("nothing is missing, and nothing is worth a thought"))
