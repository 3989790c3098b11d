"""What a plugin says of itself, held against the forms that lists, licences and documents need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from maidan_nix.contract.needs import Need
from maidan_nix.findings import Finding
from maidan_nix.findings.kinds import kind_faults
from maidan_nix.manifest.forms import Form
from maidan_nix.manifest.setting_info import is_union, members
from maidan_nix.manifest.settings import Settings, infos
from maidan_nix.manifest.settings_faults import settings_faults
from maidan_nix.messages import say
from maidan_nix.plugins import guarded, known
from maidan_nix.problems import Problem
from maidan_nix.testing.subject import Subject

_SPDX = re.compile(r"\(*[A-Za-z0-9.-]+\+?\)*( (AND|OR|WITH) \(*[A-Za-z0-9.-]+\+?\)*)*\Z")
_WITHOUT_VERSION = re.compile(r"\b((?:A|L)?GPL-[0-9.]+|GFDL-[0-9.]+)(?![0-9.]|-only|-or-later|-invariants|-no-inv)")
"""Identifiers that SPDX has withdrawn, as they leave open whether a later version may be chosen."""
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
THIRD_PARTY_RANK = 1000


def facts(subject: Subject) -> Iterator[Problem]:
    """Title, summary, upstream and licence."""
    plugin = subject.plugin
    for fact, text in (("title", plugin.title), ("summary", plugin.summary)):
        if not text.strip() or not text.isprintable():
            yield subject.problem(say("its {fact} is not one line of text", fact=fact))
    if plugin.summary.endswith("."):
        yield subject.problem(say("its summary ends with a full stop"), say("one sentence without"))
    if not plugin.upstream.startswith("https://"):
        yield subject.problem(say("its upstream is no https address"))
    withdrawn = _WITHOUT_VERSION.search(plugin.licence)
    if not _SPDX.match(plugin.licence):
        message = say("its licence '{licence}' is no SPDX expression", licence=plugin.licence)
        yield subject.problem(
            message, say("an identifier such as MIT or AGPL-3.0-or-later, see https://spdx.org/licenses")
        )
    elif withdrawn:
        message = say("its licence '{licence}' does not say whether later versions count", licence=plugin.licence)
        yield subject.problem(message, say("{licence}-only or {licence}-or-later", licence=withdrawn[1]))


def kinds(subject: Subject) -> Iterator[Problem]:
    """The kinds of need that a plugin brings along, and those that it serves across hosts."""
    plugin = subject.plugin
    for kind in plugin.across_hosts:
        if kind not in plugin.provides:
            message = say("it serves {kind} across hosts, and does not provide it", kind=kind.__name__)
            yield subject.problem(message, hint=say("name the kind in provides, too"))
    source = known().get(subject.name)
    if source is None or not source.distribution:
        return
    for kind in (*plugin.provides, *{type(need): None for need in _needs(subject)}):
        if not kind.__module__.startswith("maidan_nix.") and kind.rank < THIRD_PARTY_RANK:
            message = say("its kind of need {kind} has the rank {rank}", kind=kind.__name__, rank=kind.rank)
            yield subject.problem(message, say("{rank} or more", rank=THIRD_PARTY_RANK))


def _needs(subject: Subject) -> Iterator[Need[Any]]:
    for _, planned, _ in subject.configured():
        yield from planned.needs


def settings(subject: Subject) -> Iterator[Problem]:
    """Each setting is described, and a plain number has a unit."""
    with guarded(subject.name, "have its settings read"):
        faults = settings_faults(subject.plugin.settings)
    yield from map(subject.problem, faults)
    for where in dict.fromkeys(_without_unit(subject.plugin.settings)):
        message = say("{setting} is a plain number without a unit", setting=where)
        yield subject.problem(message, hint=say("say the unit in setting(), or take a type such as api.Duration"))


def _without_unit(kind: type[Settings]) -> Iterator[str]:
    known_settings = infos(kind)
    for name, field in kind.model_fields.items():
        info = known_settings.get(name)
        for member in members(field.annotation):
            if isinstance(member, type) and issubclass(member, Settings):
                yield from _without_unit(member)
        # A port has a form of its own, which says what it is.
        has_form = any(isinstance(each, Form) for each in field.metadata)
        if info is not None and not info.unit and not has_form and _is_plain_number(field.annotation):
            yield f"{kind.__name__}.{name}"


def _is_plain_number(annotation: Any) -> bool:
    if is_union(annotation):
        return any(map(_is_plain_number, get_args(annotation)))
    if get_origin(annotation) is Annotated:
        number, *more = get_args(annotation)
        return number in (int, float) and not any(isinstance(each, Form) for each in more)
    return annotation in (int, float)


def findings(subject: Subject) -> Iterator[Problem]:
    """What a plugin finds has a name that documents and programs can use, says the way out, and is explained."""
    found: dict[Finding, None] = {}
    for _, planned, _ in subject.configured():
        with guarded(subject.name, "say what it found"):
            found.update(dict.fromkeys(planned.plugin.findings(planned.context)))
    for finding in found:
        if not _ID.match(finding.id):
            message = say("its finding '{finding}' has no name of small letters and hyphens", finding=finding.id)
            yield subject.problem(message, say("a name such as signups-open"))
        if not finding.message.strip() or finding.message.endswith("."):
            message = say("the message of its finding '{finding}' is empty or has a full stop", finding=finding.id)
            yield subject.problem(message)
        if not finding.way_out.strip():
            yield subject.problem(say("its finding '{finding}' says no way out", finding=finding.id))
    yield from kind_faults(subject.plugin, found)
