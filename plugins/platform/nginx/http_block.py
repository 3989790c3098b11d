"""What stands in nginx's ``http`` block before all sites: limits, logs, TLS, proxying, headers."""

from __future__ import annotations

from .headers import HIDDEN, Headers
from .nginx_syntax import (
    bare,
    directive,
    lines,
    mapping,
    pattern,
    quoted,
    with_variables,
)
from .settings import Limits, Settings

JOURNAL = "/dev/log"

FROM_PROXY = {
    "Host": "$host",
    "X-Real-IP": "$remote_addr",
    "X-Forwarded-For": "$remote_addr",
    "X-Forwarded-Proto": "$scheme",
    "X-Forwarded-Host": "$host",
    "X-Forwarded-Port": "$server_port",
    "Upgrade": "$maidan_upgrade",
    "Connection": "$maidan_connection",
}
"""What a backend is told about a request, in place of whatever the client said."""

REFUSED = (
    "Forwarded",
    "Proxy",
    "True-Client-IP",
    "X-Client-IP",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Original-URL",
    "X-Rewrite-URL",
)
"""What applications believe about proxies and a client may not say."""


def http_block(settings: Settings, headers: Headers) -> str:
    """Return the text of ``services.nginx.commonHttpConfig``."""
    parts = (
        ("Who asks: an IPv4 address, or an IPv6 network of 64 bits, which is what one household has.", _client()),
        ("How much one client may ask. Beyond it: 429 Too Many Requests.", _limits(settings.limits)),
        ("What is kept of a request: no whole address (24 or 48 bits of it), no query, no user agent.", _log()),
        ("TLS. Sessions resume from memory; tickets would outlive the keys they are sealed with.", _tls(settings)),
        ("Clients that hold a connection and say nothing are let go.", _patience()),
        ("What backends are told: what nginx knows itself, never what the client claims.", _proxy()),
        ("What browsers are told with every answer, errors included.", (*headers.maps(), *headers.usual())),
    )
    return "\n".join(lines(f"# {comment}", *texts) for comment, texts in parts)


def _client() -> tuple[str, ...]:
    return (
        mapping(
            "$binary_remote_addr",
            "$maidan_client",
            (bare("default"), bare("$binary_remote_addr")),
            # IPv4 written as IPv6, for sockets that take both.
            (pattern(r"(?s)^\x00{10}\xff\xff(?<maidan_mapped>.{4})$"), bare("$maidan_mapped")),
            (pattern("(?s)^(?<maidan_prefix>.{8}).{8}$"), bare("$maidan_prefix")),
        ),
    )


def _limits(limits: Limits) -> tuple[str, ...]:
    key = bare("$maidan_client$server_name")

    def zone(name: str, rate: str) -> str:
        return directive("limit_req_zone", key, bare(f"zone=maidan_{name}:16m"), bare(f"rate={rate}"))

    return (
        zone("requests", f"{limits.requests_per_second}r/s"),
        zone("logins", f"{limits.logins_per_minute}r/m"),
        directive("limit_conn_zone", bare("$maidan_client"), bare("zone=maidan_connections:16m")),
        directive("limit_req_status", bare("429")),
        directive("limit_conn_status", bare("429")),
        request_limit(limits),
        directive("limit_conn", bare("maidan_connections"), bare(str(limits.connections))),
    )


def request_limit(limits: Limits) -> str:
    """The limit of every request; a location with a limit of its own has to repeat it."""
    return _limit("requests", limits.requests_at_once)


def login_limit(limits: Limits) -> str:
    """The further limit of log-in pages."""
    return _limit("logins", limits.logins_at_once)


def _limit(zone: str, at_once: int) -> str:
    # The burst is what nginx lets through beyond the one request that the rate itself allows at any time.
    burst = (bare(f"burst={at_once - 1}"), bare("nodelay")) if at_once > 1 else ()
    return directive("limit_req", bare(f"zone=maidan_{zone}"), *burst)


def _log() -> tuple[str, ...]:
    # nginx writes IPv6 in lower case, without leading zeros, the first longest run of zero groups as "::"; so fewer
    # than three groups before "::" are followed by zeros up to the third.
    return (
        mapping(
            "$remote_addr",
            "$maidan_network",
            (bare("default"), bare("::")),
            (pattern(r"^(?:::ffff:)?(?<maidan_v4>[0-9]+[.][0-9]+[.][0-9]+)[.][0-9]+$"), bare("$maidan_v4.0")),
            (
                pattern("^(?<maidan_v6>[0-9a-f]+:[0-9a-f]+(:(?!0:)[0-9a-f]+)?):"),
                with_variables("${maidan_v6}::"),
            ),
            (pattern("^(?<maidan_v6_short>[0-9a-f]+)::"), with_variables("${maidan_v6_short}::")),
        ),
        mapping(
            "$request_uri",
            "$maidan_path",
            (bare("default"), bare("-")),
            (pattern("^(?<maidan_before_query>[^?]+)"), bare("$maidan_before_query")),
        ),
        directive(
            "log_format",
            bare("maidan"),
            with_variables(
                '$maidan_network $server_name "$request_method $maidan_path $server_protocol" '
                "$status $body_bytes_sent $request_time"
            ),
        ),
        directive("access_log", bare(f"syslog:server=unix:{JOURNAL},nohostname,tag=nginx"), bare("maidan")),
    )


def _tls(settings: Settings) -> tuple[str, ...]:
    # The first group is safe from a future quantum computer that reads what was recorded today.
    once = (
        directive("ssl_ecdh_curve", bare("?X25519MLKEM768:X25519:prime256v1:secp384r1")),
        directive("ssl_prefer_server_ciphers", bare("off")),
        directive("ssl_session_cache", bare("shared:maidan:10m")),
        directive("ssl_session_tickets", bare("off")),
        directive("ssl_session_timeout", bare("1d")),
    )
    # A client proves its address before the server does any work for it.
    return (*once, directive("quic_retry", bare("on"))) if settings.http3 else once


def _patience() -> tuple[str, ...]:
    return (
        directive("client_header_timeout", bare("20s")),
        directive("client_body_timeout", bare("30s")),
        directive("send_timeout", bare("30s")),
        directive("reset_timedout_connection", bare("on")),
    )


def _proxy() -> tuple[str, ...]:
    return (
        # Only to a websocket, and only where a site asks for it: any other protocol would slip past the locations.
        mapping(
            "$maidan_websocket$http_upgrade",
            "$maidan_upgrade",
            (bare("default"), quoted("")),
            (pattern("(?i)^on-websocket$"), bare("websocket")),
        ),
        mapping(
            "$maidan_upgrade",
            "$maidan_connection",
            (bare("default"), bare("upgrade")),
            (quoted(""), quoted("")),
        ),
        *(directive("proxy_set_header", bare(name), bare(value)) for name, value in FROM_PROXY.items()),
        *(directive("proxy_set_header", bare(name), quoted("")) for name in REFUSED),
        directive("proxy_http_version", bare("1.1")),
        directive("proxy_redirect", bare("off")),
        # Answers are never written to disk on their way.
        directive("proxy_max_temp_file_size", bare("0")),
        *(directive("proxy_hide_header", bare(name)) for name in HIDDEN),
    )
