"""The types of settings that many plugins share. Each refuses what a service would only reject at run time.

Values keep the spelling of the manifest, except IP addresses, which take their one canonical spelling. Nothing here
looks at the machine it runs on: no DNS, no time zone data, no list of top-level domains.
"""

from __future__ import annotations

import re
from typing import Annotated

from maidan_nix.manifest.forms import Form, InvalidValue
from maidan_nix.manifest.quantities import ByteSize, Duration
from maidan_nix.manifest.ssh_keys import EXPECTED as _SSH_KEY
from maidan_nix.manifest.ssh_keys import check_public_key
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import did_you_mean

__all__ = [
    "ByteSize",
    "DiskById",
    "Domain",
    "Duration",
    "Email",
    "Form",
    "HostName",
    "InvalidValue",
    "IpAddress",
    "IpInterface",
    "Locale",
    "PortNumber",
    "SshPublicKey",
    "TimeZone",
    "UserName",
]

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")
_MAXIMUM_LABEL = 63
_MAXIMUM_DOMAIN = 253


def check_domain(text: str) -> str:
    """Check a host name of at least two labels: letters, digits and hyphens, lower case, no final dot."""
    if not text:
        raise InvalidValue("is empty")
    if not text.isascii():
        raise InvalidValue(say("{text} is not ASCII", text=quoted(text)), hint=_in_punycode(text))
    if text != text.lower():
        hint = _unless_equal(text.lower(), text) if all(map(_LABEL.match, text.lower().split("."))) else ""
        raise InvalidValue(say("{text} has capital letters", text=quoted(text)), hint=hint)
    if "://" in text or "/" in text:
        raise InvalidValue(say("{text} is an address of a page", text=quoted(text)), hint="give the host name alone")
    if text.endswith("."):
        raise InvalidValue(
            say("{text} ends with a dot", text=quoted(text)),
            hint=say("write {suggestion}", suggestion=quoted(text.rstrip("."))),
        )
    if len(text) > _MAXIMUM_DOMAIN:
        raise InvalidValue(
            say("has {number} characters", number=len(text)),
            say("a domain name of at most {most}", most=_MAXIMUM_DOMAIN),
        )
    labels = text.split(".")
    for label in labels:
        _check_label(label, text)
    if len(labels) < 2:
        raise InvalidValue(
            say("{text} has one part only", text=quoted(text)), hint="name the domain too, as in 'chat.example.org'"
        )
    if labels[-1].isdigit():
        raise InvalidValue(
            say("{text} ends with a number", text=quoted(text)), hint="a domain name is needed, not an IP address"
        )
    return text


def _check_label(label: str, text: str) -> None:
    if not label:
        raise InvalidValue(say("{text} has an empty part between dots", text=quoted(text)))
    if len(label) > _MAXIMUM_LABEL:
        raise InvalidValue(
            say("a part of {text} has {number} characters", text=quoted(text), number=len(label)),
            say("at most {most}", most=_MAXIMUM_LABEL),
        )
    if not _LABEL.match(label):
        raise InvalidValue(
            say("{label} is not a part of a host name", label=quoted(label)),
            "lower-case letters, digits and hyphens, no hyphen at either end",
        )


def _unless_equal(suggestion: str, text: str) -> str:
    return say("did you mean {word}?", word=quoted(suggestion)) if suggestion != text else ""


def _in_punycode(text: str) -> str:
    """Suggest the form that DNS knows, for names made of letters, digits and hyphens of any script."""
    import unicodedata

    def encoded(label: str) -> str:
        return label if label.isascii() else "xn--" + label.encode("punycode").decode()

    normal = unicodedata.normalize("NFC", text.lower())
    if len(text) > _MAXIMUM_DOMAIN or not all(character.isalnum() or character in "-." for character in normal):
        return ""
    return say("write it as {suggestion}", suggestion=quoted(".".join(encoded(label) for label in normal.split("."))))


Domain = Annotated[str, Form("a domain name such as 'chat.example.org'", check_domain)]
"""A host name of at least two labels, as DNS knows it: lower case, no final dot, international names in punycode."""

_LOCAL_PART = re.compile(r"(?!-)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*\Z")


def check_email(text: str) -> str:
    """Check an address for the forms that every mail server and every file format takes."""
    local, at, domain = text.rpartition("@")
    if not at:
        raise InvalidValue(say("{text} has no @", text=quoted(text)))
    if not _LOCAL_PART.match(local) or len(local) > 64:
        allowed = "up to 64 letters, digits, _ + -, and single dots between them"
        raise InvalidValue(say("{local} cannot stand before the @", local=quoted(local)), allowed)
    if len(text) > 254:
        raise InvalidValue(say("has {number} characters", number=len(text)), "an e-mail address of at most 254")
    check_domain(domain)
    return text


Email = Annotated[str, Form("an e-mail address such as 'stewards@example.org'", check_email)]
"""An e-mail address: a conservative local part, and a `Domain`."""


def check_port(number: int) -> int:
    """Check a TCP or UDP port."""
    if not 1 <= number <= 65535:
        raise InvalidValue(say("{number} is not a port", number=number) if abs(number) < 10**9 else "is not a port")
    return number


PortNumber = Annotated[int, Form("a port, from 1 to 65535", check_port)]
"""A TCP or UDP port number."""


def check_host_name(text: str) -> str:
    """Check the name of a machine: one label that is not all digits."""
    if "." in text:
        raise InvalidValue(say("{text} has a dot", text=quoted(text)), hint="the domain is added by itself")
    if text != text.lower():
        raise InvalidValue(say("{text} has capital letters", text=quoted(text)), hint=_unless_equal(text.lower(), text))
    if len(text) > _MAXIMUM_LABEL:
        raise InvalidValue(
            say("has {number} characters", number=len(text)), say("a name of at most {most}", most=_MAXIMUM_LABEL)
        )
    if not _LABEL.match(text):
        raise InvalidValue(say("{text} is not a host name", text=quoted(text)) if text else "is empty")
    if text.isdigit() or text == "localhost":
        raise InvalidValue(say("{text} cannot name a machine", text=quoted(text)))
    return text


HostName = Annotated[
    str, Form("a host name of lower-case letters, digits and hyphens, such as 'main'", check_host_name)
]
"""The name of one machine: a single label of at most 63 characters."""

# NixOS stops evaluation at 32 characters (nixos/modules/config/users-groups.nix); the rest is what systemd, shadow
# and every file that holds such names agree on (systemd.io/USER_NAMES).
_USER_NAME = re.compile(r"[a-z_][a-z0-9_-]*\Z")
_MAXIMUM_USER_NAME = 31
# fmt: off
_RESERVED_USERS = frozenset(
    (
        "root", "nobody", "nogroup", "daemon", "bin", "sys", "sync", "adm", "wheel", "sudo", "users", "tty",
        "disk", "kmem", "lp", "uucp", "audio", "video", "input", "render", "kvm", "cdrom", "floppy", "tape",
        "dialout", "utmp", "keys", "shadow", "messagebus", "polkituser", "sshd", "nscd", "tss", "rtkit",
        "uuidd", "avahi", "dhcpcd", "systemd", "nixbld",
    )
)
# fmt: on
_RESERVED_PREFIXES = ("nixbld", "systemd-")


def check_user_name(text: str) -> str:
    """Check the name of a person's account."""
    if len(text) > _MAXIMUM_USER_NAME:
        raise InvalidValue(
            say("has {number} characters", number=len(text)),
            say("a user name of at most {most}", most=_MAXIMUM_USER_NAME),
        )
    if not _USER_NAME.match(text):
        raise InvalidValue(say("{text} is not a user name", text=quoted(text)) if text else "is empty")
    if text in _RESERVED_USERS or text.startswith(_RESERVED_PREFIXES):
        raise InvalidValue(
            say("{text} is a name the system uses itself", text=quoted(text)), hint="choose another name"
        )
    return text


UserName = Annotated[
    str,
    Form("a user name of lower-case letters, digits, _ and -, such as 'ada'", check_user_name),
]
"""The name of a person's account: at most 31 characters, none that the system or NixOS uses itself."""


def check_ip_address(text: str) -> str:
    """Return the canonical spelling of an IPv4 or IPv6 address without a zone."""
    import ipaddress

    if "/" in text:
        raise InvalidValue(say("{text} has a prefix length", text=quoted(text)), hint="give the address alone")
    _check_no_zone(text)
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise InvalidValue(say("{text} is not an IP address", text=quoted(text))) from None


def _check_no_zone(text: str) -> None:
    if "%" in text:
        raise InvalidValue(
            say("{text} names an interface", text=quoted(text)), hint="leave out the % and the name after it"
        )


IpAddress = Annotated[str, Form("an IP address such as '192.0.2.1' or '2001:db8::1'", check_ip_address)]
"""An IPv4 or IPv6 address, in its canonical spelling."""


def check_ip_interface(text: str) -> str:
    """Return the canonical spelling of an address with its prefix length."""
    import ipaddress

    address, slash, length = text.partition("/")
    if not slash:
        raise InvalidValue(say("{text} has no prefix length", text=quoted(text)))
    _check_no_zone(text)
    try:
        if not (length.isascii() and length.isdigit()):
            raise ValueError
        interface = ipaddress.ip_interface(f"{address}/{int(length)}")
    except ValueError:
        raise InvalidValue(say("{text} is not an IP address with its prefix length", text=quoted(text))) from None
    network = interface.network
    if interface.ip == network.network_address and network.num_addresses > 2:
        raise InvalidValue(say("{text} is the network and not an address in it", text=quoted(text)))
    if interface.version == 4 and interface.ip == network.broadcast_address and network.num_addresses > 2:
        raise InvalidValue(say("{text} is the broadcast address of its network", text=quoted(text)))
    return str(interface)


IpInterface = Annotated[
    str,
    Form(
        "an IP address with its prefix length, such as '192.0.2.10/24' or '2001:db8::10/64'",
        check_ip_interface,
    ),
]
"""An address of a machine in its network, in its canonical spelling: ``192.0.2.10/24``."""

_BY_ID = "/dev/disk/by-id/"
_DISK_NAME = re.compile(r"[A-Za-z0-9#+:=@_.-]+\Z")  # what udev leaves unescaped
_PARTITION = re.compile(r"-part[0-9]+\Z")


def check_disk(text: str) -> str:
    """Check a path of a whole disk that stays the same whatever order disks are found in."""
    find = "see: ls -l /dev/disk/by-id"
    if not text.startswith(_BY_ID):
        changing = text.startswith("/dev/")
        message = (
            say("{text} may be another disk after the next start", text=quoted(text))
            if changing
            else say("{text} is not the path of a disk", text=quoted(text))
        )
        raise InvalidValue(message, hint=find)
    name = text.removeprefix(_BY_ID)
    if not _DISK_NAME.match(name) or name.strip(".") == "" or len(name) > 255:
        raise InvalidValue(say("{text} is not a name that disks have", text=quoted(text)), hint=find)
    if _PARTITION.search(name):
        raise InvalidValue(
            say("{text} is a partition", text=quoted(text)),
            "the whole disk",
            say("write {suggestion}", suggestion=quoted(_PARTITION.sub("", text))),
        )
    return text


DiskById = Annotated[str, Form("a whole disk below /dev/disk/by-id/", check_disk)]
"""The path of a whole disk by its hardware's name, never by the order of discovery."""

_LOCALE = re.compile(r"(?P<language>C|[a-z]{2,3}_[A-Z]{2})(?P<charset>\.[Uu][Tt][Ff]-?8)?\Z")


def check_locale(text: str) -> str:
    """Check for the form that glibc builds from: language, country and UTF-8."""
    match = _LOCALE.match(text)
    if match is None:
        raise InvalidValue(say("{text} is not a locale", text=quoted(text)))
    canonical = f"{match['language']}.UTF-8"
    if text != canonical:
        raise InvalidValue(
            say("{text} does not say UTF-8 as glibc spells it", text=quoted(text)),
            hint=say("write {suggestion}", suggestion=quoted(canonical)),
        )
    return text


Locale = Annotated[str, Form("a locale such as 'de_DE.UTF-8'", check_locale)]
"""A UTF-8 locale: ``C.UTF-8``, or language, underscore and country."""

_AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc", "Europe", "Indian",
          "Pacific")  # fmt: skip
_ZONE = re.compile(r"(?P<area>[A-Za-z]+)(?P<rest>(?:/[A-Za-z0-9][A-Za-z0-9_+-]*){1,2})\Z")


def check_time_zone(text: str) -> str:
    """Check the form ``Area/City``. Whether the city exists is left to the tz database of the pinned NixOS."""
    if text == "UTC":
        return text
    match = _ZONE.match(text)
    if match is None or len(text) > 40:
        raise InvalidValue(say("{text} is not a time zone", text=quoted(text)), hint=did_you_mean(text, ("UTC",)))
    if match["area"] not in _AREAS:
        raise InvalidValue(
            say("{area} is not an area of the tz database", area=quoted(match["area"])),
            hint=did_you_mean(match["area"].capitalize(), _AREAS),
        )
    if not match["rest"][1].isupper():
        raise InvalidValue(say("{text} has a city in lower case", text=quoted(text)))
    return text


TimeZone = Annotated[str, Form("a time zone as Area/City, such as 'Europe/Berlin', or 'UTC'", check_time_zone)]
"""A time zone of the tz database, by its form."""

SshPublicKey = Annotated[str, Form(_SSH_KEY, check_public_key)]
"""A public SSH key on one line, without options."""
