"""Plugins that break the contract, each in one way: what a check of the conformance suite is shown."""

from __future__ import annotations

from fake_plugins import source

PLAIN = '    """What a steward can choose."""\n'


def sets(options: str) -> str:
    """A plugin whose options are these."""
    return source(f"def configure(self, context, grants): return {options}")


def with_setting(declared: str, options: str) -> str:
    return sets(options).replace(PLAIN, f"{PLAIN}\n    {declared}\n")


TEXT = 'text: str = api.setting("What it says", default="nothing")'
ONE_LINE = TEXT.replace(")", ", pattern=r'^[^\\n]*\\Z')")


def etc(value: str) -> str:
    return f'{{"environment": {{"etc": {{"wiki": {{"text": {value}}}}}}}}}'


def unit(body: str) -> str:
    return f'{{"systemd": {{"services": {{"wiki": {body}}}}}}}'


NEEDS_A_PORT = 'HTTP = api.Port(name="http")\n'

OWN_KIND = """
import dataclasses, typing

@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lamp(api.Need[None]):
    kind: typing.ClassVar[str] = "lamp"
    rank: typing.ClassVar[int] = {rank}
    provider: typing.ClassVar[str] = "services/wiki"

    room: str

class Wiki(api."""


def provider(rank: int, members: str) -> str:
    return source(f"provides = (Lamp,)\n{members}").replace("class Wiki(api.", OWN_KIND.format(rank=rank), 1)


FOUND = 'def findings(self, context): return [api.Finding("wiki-open", {}, "wiki", "anybody reads", "close it")]'
KIND = 'finding_kinds = (api.FindingKind("wiki-open", "advice", "It is open.", "Anybody reads.", "Close it."),)\n'
OIDC = '"services": {{"oidc": {}}}'

FORGETS_THE_PASSWORD = """
def needs(self, context): return (api.Database(name="wiki", role="wiki"),)
def configure(self, context, grants):
    database = grants[self.needs(context)[0]]
    return {"environment": {"etc": {"wiki": {"text": f"host={database.socket}"}}}}
"""

BROKEN = [
    ("facts", source('licence = "AGPL-3.0"'), "does not say whether later versions count"),
    ("facts", source('licence = "LicenceRef-our own"'), "no SPDX expression"),
    ("kinds-of-need", provider(50, "def grant(self, context, request): return None"), "has the rank 50"),
    (
        "kinds-of-need",
        source("across_hosts = (api.Database,)"),
        "it serves Database across hosts, and does not provide it",
    ),
    ("generates", provider(1000, "def grant(self, context, request): return 1 / 0"), "division by zero"),
    ("settings", with_setting('pages: float = api.setting("How many", default=1.5)', "{}"), "without a unit"),
    ("settings", with_setting('pages: int | None = api.setting("How many", default=None)', "{}"), "without a unit"),
    ("findings", source(FOUND.format('"advice"')), "and does not explain it"),
    ("findings", source(KIND + FOUND.format('"missing"')), "of severity 'missing', and explains it as 'advice'"),
    (
        "imports",
        source().replace("import time", "from maidan_nix.plan import planner"),
        "it imports maidan_nix.plan (__init__.py:3)",
    ),
    ("imports", source().replace("import time", "import pydantic"), "it imports pydantic"),
    (
        "imports",
        source("def problems(self, context):\n    from maidan_nix import plugins\n    return ()"),
        "it imports maidan_nix (__init__.py:",
    ),
    (
        "sandbox",
        sets('{"systemd": {"user": {"services": {"wiki": {"script": "true"}}}}}'),
        "it starts wiki by systemd.user.services",
    ),
    (
        "sandbox",
        sets('{"virtualisation": {"oci-containers": {"containers": {"wiki": {"image": "wiki"}}}}}'),
        "oci-containers",
    ),
    (
        "options-of-others",
        sets('{"services": {"nginx": {"virtualHosts": {"wiki": {"root": "/srv"}}}}}'),
        "which answers a site need",
    ),
    (
        "options-of-others",
        sets('{"services": {"postgresql": {"ensureDatabases": ["wiki"]}}}'),
        "which answers a database need",
    ),
    (
        "options-of-others",
        sets('{"age": {"secrets": {"wiki": {"file": nix.Path("./wiki.age")}}}}'),
        "which answers a secret need",
    ),
    (
        "options-of-others",
        sets('{"services": {"openssh": {"openFirewall": False}, "redis": {"servers": {"wiki": {"enable": True}}}}}'),
        "which answers a cache need",
    ),
    (
        "ports",
        sets('{"services": {"jitsi-meet": {"enable": True}, "coturn": {"listening-port": 3478}}}'),
        "the port 3478 in services.coturn.listening-port",
    ),
    ("ports", sets(unit('{"environment": {"WIKI_PORT": "8080"}}')), "the port 8080"),
    ("ports", sets(unit('{"serviceConfig": {"ExecStart": "/bin/wiki --listen 0.0.0.0:8080"}}')), "the port 8080"),
    (
        "ports",
        sets('{"services": {"jellyfin": {"openFirewall": True}}}'),
        "it opens the firewall by services.jellyfin.openFirewall",
    ),
    ("ports", sets(unit('{"environment": {"WIKI_BIND": "0.0.0.0"}}')), "it listens on every address"),
    ("databases", source(FORGETS_THE_PASSWORD), "its database 'wiki' has a password on another host"),
    ("databases", source(FORGETS_THE_PASSWORD.replace('"wiki"', '"wiki-"')), "with its database on another host: "),
    (
        "sockets",
        sets(unit('{"environment": {"DATABASE_URL": "postgresql:///wiki?host=/run/postgresql"}}')),
        "a socket that it was not granted",
    ),
    (
        "sockets",
        sets(unit('{"environment": {"CACHE": "unix:/run/redis-other/redis.sock"}}')),
        "a socket that it was not granted",
    ),
    (
        "foreign-hosts",
        sets(unit('{"environment": {"TELEMETRY": "https://collect.vendor.example.com/v1"}}')),
        "collect.vendor.example.com",
    ),
    ("foreign-hosts", sets(etc('"server ntp.vendor.net iburst"')), "ntp.vendor.net"),
    ("foreign-hosts", sets(unit('{"environment": {"DNS": "9.9.9.9"}}')), "9.9.9.9"),
    ("foreign-hosts", sets(etc('"2620:fe::fe"')), "2620:fe::fe"),
    (
        "secrets",
        sets(etc('"-----BEGIN OPENSSH PRIVATE KEY-----"')),
        "a private key stands in environment.etc.wiki.text",
    ),
    ("secrets", sets(unit('{"environment": {"ADMIN_PASSWORD": "swordfish"}}')), "a password or token stands in"),
    ("secrets", sets(etc('"[wiki]\\npassword = swordfish\\n"')), "a password or token stands in"),
    ("secrets", sets(etc('"postgresql://wiki:swordfish@localhost/wiki"')), "a password or token stands in"),
    ("secrets", sets(etc('nix.Text("key=", "hT7fKq2ZpX9vLr4WmB8sNc3J")')), "what looks like a random token"),
    ("secrets", sets(etc('"8f14e45fceea167a5a36dedd4bea2543"')), "what looks like a random token"),
    ("purity", sets(etc("str(time.time() > 0)")), "it asks the clock, in configure()"),
    (
        "purity",
        source("def configure(self, context, grants):\n    import datetime\n    datetime.date.today()\n    return {}"),
        "asks the clock",
    ),
    (
        "purity",
        source("def needs(self, context):\n    import random\n    random.random()\n    return ()"),
        "leaves something to chance, in needs()",
    ),
    (
        "purity",
        source("def needs(self, context):\n    import secrets\n    secrets.token_hex()\n    return ()"),
        "leaves something to chance",
    ),
    (
        "purity",
        source(
            "def units(self, context, grants):\n    open('/etc/passwd').close()\n"
            "    return (api.Unit(name='wiki', limits=LIMITS),)"
        ),
        "it reads /etc/passwd, in units()",
    ),
    (
        "purity",
        source("def needs(self, context):\n    import socket\n    socket.socket().close()\n    return ()"),
        "it does socket.__new__",
    ),
    (
        "purity",
        source("def needs(self, context):\n    import subprocess\n    subprocess.run(['true'])\n    return ()"),
        "it does subprocess.Popen",
    ),
    (
        "purity",
        source("def needs(self, context):\n    import os\n    os.getenv('HOME')\n    return ()"),
        "it asks the machine",
    ),
    (
        "hostile-settings",
        with_setting(TEXT, unit('{"script": f"echo {context.settings.text}"}')),
        "services.wiki.text becomes a part of systemd.services.wiki.script",
    ),
    (
        "hostile-settings",
        with_setting(TEXT, unit("{'script': f'echo \"{context.settings.text}\"'}")),
        "services.wiki.text becomes a part of",
    ),
    (
        "hostile-settings",
        with_setting(TEXT, unit('{"serviceConfig": {"ExecStart": f"/bin/wiki {context.settings.text}"}}')),
        "becomes a part of",
    ),
    (
        "hostile-settings",
        with_setting(TEXT, etc('nix.Raw(context.settings.text, "because it is easier")')),
        "becomes a part of environment.etc.wiki.text",
    ),
    (
        "hostile-settings",
        with_setting(TEXT, '{"services": {"journald": {"extraConfig": context.settings.text}}}'),
        "becomes a part of services.journald.extraConfig",
    ),
    (
        "hostile-settings",
        with_setting(
            'names: tuple[str, ...] = api.setting("Who", default=())',
            '{"services": {"journald": {"extraConfig": "".join(context.settings.names)}}}',
        ),
        "services.wiki.names[0] becomes",
    ),
    (
        "hostile-settings",
        sets('{"services": {"journald": {"extraConfig": f"# {context.community.name}"}}}'),
        "community.name becomes a part of",
    ),
    (
        "hostile-settings",
        with_setting(
            TEXT, etc('{"nothing": 1, **{}}["nothing" if context.settings.text == "nothing" else "odd"] and "x"')
        ),
        "it fails: ",
    ),
]
