"""The headers of an answer that protect who reads it.

In nginx an ``add_header`` anywhere hides every ``add_header`` further out, and without ``always`` errors go without.
So the whole set stands in the ``http`` block, where nothing can be forgotten; a host or a location whose set differs
states the whole set again. What a backend says itself is sent once: either its word is hidden and ours stands, or ours
is empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .nginx_syntax import Word, bare, directive, mapping, pattern, quoted
from .settings import Settings
from .sites import Place

HSTS = "max-age=63072000"
"""Two years. Without includeSubDomains: a community's domain may have other sites that this host does not serve."""

ALTERNATIVE = 'h3=":443"; ma=86400'
"""HTTP/3 on the same port, known for a day."""

HIDDEN = ("Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "X-Powered-By")
"""What a backend says of these is dropped: ours stands, or nobody needs to know."""

_SILENT = {
    # The path of a page, which may hold the name of a room or a document, stays within its site.
    "$maidan_referrer": ("Referrer-Policy", "same-origin"),
    # Ways into a member's machine that no site of a community needs.
    "$maidan_permissions": ("Permissions-Policy", "bluetooth=(), hid=(), midi=(), payment=(), serial=(), usb=()"),
    # The community's sites may show each other's pictures, other sites may not.
    "$maidan_resource": ("Cross-Origin-Resource-Policy", "same-site"),
    "$maidan_open_resource": ("Cross-Origin-Resource-Policy", "cross-origin"),
    "$maidan_any_origin": ("Access-Control-Allow-Origin", "*"),
}
"""Variables that hold our word for a header where the backend is silent.

There is no Cross-Origin-Opener-Policy: it would cut off the pop-up windows in which one service logs in with another.
"""

_POLICY = "Content-Security-Policy"


@dataclass(frozen=True, slots=True)
class Headers:
    """The ``add_header`` lines of each place on a host, and the ``map`` blocks behind their variables.

    `trusted` is false while certificates come from a test service: browsers are not told then to insist on HTTPS.
    `policies` gives each content security policy its variable.
    """

    trusted: bool
    http3: bool
    policies: dict[str, str]

    hosts: Mapping[str, tuple[Place, ...]]

    @classmethod
    def of(cls, settings: Settings, hosts: Mapping[str, tuple[Place, ...]]) -> Headers:
        """Make the headers for a host's settings and its places by host name."""
        asked = sorted({place.site.content_security_policy for places in hosts.values() for place in places} - {""})
        policies = {policy: f"$maidan_policy_{number}" for number, policy in enumerate(asked, start=1)}
        return cls(not settings.acme.staging, settings.http3, policies, hosts)

    def usual(self) -> tuple[str, ...]:
        """The headers of every answer that no site has asked to be different."""
        return self._set(frames="none", policy="")

    def of_host(self, name: str) -> tuple[str, ...]:
        """The headers of a host name: those that most of its places want, so that few have to state their own."""
        wanted = Counter(self.of_place(place) for place in self.hosts[name])
        return max(sorted(wanted), key=lambda lines: (wanted[lines], lines == self.usual()))

    def of_place(self, place: Place) -> tuple[str, ...]:
        """The headers of one location."""
        site = place.site
        return self._set(
            frames=site.frames, policy=site.content_security_policy, cross_origin=place.location.cross_origin
        )

    def _set(self, *, frames: str, policy: str, cross_origin: bool = False) -> tuple[str, ...]:
        values: list[tuple[str, Word]] = [("Strict-Transport-Security", bare("$maidan_hsts"))] if self.trusted else []
        values.append(("X-Content-Type-Options", bare("nosniff")))
        if frames == "self":
            values += [("X-Frame-Options", bare("SAMEORIGIN")), (_POLICY, bare("$maidan_frames_self"))]
        else:
            values += [("X-Frame-Options", bare("DENY")), (_POLICY, quoted("frame-ancestors 'none'"))]
        if policy:
            values.append((_POLICY, bare(self.policies[policy])))
        variables = ["$maidan_referrer", "$maidan_permissions"]
        variables += ["$maidan_open_resource", "$maidan_any_origin"] if cross_origin else ["$maidan_resource"]
        values += [(_SILENT[variable][0], bare(variable)) for variable in variables]
        if self.http3:
            values.append(("Alt-Svc", bare("$maidan_alternative")))
        return tuple(directive("add_header", bare(header), value, bare("always")) for header, value in values)

    def maps(self) -> tuple[str, ...]:
        """Return the ``map`` block of each variable that any of the lines names."""
        sets = [self.usual(), *map(self.of_host, self.hosts)]
        sets += [self.of_place(place) for places in self.hosts.values() for place in places]
        words = {word for lines in sets for line in lines for word in line.rstrip(";").split()}
        blocks = {
            "$maidan_hsts": _on_https("$maidan_hsts", HSTS),
            "$maidan_alternative": _on_https("$maidan_alternative", ALTERNATIVE),
            # A backend that names who may frame it is taken at its word; else the site alone may.
            "$maidan_frames_self": mapping(
                "$upstream_http_content_security_policy",
                "$maidan_frames_self",
                (bare("default"), quoted("frame-ancestors 'self'")),
                (pattern("(?i)frame-ancestors"), quoted("")),
            ),
            **{variable: _silent(header, variable, value) for variable, (header, value) in _SILENT.items()},
            **{variable: _silent(_POLICY, variable, policy) for policy, variable in self.policies.items()},
        }
        return tuple(block for variable, block in blocks.items() if variable in words)


def _on_https(target: str, value: str) -> str:
    return mapping("$https", target, (bare("default"), quoted("")), (bare("on"), quoted(value)))


def _silent(header: str, target: str, value: str) -> str:
    said = f"$upstream_http_{header.lower().replace('-', '_')}"
    return mapping(said, target, (bare("default"), quoted("")), (quoted(""), quoted(value)))
