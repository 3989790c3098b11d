"""What JSON Schema can say of the common forms: a pattern, or limits, for what their checks refuse.

Each accepts at least what the check accepts. The patterns mean the same in ECMAScript, Python and Rust, the languages
of editors and validators: no look-around, no named groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from maidan_nix.manifest import schema as sections
from maidan_nix.manifest import types
from maidan_nix.manifest.forms import Form
from maidan_nix.manifest.quantities import Quantity
from maidan_nix.manifest.settings import MAXIMUM_REASON, MINIMUM_REASON

_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_DOMAIN = rf"{_LABEL}(\.{_LABEL})+"
_ADDRESS = "[0-9A-Fa-f:.]+"

_LIMITS: tuple[tuple[Any, Mapping[str, Any]], ...] = (
    (types.Domain, {"pattern": f"^{_DOMAIN}$", "maxLength": 253}),
    (types.Email, {"pattern": f"^[A-Za-z0-9_+][A-Za-z0-9_+.-]*@{_DOMAIN}$", "maxLength": 254}),
    (types.PortNumber, {"minimum": 1, "maximum": 65535}),
    (types.HostName, {"pattern": f"^{_LABEL}$", "maxLength": 63}),
    (types.UserName, {"pattern": "^[a-z_][a-z0-9_-]*$", "maxLength": 31}),
    (types.IpAddress, {"pattern": f"^{_ADDRESS}$"}),
    (types.IpInterface, {"pattern": f"^{_ADDRESS}/[0-9]+$"}),
    (types.DiskById, {"pattern": "^/dev/disk/by-id/[A-Za-z0-9#+:=@_.-]+$"}),
    (types.Locale, {"pattern": r"^(C|[a-z]{2,3}_[A-Z]{2})\.UTF-8$"}),
    (
        types.TimeZone,
        {"pattern": "^(UTC|[A-Z][a-z]+/[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*)?)$", "maxLength": 40},
    ),
    (
        types.SshPublicKey,
        {
            "pattern": r"^(ssh-ed25519|sk-ssh-ed25519@openssh\.com|ssh-rsa) [A-Za-z0-9+/]+=*( .*)?$",
            "maxLength": 4096,
        },
    ),
    (sections.CommunityName, {"minLength": 1, "maxLength": 80}),
    (sections.AgeRecipient, {"pattern": "^age1[0-9a-z]{58}$"}),
    (sections.InterfaceName, {"pattern": "^[a-zA-Z][a-zA-Z0-9._-]{0,14}$"}),
)
_OF_FORM: Mapping[Form, Mapping[str, Any]] = {
    form: limits for kind, limits in _LIMITS for form in get_args(kind) if isinstance(form, Form)
}


def form_limits(form: Form) -> Mapping[str, Any]:
    """The keywords for one form; none for a form that is not known here, whose words have to do."""
    return _OF_FORM.get(form, {})


def quantity_schema(kind: type[Quantity]) -> dict[str, Any]:
    """A number with its unit, in a string; 0 may go without unit and quotes."""
    units = "|".join(kind.UNITS)
    # A pattern binds strings only and limits bind numbers only, so this needs no alternatives.
    return {
        "type": ["string", "integer"],
        "pattern": f"^(0|(0|[1-9][0-9]{{0,18}})({units}))$",
        "minimum": 0,
        "maximum": 0,
        "x-units": list(kind.UNITS),
    }


def reason_schema() -> dict[str, Any]:
    """The reason for what is looser or left out: one line of text, not counting spaces around it."""
    return {
        "type": "string",
        "pattern": f"^ *[^ ].{{{MINIMUM_REASON - 2},{MAXIMUM_REASON - 2}}}[^ ] *$",
        "minLength": MINIMUM_REASON,
    }


def quantity_units(schema: Mapping[str, Any]) -> list[str]:
    """The units that a schema made by `quantity_schema` knows, from small to large; none of any other schema."""
    return list(schema.get("x-units", ()))
