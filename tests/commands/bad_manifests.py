"""Manifests that are wrong, each with what is said of it: every command that reads one must say it."""

from __future__ import annotations

from commands.runner import MINIMAL, TWO_HOSTS


def edited(old: str, new: str) -> str:
    """The smallest manifest with one thing changed."""
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


# fmt: off
BAD_MANIFESTS: list[tuple[str, str]] = [
    ("", "community.toml: is empty"),
    ("\x00\x01\x02", "community.toml:1:1: contains a NUL byte"),
    ("[community\n", "community.toml:1:11:"),
    (f"{MINIMAL}[community]\n", "community.toml:21:"),
    ("a = " + "[" * 65 + "]" * 65, "community.toml:1:69: tables and arrays are nested too deeply here"),
    (edited('swap = "1G"', "swap = " + "9" * 5000), "more than"),
    (edited('swap = "1G"', 'swap = "99999999999999999999999G"'), "community.toml:16:13: hosts.shed.disk.swap:"),
    (edited('name = "Allotment Gardens"', "name = 7"), "community.toml:4:8: community.name: this is an integer"),
    (edited("time_zone", "timezone"), "unknown setting 'timezone', did you mean 'time_zone'?"),
    (edited("[services.vaultwarden]", "[services.vaultwarde]"), "did you mean 'vaultwarden'?"),
    (edited("[community]", "[comunity]"), "unknown section 'comunity'"),
    (edited("hosts.shed", "hosts.'../shed'"), 'hosts."../shed".name:'),
    (edited("stewards.ada", "stewards.'ada; rm'"), 'stewards."ada; rm".name:'),
    (edited("stewards.ada", "stewards.root"), "stewards.root"),
    (edited("passwords.example.org", "passwörter.example.org"), "community.toml:20:10: "),
    (edited("passwords.example.org", "a.example.org; } evil {"), "community.toml:20:10: "),
    (edited("by-id/scsi", "by-id/../../sda;scsi"), "hosts.shed.disk.device"),
    (f"community = 0\n{MINIMAL.partition('[stewards')[1]}{MINIMAL.partition('[stewards')[2]}",
     "community.toml:1:13: community: this is an integer, expected a table"),
    ("stewards = []\n" + MINIMAL.replace("[stewards.ada]\nssh_keys", "[other]\nssh_keys"),
     "community.toml:1:12: stewards: this is an array, expected a table"),
    (f'{MINIMAL}[plugins.disable]\n"hardening/ssh" = "no"\n', "this has 2 characters, expected the reason"),
    (f'{MINIMAL}[plugins.disable]\n"hardening/shh" = "a good reason"\n', "did you mean 'hardening/ssh'?"),
    (f'{MINIMAL}[plugins.disable]\n"platform/secrets" = "we write them by hand"\n',
     'community.toml:22:1: plugins.disable."platform/secrets": platform/secrets is ground that a host stands on'),
    (f'{MINIMAL}[plugins.disable]\n"hardening/firewall" = "the provider has one"\n',
     'community.toml:22:1: plugins.disable."hardening/firewall": hardening/firewall is disabled, and needed by'),
    (f'{MINIMAL}[plugins.providers]\ndatabse = "platform/postgresql"\n', "did you mean 'database'?"),
    (f'{MINIMAL}[plugins.providers]\ndatabase = "platform/postgres"\n', "did you mean 'platform/postgresql'?"),
    (f'{MINIMAL}[plugins.providers]\ndatabase = "platform/redis"\n', "does not provide 'database'"),
    (f"{MINIMAL}[plugins.provider]\n", "did you mean 'providers'?"),
    (TWO_HOSTS.replace('host = "east"\n', ""), "which host should run this service?"),
    (TWO_HOSTS.replace('host = "east"', 'host = "eats"'), "did you mean 'east'?"),
]
# fmt: on
