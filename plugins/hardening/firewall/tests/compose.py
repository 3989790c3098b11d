"""The nftables ruleset that NixOS renders from the options that the plugin sets.

Follows nixos/modules/services/networking/{firewall-nftables,firewall,nftables}.nix (see ../upstream.toml for the
revision) and modules/inbound.nix, which turns the list of ports into the firewall's options.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_KNOWN = {
    "allowPing", "checkReversePath", "enable", "filterForward", "logRefusedConnections", "rejectPackets",
}  # fmt: skip
_VERDICTS = "ct state vmap {{ invalid : drop, established : accept, related : accept, new : {0}, untracked : {0} }}"


def compose(options: Mapping[str, Any]) -> str:
    """Return the ruleset, from the plugin's options as plain data."""
    networking = options["networking"]
    firewall = networking["firewall"]
    assert networking["nftables"]["enable"]
    assert firewall["enable"]
    assert set(firewall) <= _KNOWN, f"the composition does not know {sorted(set(firewall) - _KNOWN)}"
    chains = [
        "set temp-ports {\n type inet_proto . inet_service\n flags interval\n auto-merge\n}",
        *_reverse_path(firewall["checkReversePath"]),
        "chain rpfilter-allow {\n}",
        _chain("input", "type filter hook input priority filter; policy drop;", _input(firewall)),
        _chain("input-allow", "", _allowed(firewall, options["maidan"]["inbound"]["ports"])),
        *(_forward() if firewall["filterForward"] else ()),
    ]
    body = "\n".join(chains)
    tables = [f"table inet nixos-fw {{\n{body}\n}}\n"]
    for name, table in networking["nftables"].get("tables", {}).items():
        tables.append(f"table {table['family']} {name} {{\n{table['content']}\n}}\n")
    return "".join(tables)


def _chain(name: str, hook: str, rules: Iterator[str]) -> str:
    return "\n".join([f"chain {name} {{", hook, *rules, "}"])


def _reverse_path(check: bool | str) -> Iterator[str]:
    if check is False:
        return
    interface = "" if check == "loose" else " . iif"

    def rules() -> Iterator[str]:
        yield "meta nfproto ipv4 udp sport . udp dport { 67 . 68, 68 . 67 } accept"
        yield f"fib saddr . mark{interface} oif exists accept"
        yield "jump rpfilter-allow"

    yield _chain("rpfilter", "type filter hook prerouting priority mangle + 10; policy drop;", rules())


def _input(firewall: Mapping[str, Any]) -> Iterator[str]:
    yield 'iifname { "lo" } accept'
    yield "icmpv6 type echo-reply accept"
    yield _VERDICTS.format("jump input-allow")
    if firewall["logRefusedConnections"]:
        yield 'tcp flags syn / fin,syn,rst,ack log level info prefix "refused connection: "'
    if firewall["rejectPackets"]:
        yield "meta l4proto tcp reject with tcp reset"
        yield "reject"


def _allowed(firewall: Mapping[str, Any], ports: list[Mapping[str, Any]]) -> Iterator[str]:
    to_all = [port for port in ports if not _is_limited(port)]
    for protocol in ("tcp", "udp"):
        numbers = sorted({port["number"] for port in to_all if port["protocol"] == protocol})
        if numbers:
            yield f"{protocol} dport {{ {', '.join(map(str, numbers))} }} accept"
    yield "meta l4proto . th dport @temp-ports accept"
    if firewall["allowPing"]:
        yield "icmp type echo-request accept"
    yield "icmpv6 type != { nd-redirect, 139 } accept"
    yield "ip6 daddr fe80::/64 udp dport 546 accept"
    yield from limited(ports)


def limited(ports: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the rules of ports that only some may call, as modules/inbound.nix writes them."""
    for port in filter(_is_limited, ports):
        on = f'iifname "{port["interface"]}" ' if port.get("interface") else ""
        accept = f"{port['protocol']} dport {port['number']} accept"
        callers = [f"{'ip6' if ':' in each else 'ip'} saddr {each} " for each in port.get("addresses", [])]
        yield from (f"{on}{caller}{accept}" for caller in callers or [""])


def _is_limited(port: Mapping[str, Any]) -> bool:
    return bool(port.get("interface") or port.get("addresses"))


def _forward() -> Iterator[str]:
    def allowed() -> Iterator[str]:
        yield "icmpv6 type != { router-renumbering, 139 } accept"
        yield "ct status dnat accept"

    hook = "type filter hook forward priority filter; policy drop;"
    yield _chain("forward", hook, iter([_VERDICTS.format("jump forward-allow")]))
    yield _chain("forward-allow", "", allowed())
