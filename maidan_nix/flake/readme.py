"""The README of the community's own flake, for the stewards who live with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from maidan_nix.contract.needs import Outgoing, Port, Site
from maidan_nix.flake.secret_rules import WantedSecret
from maidan_nix.manifest.sections import Manifest
from maidan_nix.plan.planner import Plan

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|&~-])")


@dataclass(frozen=True, slots=True)
class OpenPort:
    """One line of the table of open ports."""

    host: str
    number: int
    protocol: str
    purpose: str
    plugin: str


def render_readme(plan: Plan, manifest: Manifest, wanted: tuple[WantedSecret, ...]) -> bytes:
    """Render README.md from the plan: hosts, addresses, open ports, outgoing connections, secrets, and the way to live
    with them.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("maidan_nix.flake"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # Markdown, not HTML: every free text goes through the filter `text`
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["text"] = markdown_text
    template = environment.get_template("README.md.j2")
    return template.render(
        community=manifest.community,
        hosts=manifest.hosts,
        stewards=manifest.stewards,
        plan=plan,
        sites=list(_sites(plan)),
        ports=list(_ports(plan)),
        outgoing=list(_outgoing(plan)),
        secrets=wanted,
    ).encode()


def markdown_text(text: str) -> str:
    """Escape a text so that Markdown shows it as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _sites(plan: Plan) -> Iterator[tuple[str, str, str]]:
    seen: dict[tuple[str, str, str], None] = {}
    for host, members in plan.hosts.items():
        for planned in members.values():
            for need in planned.needs:
                if isinstance(need, Site) and any(location.path == "/" for location in need.locations):
                    seen[need.hostname, planned.plugin.title, host] = None
    yield from sorted(seen)


def _ports(plan: Plan) -> Iterator[OpenPort]:
    for host, members in plan.hosts.items():
        for name, planned in members.items():
            for need in planned.needs:
                if isinstance(need, Port) and need.open_to != "host":
                    yield OpenPort(host, planned.grants[need].number, need.protocol, need.purpose, name)


def _outgoing(plan: Plan) -> Iterator[tuple[str, Outgoing, str]]:
    for host, members in plan.hosts.items():
        for name, planned in members.items():
            for need in planned.needs:
                if isinstance(need, Outgoing):
                    yield host, need, name
