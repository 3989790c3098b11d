"""The README of the community's own flake, for the stewards who live with it.

The text is ``templates/README.md``, with a ``$name`` where the tables of the plan belong (``$$`` is a dollar sign). It
is in the language of the community's own locale, never in that of the process: the bytes are the same everywhere.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import TypeAlias

from maidan_nix.contract.needs import Outgoing, Port, Relay, RemotePort, RemoteSocket, Site
from maidan_nix.findings import Finding
from maidan_nix.flake.vm_test import vm_tests
from maidan_nix.language import Language
from maidan_nix.manifest.schema import Host, Steward, secret_recipients
from maidan_nix.manifest.sections import Manifest
from maidan_nix.messages import Message, phrase, say, together
from maidan_nix.plan.login import ssh_ports
from maidan_nix.plan.planned import Plan
from maidan_nix.plan.secrets import WantedSecret

Row: TypeAlias = tuple[str, ...]
"""The cells of a line of a table. They are Markdown: other text has gone through `markdown_text` or `markdown_code`."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#!|&~])")
_LINKABLE = re.compile(r"[a-z0-9.-]+\Z")


def render_readme(
    plan: Plan, manifest: Manifest, wanted: tuple[WantedSecret, ...], findings: Iterable[Finding] = ()
) -> bytes:
    """Render README.md from the plan: hosts, addresses, ports, outgoing connections, secrets, and life with them.

    Of what plugins found, the README repeats what they advise; what is missing is `check`'s to say.
    """
    texts = _Texts(Language.of([manifest.community.locale]))
    sites = sorted(set(texts.sites(plan)))
    relays = tuple(texts.relays(plan))
    host = say("Host")
    addresses = [texts.table((say("Address"), say("What"), host), sites)] if sites else []
    hosts = texts.table((host, say("Processor"), say("Disk")), _hosts(manifest.hosts))
    return (
        texts.template()
        .substitute(
            community=markdown_text(manifest.community.name),
            hosts_and_addresses="\n\n".join([hosts, *addresses]),
            ports=texts.open(tuple(texts.ports(plan))),
            outgoing=texts.outward(tuple(texts.outgoing(plan))),
            crossing=texts.crossing(relays),
            encrypt_key=_encrypt_key(manifest.stewards),
            network_keys=texts.network_keys(relays),
            ssh=texts.ssh(plan),
            advice=texts.advice(findings),
            check=texts.check(manifest.hosts),
            vm_test=texts.vm_test(vm_tests(plan)),
            secrets=texts.table((say("File"), say("Holds"), say("For"), say("Hosts")), texts.secrets(wanted)),
            stewards=markdown_text(", ".join(manifest.stewards)),
        )
        .encode()
    )


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


def _encrypt_key(stewards: Mapping[str, Steward]) -> str:
    """The command that encrypts a host's key to every steward, as lines of a block in a list."""
    recipients = [" ".join(each.split()[:2]) for _, one in sorted(stewards.items()) for each in secret_recipients(one)]
    lines = ("age", *(f"  -r {shlex.quote(each)}" for each in recipients))
    command = " \\\n".join((*lines, "  -o ../HOST-key.age ../keys-HOST/etc/ssh/ssh_host_ed25519_key"))
    return "\n".join(f"{' ' * 7}{line}" for line in command.splitlines())


def _hosts(hosts: Mapping[str, Host]) -> Iterator[Row]:
    for name, host in hosts.items():
        yield markdown_code(name), host.system, f"{markdown_code(host.disk.device)} (LUKS2, {host.disk.filesystem})"


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is said of the plan, in one language."""

    language: Language

    def say(self, message: str, plugin: str = "") -> str:
        return self.language.text(message, plugin)

    def template(self) -> Template:
        folder = resources.files("maidan_nix.flake").joinpath("templates")
        translated = folder.joinpath(f"README.{self.language.code}.md")
        chosen = translated if self.language.code and translated.is_file() else folder.joinpath("README.md")
        return Template(chosen.read_text("utf-8"))

    def table(self, heading: Row, rows: Iterable[Row]) -> str:
        lines = (tuple(map(self.say, heading)), ("---",) * len(heading), *rows)
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

    def open(self, ports: tuple[Row, ...]) -> str:
        if not ports:
            return self.say(say("No port is open: everything that comes in is dropped."))
        heading = (say("Host"), say("Port"), say("Open to everyone because"), say("Asked for by"))
        dropped = self.say(say("Everything else is dropped."))
        return f"{self.table(heading, ports)}\n\n{dropped}"

    def outward(self, connections: tuple[Row, ...]) -> str:
        if not connections:
            return self.say(say("Outward, a service reaches only this machine itself."))
        heading = (say("Host"), say("Unit"), say("May reach"), say("Why"))
        but = self.say(say("Outward, a service reaches only this machine itself, but for these:"))
        return f"{but}\n\n{self.table(heading, connections)}"

    def crossing(self, relays: tuple[Row, ...]) -> str:
        """What one host reaches on another, with the empty lines around it; nothing where hosts share nothing."""
        if not relays:
            return ""
        heading = (say("From"), say("To"), say("Port there"), say("Leads to"), say("For"))
        return self.say(
            say(
                """
## What crosses between hosts

The hosts reach one another in a private network (WireGuard), and there only this:

{table}

Each host has a key of its own for it, made in step 3 below; `maidan-nix check` says which are missing.

Whoever breaks into a host gets through the network as far as the lines that begin with it say, and reads what passes
along its lines. The host of a site sees all that members send to it, the passwords they log in with included; the host
of a database sees all that is stored there, and can change it.
""",
                table=self.table(heading, relays),
            )
        )

    def network_keys(self, relays: tuple[Row, ...]) -> str:
        """How the keys of the private network are made, as part of a list, with the empty lines around it."""
        if not relays:
            return ""
        return self.say(
            say(
                """
   Each host of the private network has a key for it, made once, in the same folder. KEY.age is its file in the table.
   The first line encrypts the private half, which nobody sees; the second prints the public half:

       wg genkey | TMPDIR=/dev/shm agenix -e KEY.age
       agenix -d KEY.age | wg pubkey

   Write that into `secrets/public.toml` too, for each host, and run `maidan-nix generate` again:

       [wireguard]
       HOST = "..."
"""
            )
        )

    def ssh(self, plan: Plan) -> str:
        """What is to be known about the way in, where it is not the usual one."""
        ports = {number for numbers in ssh_ports(plan).values() for number in numbers}
        if not ports:
            return self.say(
                say(
                    """
No host can be reached over SSH. Bring this folder to the host and, at its console, run
`sudo nixos-rebuild test --flake .#HOST` and `sudo nixos-rebuild switch --flake .#HOST`.
"""
                )
            )
        return "".join(
            self.say(
                say(
                    """
SSH listens on port {port}: put `NIX_SSHOPTS='-p {port}'` before `nixos-rebuild`, and write `ssh -p {port}` and
`scp -P {port}` where this page says `ssh` and `scp`.
""",
                    port=port,
                )
            )
            for port in sorted(ports - {22})
        )

    def advice(self, findings: Iterable[Finding]) -> str:
        """What plugins advise, with the empty lines around it; nothing where they advise nothing."""
        items = [self._item(finding) for finding in findings if finding.severity == "advice"]
        if not items:
            return ""
        return self.say(
            say(
                """
## Worth a thought

What the plugins advise, for the configuration as it is now:

{items}
""",
                items="\n".join(items),
            )
        )

    def _item(self, finding: Finding) -> str:
        return self.say(
            say(
                "- {subject}: {message}. What to do: {way_out}. More: {command}",
                subject=markdown_code(finding.subject),
                message=markdown_text(self.say(finding.message)),
                way_out=markdown_text(self.say(finding.way_out)),
                command=markdown_code(f"maidan-nix explain {finding.id}"),
            )
        )

    def check(self, hosts: Mapping[str, Host]) -> str:
        systems = {host.system for host in hosts.values()}
        if len(systems) == 1:
            return f"`nix build .#checks.{min(systems)}.HOST`"
        return self.say(say("`nix build .#checks.PROCESSOR.HOST`, with the host's processor from the first table,"))

    def vm_test(self, tests: Mapping[str, tuple[str, ...]]) -> str:
        if all(len(hosts) == 1 for hosts in tests.values()):
            return self.say(say("`nix build .#vm-test-HOST` starts it in a virtual machine."))
        each = ";\n  ".join(self.say(_one_vm_test(name, hosts)) for name, hosts in tests.items())
        return f"{each}. {self.say(say('Each machine takes 4 GB of memory.'))}"

    def sites(self, plan: Plan) -> Iterator[Row]:
        """Every host name that needs a DNS record; those with a page of their own as links."""
        for members in plan.hosts.values():
            for plugin, planned in members.items():
                for need in planned.needs:
                    if isinstance(need, Site):
                        has_page = any(location.path == "/" for location in need.locations)
                        linked = has_page and _LINKABLE.match(need.hostname)
                        name = markdown_code(need.hostname)
                        bare = name if has_page else self.say(say("{name}, for programs", name=name))
                        address = f"<https://{need.hostname}/>" if linked else bare
                        title = markdown_text(self.say(planned.plugin.title, plugin))
                        yield address, title, markdown_code(planned.serving_host(need))

    def ports(self, plan: Plan) -> Iterator[Row]:
        for host, members in plan.hosts.items():
            for name, planned in members.items():
                for need in planned.needs:
                    if isinstance(need, Port) and need.open_to != "host":
                        number = planned.grants[need].number
                        purpose = markdown_text(self.say(need.purpose, name))
                        yield markdown_code(host), f"{number}/{need.protocol}", purpose, markdown_text(name)

    def relays(self, plan: Plan) -> Iterator[Row]:
        for host, members in plan.hosts.items():
            for name, planned in members.items():
                for need in planned.needs:
                    if isinstance(need, Relay):
                        number = f"{planned.grants[need].number}/tcp"
                        ends = markdown_code(host), markdown_code(need.to.host)
                        yield *ends, number, markdown_text(self.say(_goal(need.to))), markdown_text(name)

    def outgoing(self, plan: Plan) -> Iterator[Row]:
        for host, members in plan.hosts.items():
            for name, planned in members.items():
                for need in planned.needs:
                    if isinstance(need, Outgoing):
                        listed = markdown_text(", ".join(need.addresses))
                        anywhere = self.say(say("the internet, no private networks"))
                        reach = anywhere if need.to == "internet" else listed
                        reason = markdown_text(self.say(need.reason, name))
                        yield markdown_code(host), markdown_code(need.unit), reach, reason

    def secrets(self, wanted: Iterable[WantedSecret]) -> Iterator[Row]:
        for secret in wanted:
            file = markdown_code(f"secrets/{secret.name}.age")
            content = markdown_text(self.say(secret.content, secret.plugin))
            yield file, content, markdown_text(secret.plugin), markdown_text(", ".join(secret.hosts))


def _goal(to: RemotePort | RemoteSocket) -> Message:
    if isinstance(to, RemotePort):
        return say("{plugin}: {purpose}", plugin=to.plugin, purpose=phrase(to.port.purpose))
    return say("the socket {path}", path=to.path)


def _one_vm_test(name: str, hosts: tuple[str, ...]) -> Message:
    machines = together(map(markdown_code, hosts))
    if len(hosts) == 1:
        return say("`nix build .#vm-test-{name}` starts {hosts} in virtual machines", name=name, hosts=machines)
    return say(
        "`nix build .#vm-test-{name}` starts {hosts}, joined by their private network, in virtual machines",
        name=name,
        hosts=machines,
    )
