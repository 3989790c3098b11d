"""``services.matrix-synapse.settings``: what Synapse is told.

Keys: schema/synapse-config.schema.yaml and docs/usage/configuration/config_documentation.md of element-hq/synapse
a58ad44e. Synapse ignores a key that it does not know, and the NixOS module drops every null before it writes the file
(nixos/modules/services/matrix/synapse.nix of nixpkgs 4aa6836a), so no value here is null.
"""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix import api
from maidan_nix.api import nix

from . import needs, workers
from .settings import MatrixSettings
from .sites import homeserver

CLEARING = "1d"
"""How often old messages are looked for."""

LARGEST_ROOM = 10
"""In units of 500 pieces of state: above it a room of strangers would slow down a small machine for everybody."""


def settings(context: api.Context[MatrixSettings], grants: api.Grants) -> Mapping[str, api.Value]:
    """All of it, in reading order."""
    return {
        **_identity(context, grants),
        **workers.shared(context, grants),
        **_accounts(context, grants),
        **_rooms(context),
        **_federation(context),
        **_people(context),
        **_retention(context),
        **_media(context),
        "push": {
            "include_content": nix.Noted(False, "A push says that something came, never what or from whom."),
            "jitter_delay": nix.Noted("10s", "So that whoever sees a push cannot tell which message caused it."),
        },
        "report_stats": False,
        "enable_metrics": False,
    }


def _identity(context: api.Context[MatrixSettings], grants: api.Grants) -> Mapping[str, api.Value]:
    database = grants[needs.DATABASE]
    return {
        "server_name": nix.Noted(context.settings.server_name, context.cite("server_name")),
        "public_baseurl": nix.Noted(f"{grants[homeserver(context)].origin}/", context.cite("domain")),
        "listeners": workers.main_listeners(context, grants),
        "database": {
            "name": "psycopg2",
            "args": {
                "user": database.role,
                "database": database.name,
                "host": database.socket,
                # libpq reads it, so that no file of settings holds the password itself.
                **({} if database.password is None else {"passfile": grants[database.password].path}),
                "cp_min": 2,
                "cp_max": 10,
            },
        },
        "macaroon_secret_key_path": grants[needs.MACAROON].path,
        "form_secret_path": grants[needs.FORM].path,
    }


def _accounts(context: api.Context[MatrixSettings], grants: api.Grants) -> Mapping[str, api.Value]:
    chosen = context.settings
    return {
        "registration_shared_secret_path": nix.Noted(
            grants[needs.REGISTRATION].path, "For matrix-synapse-register_new_matrix_user, on this host."
        ),
        "enable_registration": nix.Noted(chosen.registration == "token", context.cite("registration")),
        "registration_requires_token": True,
        "allow_guest_access": False,
        "inhibit_user_in_use_error": nix.Noted(True, "Nobody finds out by trying which addresses exist."),
        "password_config": {"policy": {"enabled": True, "minimum_length": chosen.password_length}},
        "rc_login": {
            "address": {"per_second": 0.003, "burst_count": 5},
            "account": {"per_second": 0.003, "burst_count": 5},
            "failed_attempts": nix.Noted(
                {"per_second": 0.003, "burst_count": 3}, "Three wrong passwords, then one in five minutes."
            ),
        },
        "delete_stale_devices_after": nix.Noted(chosen.stale_devices.suffixed(), context.cite("stale_devices")),
        "enable_3pid_lookup": nix.Noted(False, "No identity server: nobody is found by mail address or phone number."),
        "enable_3pid_changes": False,
    }


def _rooms(context: api.Context[MatrixSettings]) -> Mapping[str, api.Value]:
    return {
        "encryption_enabled_by_default_for_room_type": nix.Noted(context.settings.e2ee, context.cite("e2ee")),
        "allow_public_rooms_without_auth": False,
        "url_preview_enabled": nix.Noted(
            False, "The server would visit the links in messages, and tell those sites that somebody read them."
        ),
    }


def _federation(context: api.Context[MatrixSettings]) -> Mapping[str, api.Value]:
    federation, allowed = context.privacy.federation, context.privacy.federation_allow
    listed: Mapping[str, api.Value] = (
        {}
        if federation == "open"
        else {"federation_domain_whitelist": nix.Noted(list(allowed), "privacy.federation: an empty list is nobody.")}
    )
    return {
        **listed,
        "federation_whitelist_endpoint_enabled": False,
        "allow_public_rooms_over_federation": False,
        "allow_profile_lookup_over_federation": False,
        "allow_device_name_lookup_over_federation": False,
        "limit_remote_rooms": {"enabled": True, "complexity": LARGEST_ROOM, "admins_can_join": True},
        "trusted_key_servers": nix.Noted([], "Other servers' keys are asked of themselves, not of a third party."),
        "suppress_key_server_warning": True,
    }


def _people(context: api.Context[MatrixSettings]) -> Mapping[str, api.Value]:
    everybody = context.settings.member_search == "everybody"
    return {
        "user_directory": {
            "enabled": True,
            "search_all_users": nix.Noted(everybody, context.cite("member_search")),
            "prefer_local_users": True,
            "show_locked_users": False,
        },
        "require_auth_for_profile_requests": True,
        "limit_profile_requests_to_users_who_share_rooms": not everybody,
        "include_profile_data_on_invite": False,
        "presence": {"enabled": nix.Noted(context.settings.presence, context.cite("presence"))},
    }


def _retention(context: api.Context[MatrixSettings]) -> Mapping[str, api.Value]:
    privacy = context.privacy
    longest = privacy.message_retention.suffixed()
    return {
        "retention": {
            "enabled": True,
            "default_policy": {"max_lifetime": nix.Noted(longest, "privacy.message_retention")},
            "allowed_lifetime_min": nix.Noted(
                CLEARING, "What a room's moderators may set: from this, up to the policy."
            ),
            "allowed_lifetime_max": longest,
            "purge_jobs": [{"interval": CLEARING}],
        },
        "redaction_retention_period": nix.Noted("7d", "A deleted message, for moderators who have to look into it."),
        "forget_rooms_on_leave": True,
        "forgotten_room_retention_period": nix.Noted("7d", "A room that everybody here has left."),
        "user_ips_max_age": nix.Noted(privacy.log_retention.suffixed(), "privacy.log_retention"),
    }


def _media(context: api.Context[MatrixSettings]) -> Mapping[str, api.Value]:
    chosen = context.settings
    return {
        "max_upload_size": nix.Noted(chosen.upload.suffixed("M"), context.cite("upload")),
        "media_retention": {
            "local_media_lifetime": nix.Noted(
                context.privacy.message_retention.suffixed(), "privacy.message_retention, since somebody last looked."
            ),
            "remote_media_lifetime": nix.Noted(chosen.remote_media.suffixed(), context.cite("remote_media")),
        },
        "enable_authenticated_media": nix.Noted(True, "A file is for members; its address alone opens nothing."),
    }
