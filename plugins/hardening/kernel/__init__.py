"""The kernel: fewer ways in for a program that has already broken out of its sandbox.

Sources: nixos/modules/config/sysctl.nix and nixos/modules/security/misc.nix of nixpkgs 4aa6836a; what the values mean,
Documentation/admin-guide/sysctl and kernel-parameters of Linux 6.18. The `linux_hardened` kernel and the profile of
that name are gone from NixOS 26.05, so this is written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

_KERNEL: Mapping[str, api.Value] = {
    "kernel.dmesg_restrict": 1,
    "kernel.kptr_restrict": 2,
    "kernel.perf_event_paranoid": 3,
    "kernel.sysrq": 0,
    "kernel.unprivileged_bpf_disabled": 1,
    "kernel.yama.ptrace_scope": 2,
    "net.core.bpf_jit_harden": 2,
    "dev.tty.ldisc_autoload": 0,
    "dev.tty.legacy_tiocsti": 0,
    "vm.unprivileged_userfaultfd": 0,
    "fs.protected_fifos": 2,
    "fs.protected_hardlinks": 1,
    "fs.protected_regular": 2,
    "fs.protected_symlinks": 1,
    "fs.suid_dumpable": 0,
}

# A server is no router: it neither sends nor believes advice on where packets should go. Router advertisements, from
# which many a rented machine has its IPv6 address, are the network plugin's.
_NETWORK: Mapping[str, api.Value] = {
    "net.ipv4.conf.all.accept_redirects": 0,
    "net.ipv4.conf.default.accept_redirects": 0,
    "net.ipv4.conf.all.secure_redirects": 0,
    "net.ipv4.conf.default.secure_redirects": 0,
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.conf.default.send_redirects": 0,
    "net.ipv4.conf.all.accept_source_route": 0,
    "net.ipv4.conf.default.accept_source_route": 0,
    "net.ipv4.icmp_echo_ignore_broadcasts": 1,
    "net.ipv4.tcp_rfc1337": 1,
    "net.ipv4.tcp_syncookies": 1,
    "net.ipv6.conf.all.accept_redirects": 0,
    "net.ipv6.conf.default.accept_redirects": 0,
    "net.ipv6.conf.all.accept_source_route": 0,
    "net.ipv6.conf.default.accept_source_route": 0,
}

_PARAMETERS = ("page_alloc.shuffle=1", "randomize_kstack_offset=on", "slab_nomerge", "debugfs=off")

# Protocols and file systems that no service of a community uses, and whose code is loaded for whoever asks. Each has
# had holes that an ordinary user could climb through.
_PROTOCOLS = ("af_802154", "appletalk", "atm", "ax25", "can", "netrom", "rds", "rose", "sctp", "tipc", "x25")
_FILE_SYSTEMS = ("cramfs", "hfs", "hfsplus", "jffs2", "nilfs2", "udf")
_BUSES = ("firewire-core", "thunderbolt")


class KernelSettings(api.Settings):
    """``[hardening.kernel]``."""

    wipe_memory: bool = api.setting(
        "Whether memory is overwritten when it is given and when it is freed; costs a few percent of speed",
        presets=api.Presets(strict=True, balanced=True, open=False),
        looser="false",
    )
    rare_modules: bool = api.setting(
        "Whether protocols, file systems and buses that a server does not need may be loaded",
        presets=api.Presets(strict=False, balanced=False, open=True),
        looser="true",
    )


class Kernel(api.Hardening[KernelSettings]):
    """Kernel settings."""

    name = "kernel"
    title = "Kernel"
    summary = "Closes what a server does not use, and hides what an intruder looks for"
    upstream = "https://www.kernel.org/"
    licence = "GPL-2.0-only"
    settings = KernelSettings

    def configure(self, context: api.Context[KernelSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """sysctls, the kernel's command line, and modules that stay out."""
        wipe = ("init_on_alloc=1", "init_on_free=1") if context.settings.wipe_memory else ()
        # The fixed page for system calls of very old programs exists on x86 alone.
        legacy = ("vsyscall=none",) if context.host.system.startswith("x86_64") else ()
        boot: dict[str, api.Value] = {
            "kernel": {"sysctl": {**_KERNEL, **_NETWORK}},
            "kernelParams": nix.Noted([*_PARAMETERS, *legacy, *wipe], context.cite("wipe_memory")),
        }
        if not context.settings.rare_modules:
            boot |= _without_rare_modules(context)
        return {
            "boot": boot,
            "security": {
                "protectKernelImage": nix.Noted(
                    True, "The running kernel cannot be replaced, and memory is never written out to hibernate."
                ),
            },
        }


def _without_rare_modules(context: api.Context[KernelSettings]) -> Mapping[str, api.Value]:
    """Keep modules out: the block list stops them being loaded by name of a device, ``install`` by any other way."""
    modules = sorted((*_PROTOCOLS, *_FILE_SYSTEMS, *_BUSES))
    nothing = nix.Ref("pkgs", "coreutils")
    lines: list[str | nix.Expression] = []
    for module in modules:
        lines += [f"install {module} ", nothing, "/bin/false\n"]
    return {
        "blacklistedKernelModules": nix.Noted(modules, context.cite("rare_modules")),
        "extraModprobeConfig": nix.Text(*lines),
    }


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Kernel()
