"""Who may stand together under one host name."""

from __future__ import annotations

from maidan_nix.contract.needs import Location, Site

_DOCUMENTS = "/.well-known/"


def may_share(one: Site, other: Site) -> bool:
    """Whether the sites of two plugins may have one host name.

    All pages of a host name are one origin to a browser: a script of one reads what another has stored, and acts with
    its log-in. So whoever answers for ``/`` has the host name alone; others may add fixed documents below
    ``/.well-known/``, which run nowhere.
    """
    return all(
        not _has_all(owner) or all(map(_is_document, guest.locations)) for owner, guest in ((one, other), (other, one))
    )


def _has_all(site: Site) -> bool:
    return any(location.path == "/" for location in site.locations)


def _is_document(location: Location) -> bool:
    return location.exact and location.document != "" and location.path.startswith(_DOCUMENTS)
