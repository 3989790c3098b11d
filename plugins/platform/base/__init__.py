"""The base system: stewards, sudo, time and language, logs, the Nix daemon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from . import stewards, system
from .settings import Settings

STATE_VERSION = api.Kept(name="stateVersion", initial="26.05", pattern=r"[0-9]{2}\.[0-9]{2}")
"""The release that a host was created with. NixOS reads it to keep the formats of existing data; it never changes."""

_LEAST_JOURNAL = 64 * 1024**2


class Base(api.Platform[Settings]):
    """What every host is before it serves anything.

    It has no units of its own: journald, timesyncd and oomd come sandboxed by systemd, and the Nix daemon builds in a
    sandbox of its own that another one around it would break.
    """

    name = "base"
    title = "Base system"
    summary = "Accounts for the stewards, sudo, time and language, limited logs, and a Nix daemon that cleans up"
    upstream = "https://nixos.org/"
    licence = "MIT"
    settings = Settings

    def problems(self, context: api.Context[Settings]) -> Iterable[api.Problem]:
        """Limits that would mean none, or leave nothing to work with."""
        section = tuple(context.section.split("."))
        if not context.privacy.log_retention.seconds:
            yield api.Problem(
                ("privacy", "log_retention"),
                "journald takes 0 for 'without limit'",
                expected="how long logs are kept, such as '1d'",
                plugin=self.full_name(),
            )
        if context.settings.journal_size.bytes < _LEAST_JOURNAL:
            yield api.Problem(
                (*section, "journal_size"),
                api.say("'{journal_size}' holds hardly a day of logs", journal_size=context.settings.journal_size),
                expected="at least '64M'",
                plugin=self.full_name(),
            )
        if not context.settings.old_generations.seconds:
            yield api.Problem(
                (*section, "old_generations"),
                "without an older generation there is no way back from a bad update",
                expected="at least '1d'",
                plugin=self.full_name(),
            )

    def needs(self, context: api.Context[Settings]) -> Iterable[api.Need[Any]]:
        """The release the host was created with; for each steward an id and a password."""
        yield STATE_VERSION
        yield from stewards.needs(context)

    def configure(self, context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The base system, in the order in which one would ask about it."""
        return {
            "system": {
                "stateVersion": nix.Noted(
                    grants[STATE_VERSION], "The release this host was created with. An update does not change it."
                ),
            },
            "time": {"timeZone": nix.Noted(context.community.time_zone, "community.time_zone")},
            "i18n": {"defaultLocale": nix.Noted(context.community.locale, "community.locale")},
            "console": {"keyMap": nix.Noted(context.settings.keyboard, context.cite("keyboard"))},
            "users": stewards.users(context, grants),
            "security": {"sudo": system.sudo()},
            "services": {
                "journald": system.journald(context),
                "timesyncd": {"enable": nix.Noted(nix.Override(True), "In a virtual machine NixOS switches it off.")},
                "userborn": {"enable": False},
            },
            "systemd": system.systemd(),
            "nix": system.nix_daemon(context),
            "environment": system.environment(),
            "programs": {
                "command-not-found": {"enable": nix.Noted(False, "Its index comes with channels, and there are none.")},
            },
            "documentation": system.documentation(),
        }


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """Return the plugin."""
    return Base()
