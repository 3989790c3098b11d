"""Where stewards log in to a host: the port called ``ssh`` that its platform or hardening opens."""

from __future__ import annotations

from maidan_nix.contract.needs import Port
from maidan_nix.plan.planned import Plan

_NAME = "ssh"
_SERVICES = "services/"


def ssh_ports(plan: Plan) -> dict[str, tuple[int, ...]]:
    """The numbers of these ports by host, sorted; none for a host that is administered at its console.

    A service may have an SSH server of its own, for what members store in it; nobody administers a host by that.
    """
    return {
        host: tuple(
            sorted(
                planned.grants[need].number
                for name, planned in members.items()
                for need in planned.needs
                if isinstance(need, Port) and need.name == _NAME and need.open_to != "host"
                if not name.startswith(_SERVICES)
            )
        )
        for host, members in plan.hosts.items()
    }
