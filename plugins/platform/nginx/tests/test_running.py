"""A real nginx, started with what the plugin emits, does what the plugin promises."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maidan_nix_plugins.platform.nginx.settings import Limits
from maidan_nix_plugins.platform.nginx.tests.examples import HOSTILE
from maidan_nix_plugins.platform.nginx.tests.running import Nginx

PROTECTING = {
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "content-security-policy",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-resource-policy",
    "alt-svc",
}


def test_http_leads_to_https(nginx: Nginx) -> None:
    answer = nginx.ask_plain("wiki.example.org", "/page?x=1")
    assert answer.status == 301
    assert answer.headers["location"] == "https://wiki.example.org/page?x=1"
    assert "strict-transport-security" not in answer.headers


def answered(connected: socket.socket, host: str) -> bool:
    """Ask for a host name over an open connection: whether there is an answer at all, or nginx hangs up."""
    with connected:
        connected.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        try:
            return connected.recv(100) != b""
        except ConnectionResetError:
            return False


@pytest.mark.parametrize("host", ["other.example.org", "127.0.0.1", "localhost"])
def test_a_name_that_is_not_ours_gets_no_answer(nginx: Nginx, host: str) -> None:
    def plain() -> socket.socket:
        return socket.create_connection(("127.0.0.1", nginx.http), timeout=10)

    assert answered(plain(), "wiki.example.org")
    assert not answered(plain(), host)


@pytest.mark.parametrize("host", ["other.example.org", None])
def test_a_name_that_is_not_ours_gets_no_certificate(nginx: Nginx, host: str | None) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        nginx.tls(host)


def test_a_certificate_does_not_open_the_site_of_another(nginx: Nginx) -> None:
    assert answered(nginx.tls("wiki.example.org"), "wiki.example.org")
    assert not answered(nginx.tls("wiki.example.org"), "nobody.example.org")


def test_tls_is_1_3_alone(nginx: Nginx) -> None:
    with nginx.tls("wiki.example.org") as connected:
        assert connected.version() == "TLSv1.3"
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        nginx.tls("wiki.example.org", newest=ssl.TLSVersion.TLSv1_2)


def test_http3_is_there_over_udp(nginx: Nginx) -> None:
    # A QUIC packet of a version that nobody speaks; the answer names the versions that the server does (RFC 9000, 6.1).
    packet = b"\xc0" + b"\x1a\x2a\x3a\x4a" + b"\x08" + bytes(range(8)) + b"\x08" + bytes(range(8, 16))
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(10)
        udp.sendto(packet.ljust(1200, b"\0"), ("127.0.0.1", nginx.https))
        answer = udp.recv(1500)
    assert answer[0] & 0x80
    assert answer[1:5] == bytes(4), "a version negotiation packet has version 0"
    assert (1).to_bytes(4, "big") in answer[5:], "QUIC version 1 is offered"


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("wiki.example.org", "/", 200),
        ("wiki.example.org", "/admin", 404),
        ("wiki.example.org", "/%zz", 400),
        ("chat.example.org", "/", 200),
        ("chat.example.org", "/nothing", 404),
        ("chat.example.org", "/sub", 301),
        ("chat.example.org", "/sub/", 403),
        ("example.org", "/", 404),
        ("example.org", "/.well-known/service", 200),
        ("example.org", "/api/", 200),
    ],
)
def test_every_answer_protects_who_reads_it(nginx: Nginx, host: str, path: str, status: int) -> None:
    answer = nginx.ask(host, path)
    assert answer.status == status
    assert answer.headers.keys() >= PROTECTING
    assert answer.headers["strict-transport-security"] == "max-age=63072000"
    assert answer.headers["server"] == "nginx"


def test_a_refused_upload_is_protected_too(nginx: Nginx) -> None:
    answer = nginx.ask("wiki.example.org", "/small", method="POST", body=b"12")
    assert answer.status == 413
    assert answer.headers.keys() >= PROTECTING


def test_frames_and_policies_are_those_of_the_site(nginx: Nginx) -> None:
    wiki, chat = nginx.ask("wiki.example.org", "/"), nginx.ask("chat.example.org", "/")
    assert wiki.headers["x-frame-options"] == "DENY"
    assert wiki.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert chat.headers["x-frame-options"] == "SAMEORIGIN"
    assert chat.headers["content-security-policy"].split("\n") == [
        "frame-ancestors 'self'",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
    ]
    # Two plugins on one host name keep their own.
    assert nginx.ask("example.org", "/.well-known/wide").headers["x-frame-options"] == "DENY"
    assert nginx.ask("example.org", "/framed/").headers["x-frame-options"] == "SAMEORIGIN"


def test_a_backend_that_says_a_header_is_heard_once(nginx: Nginx) -> None:
    headers = nginx.ask("example.org", "/api/?say").headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["access-control-allow-origin"] == "https://friend.example.net"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    # The site lets itself be framed, so the backend may name whom else.
    assert headers["content-security-policy"] == "default-src *; frame-ancestors https://friend.example.net"
    # These are not the backend's to say.
    assert headers["strict-transport-security"] == "max-age=63072000"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "x-powered-by" not in headers


def test_a_backend_cannot_open_a_site_that_nobody_may_frame(nginx: Nginx) -> None:
    headers = nginx.ask("wiki.example.org", "/?say").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"].split("\n")
    assert headers["x-frame-options"] == "DENY"


def test_other_sites_read_only_what_is_open_to_them(nginx: Nginx) -> None:
    is_open, closed = nginx.ask("example.org", "/.well-known/service"), nginx.ask("example.org", "/framed/")
    assert is_open.headers["access-control-allow-origin"] == "*"
    assert is_open.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-origin" not in closed.headers
    assert closed.headers["cross-origin-resource-policy"] == "same-site"


def test_documents_arrive_to_the_letter(nginx: Nginx) -> None:
    answer = nginx.ask("example.org", "/.well-known/service")
    assert answer.body == HOSTILE.encode()
    assert answer.headers["content-type"] == "application/json"
    assert nginx.ask("example.org", "/.well-known/service/below").status == 404
    assert json.loads(nginx.ask("example.org", "/.well-known/wide/below").body) == {"below": True}


def test_files_are_served_and_asked_about_again(nginx: Nginx) -> None:
    answer = nginx.ask("chat.example.org", "/sub/app.js", headers={"Accept-Encoding": "gzip"})
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-encoding"] == "gzip"
    assert nginx.ask("chat.example.org", "/more/sub/app.js").body == b"go()" * 500
    assert nginx.ask("chat.example.org", "/robots.txt").body == b"Disallow: /"


@pytest.mark.parametrize(
    "path", ["/more../run/nginx.pid", "/more/../../run/nginx.pid", "/more/%2e%2e/%2e%2e/nginx.conf"]
)
def test_files_lead_nowhere_else(nginx: Nginx, path: str) -> None:
    assert nginx.ask("chat.example.org", path).status in {400, 404}


@pytest.mark.parametrize(
    "path", ["/admin", "/admin/users", "/%61dmin", "//admin", "/x/../admin", "/x/..%2fadmin", "/./admin"]
)
def test_a_blocked_path_is_blocked_however_it_is_written(nginx: Nginx, path: str) -> None:
    assert nginx.ask("wiki.example.org", path).status == 404


def test_backends_are_told_what_nginx_knows_and_not_what_the_client_says(nginx: Nginx) -> None:
    claimed = dict.fromkeys(
        ("X-Real-IP", "X-Forwarded-For", "X-Client-IP", "True-Client-IP", "Forwarded", "X-Forwarded-Prefix"),
        "203.0.113.66",
    )
    claimed |= {"X-Forwarded-Host": "evil.example.net", "X-Forwarded-Proto": "http", "Proxy": "evil", "Upgrade": "h2c"}
    nginx.ask("wiki.example.org", "/told", headers=claimed)
    told = next(each for each in reversed(nginx.seen) if each["path"] == "/told")
    assert told["x-real-ip"] == told["x-forwarded-for"] == "127.0.0.1"
    assert told["host"] == told["x-forwarded-host"] == "wiki.example.org"
    assert told["x-forwarded-proto"] == "https"
    assert not {"x-client-ip", "true-client-ip", "forwarded", "x-forwarded-prefix", "proxy", "upgrade"} & told.keys()


def upgrade(nginx: Nginx, path: str, protocol: str) -> bytes:
    with nginx.tls("wiki.example.org") as connected:
        head = f"GET {path} HTTP/1.1\r\nHost: wiki.example.org\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n"
        connected.sendall(head.encode() + b"ping")
        received = b""
        while b"\r\n\r\n" not in received or (received.startswith(b"HTTP/1.1 101") and not received.endswith(b"PING")):
            chunk = connected.recv(4096)
            if not chunk:
                break
            received += chunk
        return received


def test_a_websocket_passes_where_it_is_asked_for(nginx: Nginx) -> None:
    answer = upgrade(nginx, "/socket", "websocket")
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert answer.endswith(b"PING")


@pytest.mark.parametrize(("path", "protocol"), [("/", "websocket"), ("/socket", "h2c"), ("/socket", "websocket2")])
def test_no_other_upgrade_passes(nginx: Nginx, path: str, protocol: str) -> None:
    assert upgrade(nginx, path, protocol).startswith(b"HTTP/1.1 200 ")


def test_uploads_have_the_size_that_their_path_allows(nginx: Nginx) -> None:
    def upload(path: str, size: int) -> int:
        return nginx.ask("wiki.example.org", path, method="POST", body=bytes(size)).status

    assert upload("/", 1024 * 1024) == 200
    assert upload("/", 1024 * 1024 + 1) == 413
    assert upload("/upload", 3 * 1024 * 1024) == 200
    assert upload("/small", 0) == 200
    assert upload("/small", 2) == 413


def burst(nginx: Nginx, path: str, address: str, count: int) -> list[int]:
    return [nginx.ask("wiki.example.org", path, headers={"X-Test-Client": address}).status for _ in range(count)]


def test_log_in_pages_answer_exactly_as_often_as_allowed(nginx: Nginx) -> None:
    allowed = Limits().logins_at_once
    assert burst(nginx, "/login", "198.51.100.1", allowed + 3) == [200] * allowed + [429] * 3
    refused = nginx.ask("wiki.example.org", "/login", headers={"X-Test-Client": "198.51.100.1"})
    assert refused.headers.keys() >= PROTECTING
    # Everything else goes on, and so do others.
    assert burst(nginx, "/", "198.51.100.1", 1) == [200]
    assert burst(nginx, "/login", "198.51.100.2", 1) == [200]


def test_a_household_shares_one_limit_and_its_neighbours_do_not(nginx: Nginx) -> None:
    allowed = Limits().logins_at_once
    assert burst(nginx, "/login", "2001:db8:0:1::1", allowed) == [200] * allowed
    assert burst(nginx, "/login", "2001:db8:0:1:ffff:ffff:ffff:ffff", 1) == [429]
    assert burst(nginx, "/login", "2001:db8:0:2::1", 1) == [200]


addresses = st.one_of(
    st.integers(0, 2**32 - 2).map(IPv4Address),  # the last one is nobody's, and nginx does not take it from a header
    st.integers(0, 2**128 - 1).map(IPv6Address),
    # Addresses with groups of zeros, whose text is shortened in many ways.
    st.lists(st.sampled_from([0, 0, 0, 1, 10, 0xFFFF]), min_size=8, max_size=8).map(
        lambda groups: IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups))
    ),
)


@pytest.fixture(scope="module")
def show(nginx: Nginx) -> Iterator[Callable[[str, str], bytes]]:
    with nginx.instruments() as asking:
        yield asking


@settings(max_examples=400)
@given(address=addresses)
@example(address=IPv6Address("::"))
@example(address=IPv6Address("::1"))
@example(address=IPv6Address("2001:db8:0:0a0a::0a0a"))
@example(address=IPv6Address(b"\n" * 16))
@example(address=IPv6Address("::ffff:192.0.2.77"))
def test_addresses_are_shortened_to_their_network(
    show: Callable[[str, str], bytes], address: IPv4Address | IPv6Address
) -> None:
    client, network = show("/client", str(address)), show("/network", str(address)).decode()
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None or isinstance(address, IPv4Address):
        four = mapped or address
        assert client == four.packed
        assert network == str(ip_network(f"{four}/24", strict=False).network_address)
        return
    assert client == address.packed[:8]
    expected = ip_network(f"{address}/48", strict=False).network_address
    assert network.endswith("::")
    # What starts with zeros belongs to nobody, and is not always told apart.
    assert IPv6Address(network) == expected or (address.packed[:2] == b"\0\0" and network == "::")


def test_what_is_kept_of_a_request(nginx: Nginx) -> None:
    headers = {"X-Test-Client": "203.0.113.77", "User-Agent": "browser", "Referer": "https://else.example.net/"}
    nginx.ask("wiki.example.org", "/kept/page?token=geheim", headers=headers)
    nginx.ask("wiki.example.org", "/kept/six", headers={"X-Test-Client": "2001:db8:5:6:7:8:9:a"})
    wait_until(lambda: sum("/kept/" in line for line in nginx.journal) == 2)
    four, six = (line for line in nginx.journal if "/kept/" in line)
    assert ' nginx: 203.0.113.0 wiki.example.org "GET /kept/page HTTP/1.1" 200 ' in four
    assert ' nginx: 2001:db8:5:: wiki.example.org "GET /kept/six HTTP/1.1" 200 ' in six
    for secret in ("77", "geheim", "browser", "else.example.net", "2001:db8:5:6"):
        assert secret not in four.partition("nginx:")[2].partition('" 200 ')[0] + six.partition("nginx:")[2], secret


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_strangers_and_refusals_leave_no_address_in_the_journal(nginx: Nginx) -> None:
    burst(nginx, "/login", "198.51.100.200", Limits().logins_at_once + 1)
    assert "198.51.100.200" in nginx.errors(), "the detector reads whole addresses here"
    assert not any("198.51.100.200" in line for line in nginx.journal)
