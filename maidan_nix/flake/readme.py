"""The README of the community's own flake, for the stewards who live with it.

The text is ``templates/README.md``, with a ``$name`` where the tables of the plan belong (``$$`` is a dollar sign).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from string import Template
from typing import TypeAlias

from maidan_nix.contract.needs import Outgoing, Port, Site
from maidan_nix.findings import Finding
from maidan_nix.flake.secret_rules import WantedSecret
from maidan_nix.manifest.schema import Host, Steward, secret_recipients
from maidan_nix.manifest.sections import Manifest
from maidan_nix.plan.planned import Plan

Row: TypeAlias = tuple[str, ...]
"""The cells of a line of a table. They are Markdown: other text has gone through `markdown_text` or `markdown_code`."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#!|&~])")
_SSH = "hardening/ssh"
_NO_SSH = f"""
No host can be reached over SSH, since `{_SSH}` is disabled. Bring this folder to the host and, at its console, run
`sudo nixos-rebuild test --flake .#HOST` and `sudo nixos-rebuild switch --flake .#HOST`.
"""
_SSH_PORT = """
SSH listens on port {port}: put `NIX_SSHOPTS='-p {port}'` before `nixos-rebuild`, and write `ssh -p {port}` and
`scp -P {port}` where this page says `ssh` and `scp`.
"""
_STAGING = """
Certificates come from the certificate authority's *staging* service at first, which browsers do not trust: that keeps
mistakes from using up the real service's limits. When every address answers, write this into `community.toml`,
generate, commit and switch:

    [{table}]
    {setting} = false
"""
_LINKABLE = re.compile(r"[a-z0-9.-]+\Z")


def render_readme(
    plan: Plan, manifest: Manifest, wanted: tuple[WantedSecret, ...], findings: Iterable[Finding] = ()
) -> bytes:
    """Render README.md from the plan: hosts, addresses, ports, outgoing connections, secrets, and life with them.

    Of what plugins found, the README speaks of certificates that are not in earnest yet.
    """
    template = Template(resources.files("maidan_nix.flake").joinpath("templates/README.md").read_text("utf-8"))
    hosts = _table(("Host", "Processor", "Disk"), _hosts(manifest.hosts))
    sites = sorted(set(_sites(plan)))
    addresses = [_table(("Address", "What", "Host"), sites)] if sites else []
    return template.substitute(
        community=markdown_text(manifest.community.name),
        hosts_and_addresses="\n\n".join([hosts, *addresses]),
        ports=_open(tuple(_ports(plan))),
        outgoing=_outward(tuple(_outgoing(plan))),
        encrypt_key=_encrypt_key(manifest.stewards),
        ssh=_ssh(plan, manifest),
        staging=_staging(findings),
        check=_check(manifest.hosts),
        secrets=_table(("File", "Holds", "For", "Hosts"), _secrets(wanted)),
        stewards=markdown_text(", ".join(manifest.stewards)),
    ).encode()


def markdown_text(text: str) -> str:
    """Escape a text so that Markdown shows it as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def markdown_code(text: str) -> str:
    """Set a text in the letters of a program, on one line, in a table too."""
    line = " ".join(text.split())
    if not line or "`" in line:
        return markdown_text(line)
    cell = line.replace("|", r"\|")
    return f"`{cell}`"


def _open(ports: tuple[Row, ...]) -> str:
    if not ports:
        return "No port is open: everything that comes in is dropped."
    heading = ("Host", "Port", "Open to everyone because", "Asked for by")
    return f"{_table(heading, ports)}\n\nEverything else is dropped."


def _outward(connections: tuple[Row, ...]) -> str:
    if not connections:
        return "Outward, a service reaches only this machine itself."
    heading = ("Host", "Unit", "May reach", "Why")
    return f"Outward, a service reaches only this machine itself, but for these:\n\n{_table(heading, connections)}"


def _encrypt_key(stewards: Mapping[str, Steward]) -> str:
    """The command that encrypts a host's key to every steward, as lines of a block in a list."""
    recipients = [" ".join(each.split()[:2]) for _, one in sorted(stewards.items()) for each in secret_recipients(one)]
    lines = ("age", *(f"  -r {shlex.quote(each)}" for each in recipients))
    command = " \\\n".join((*lines, "  -o ../HOST-key.age ../keys-HOST/etc/ssh/ssh_host_ed25519_key"))
    return "\n".join(f"{' ' * 7}{line}" for line in command.splitlines())


def _ssh(plan: Plan, manifest: Manifest) -> str:
    """What is to be known about the way in, where it is not the usual one."""
    if _SSH in manifest.disabled:
        return _NO_SSH
    ports = {
        planned.grants[need].number
        for members in plan.hosts.values()
        for name, planned in members.items()
        for need in planned.needs
        if name == _SSH and isinstance(need, Port)
    }
    return "".join(_SSH_PORT.format(port=port) for port in sorted(ports - {22}))


def _staging(findings: Iterable[Finding]) -> str:
    for finding in findings:
        if finding.id == "certificates-staging":
            table, _, setting = finding.subject.rpartition(".")
            return _STAGING.format(table=table, setting=setting)
    return ""


def _check(hosts: Mapping[str, Host]) -> str:
    systems = {host.system for host in hosts.values()}
    if len(systems) == 1:
        return f"`nix build .#checks.{min(systems)}.HOST`"
    return "`nix build .#checks.PROCESSOR.HOST`, with the host's processor from the first table,"


def _table(heading: Row, rows: Iterable[Row]) -> str:
    lines = (heading, ("---",) * len(heading), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _hosts(hosts: Mapping[str, Host]) -> Iterator[Row]:
    for name, host in hosts.items():
        yield markdown_code(name), host.system, f"{markdown_code(host.disk.device)} (LUKS2, {host.disk.filesystem})"


def _sites(plan: Plan) -> Iterator[Row]:
    """Every host name that needs a DNS record; those with a page of their own as links."""
    for host, members in plan.hosts.items():
        for planned in members.values():
            for need in planned.needs:
                if isinstance(need, Site):
                    has_page = any(location.path == "/" for location in need.locations)
                    linked = has_page and _LINKABLE.match(need.hostname)
                    name = markdown_code(need.hostname)
                    address = f"<https://{need.hostname}/>" if linked else name if has_page else f"{name}, for programs"
                    yield address, markdown_text(planned.plugin.title), markdown_code(host)


def _ports(plan: Plan) -> Iterator[Row]:
    for host, members in plan.hosts.items():
        for name, planned in members.items():
            for need in planned.needs:
                if isinstance(need, Port) and need.open_to != "host":
                    number = planned.grants[need].number
                    purpose = markdown_text(need.purpose)
                    yield markdown_code(host), f"{number}/{need.protocol}", purpose, markdown_text(name)


def _outgoing(plan: Plan) -> Iterator[Row]:
    for host, members in plan.hosts.items():
        for planned in members.values():
            for need in planned.needs:
                if isinstance(need, Outgoing):
                    listed = markdown_text(", ".join(need.addresses))
                    reach = "the internet, no private networks" if need.to == "internet" else listed
                    yield markdown_code(host), markdown_code(need.unit), reach, markdown_text(need.reason)


def _secrets(wanted: Iterable[WantedSecret]) -> Iterator[Row]:
    for secret in wanted:
        file = markdown_code(f"secrets/{secret.name}.age")
        yield file, markdown_text(secret.content), markdown_text(secret.plugin), markdown_text(", ".join(secret.hosts))
