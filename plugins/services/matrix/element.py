"""Element Web: files for the browser, and a configuration that names no server but the community's.

Source: pkgs/by-name/el/element-web/package.nix of nixpkgs 4aa6836a, which lays `conf` over the configuration of
element-web-unwrapped, attribute by attribute: what must go is set to null. That configuration is
apps/web/config.sample.json of element-hq/element-web 0d498391.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from .settings import MatrixSettings


def site(context: api.Context[MatrixSettings], hostname: str) -> api.Site:
    """The app as a site. It frames parts of itself, to open decrypted files apart from everything else."""
    package = nix.Call(nix.Ref("pkgs", "element-web", "override"), {"conf": configuration(context, hostname)})
    return api.Site(
        hostname=hostname,
        locations=(api.Location(path="/", files=package),),
        frames="self",
        content_security_policy=_policy(context),
        setting="element_domain",
    )


def _policy(context: api.Context[MatrixSettings]) -> str:
    """Whom the app may contact: this community's homeserver. The page's own policy, which is wider, holds as well."""
    homeserver = f"https://{context.settings.domain}"
    sources = {
        "connect-src": f"'self' blob: {homeserver} https://{context.settings.server_name}",
        "img-src": f"'self' blob: data: {homeserver}",
        "media-src": f"'self' blob: data: {homeserver}",
        "frame-src": "'self' blob: data:",
        "form-action": "'self'",
        "base-uri": "'self'",
    }
    return "; ".join(f"{directive} {allowed}" for directive, allowed in sources.items())


def configuration(context: api.Context[MatrixSettings], hostname: str) -> Mapping[str, Any]:
    """What the app is told: docs/config.md of element-hq/element-web."""
    settings, federation = context.settings, context.privacy.federation
    return {
        "default_server_config": {
            "m.homeserver": {"base_url": f"https://{settings.domain}", "server_name": settings.server_name},
            "m.identity_server": None,
        },
        "disable_custom_urls": True,
        "disable_guests": True,
        "disable_3pid_login": True,
        "force_verification": settings.e2ee == "all",
        "default_device_display_name": "Element",
        # On a server of its own, links need not lead people to a page of somebody else's.
        **({"permalink_prefix": f"https://{hostname}"} if federation == "none" else {}),
        "integrations_ui_url": None,
        "integrations_rest_url": None,
        "integrations_widgets_urls": [],
        "map_style_url": None,
        "default_federate": federation != "none",
        "room_directory": {"servers": list(context.privacy.federation_allow)},
        "enable_presence_by_hs_url": {f"https://{settings.domain}": settings.presence},
        "show_labs_settings": False,
        "element_call": {"disable": True},
        "jitsi": {"preferred_domain": settings.domain},
        "setting_defaults": {
            "UIFeature.feedback": False,
            "UIFeature.identityServer": False,
            "UIFeature.locationSharing": False,
            "UIFeature.passwordReset": False,
            "UIFeature.registration": settings.registration != "closed",
            "UIFeature.shareSocial": False,
            "UIFeature.thirdPartyId": False,
            "UIFeature.urlPreviews": False,
            "UIFeature.widgets": False,
        },
    }
