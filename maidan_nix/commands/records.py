"""Shapes that the JSON of several commands shares; what is said in them is English, whatever the language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from maidan_nix.findings import Finding


class FindingRecord(TypedDict):
    """One finding; `severity` is refuse, missing or advice. `way_out` says what to do."""

    id: str
    severity: str
    subject: str
    message: str
    way_out: str


def finding_records(findings: Iterable[Finding]) -> list[FindingRecord]:
    """Return findings as data for JSON."""
    return [
        FindingRecord(
            id=finding.id,
            severity=finding.severity,
            subject=finding.subject,
            message=finding.message,
            way_out=finding.way_out,
        )
        for finding in findings
    ]
