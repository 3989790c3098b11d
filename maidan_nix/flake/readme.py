"""The README of the community's own flake, for the stewards who live with it.

The text is ``templates/README.md``, with a ``$name`` where the tables of the plan belong (``$$`` is a dollar sign).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from string import Template
from typing import TypeAlias

from maidan_nix.contract.needs import Outgoing, Port, Site
from maidan_nix.flake.secret_rules import WantedSecret
from maidan_nix.manifest.schema import Host
from maidan_nix.manifest.sections import Manifest
from maidan_nix.plan.planner import Plan

Row: TypeAlias = tuple[str, ...]
"""The cells of a line of a table. They are Markdown: free text has gone through `markdown_text`."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|&~-])")


def render_readme(plan: Plan, manifest: Manifest, wanted: tuple[WantedSecret, ...]) -> bytes:
    """Render README.md from the plan: hosts, addresses, ports, outgoing connections, secrets, and life with them."""
    template = Template(resources.files("maidan_nix.flake").joinpath("templates/README.md").read_text("utf-8"))
    hosts = _table(("Host", "Processor", "Disk"), _hosts(manifest.hosts))
    sites = sorted(set(_sites(plan)))
    addresses = [_table(("Address", "What", "Host"), sites)] if sites else []
    return template.substitute(
        community=markdown_text(manifest.community.name),
        hosts_and_addresses="\n\n".join([hosts, *addresses]),
        ports=_table(("Host", "Port", "Open to everyone because", "Asked for by"), _ports(plan)),
        outgoing=_table(("Host", "Unit", "May reach", "Why"), _outgoing(plan)),
        secrets=_table(("File", "Holds", "For", "Hosts"), _secrets(wanted)),
        stewards=", ".join(manifest.stewards),
    ).encode()


def markdown_text(text: str) -> str:
    """Escape a text so that Markdown shows it as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _table(heading: Row, rows: Iterable[Row]) -> str:
    lines = (heading, ("---",) * len(heading), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _hosts(hosts: Mapping[str, Host]) -> Iterator[Row]:
    for name, host in hosts.items():
        yield f"`{name}`", host.system, f"`{host.disk.device}` (LUKS2, {host.disk.filesystem})"


def _sites(plan: Plan) -> Iterator[Row]:
    """Every host name that needs a DNS record; those with a page of their own as links."""
    for host, members in plan.hosts.items():
        for planned in members.values():
            for need in planned.needs:
                if isinstance(need, Site):
                    has_page = any(location.path == "/" for location in need.locations)
                    address = f"<https://{need.hostname}/>" if has_page else f"`{need.hostname}`, for programs"
                    yield address, markdown_text(planned.plugin.title), f"`{host}`"


def _ports(plan: Plan) -> Iterator[Row]:
    for host, members in plan.hosts.items():
        for name, planned in members.items():
            for need in planned.needs:
                if isinstance(need, Port) and need.open_to != "host":
                    number = planned.grants[need].number
                    yield f"`{host}`", f"{number}/{need.protocol}", markdown_text(need.purpose), name


def _outgoing(plan: Plan) -> Iterator[Row]:
    for host, members in plan.hosts.items():
        for planned in members.values():
            for need in planned.needs:
                if isinstance(need, Outgoing):
                    listed = ", ".join(need.addresses)
                    reach = "the internet, no private networks" if need.to == "internet" else listed
                    yield f"`{host}`", f"`{need.unit}`", reach, markdown_text(need.reason)


def _secrets(wanted: Iterable[WantedSecret]) -> Iterator[Row]:
    for secret in wanted:
        file = f"`secrets/{secret.name}.age`"
        yield file, markdown_text(secret.content), secret.plugin, ", ".join(secret.hosts)
