"""A started nginx with a backend, a journal and certificates of its own, all on loopback and in one folder."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from live.tree import loader, require_tree
from maidan_nix.nix.values import Call, Expression, Text
from maidan_nix_plugins.platform.nginx.settings import Settings
from maidan_nix_plugins.platform.nginx.tests.compose import Machine, compose
from maidan_nix_plugins.platform.nginx.tests.examples import AWAY, PACKAGE, RELAY, SITES, configuration, everything_on

INSTRUMENTS = """
set_real_ip_from 127.0.0.0/8;
real_ip_header X-Test-Client;
server {
  listen 127.0.0.1:PORT;
  server_name instrument;
  limit_req zone=maidan_requests burst=9999 nodelay;
  access_log off;
  location = /client { default_type text/plain; return 200 $maidan_client; }
  location = /network { default_type text/plain; return 200 $maidan_network; }
}
"""
"""Lets a test say which address it comes from, and shows what nginx makes of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are in lower case, repeated headers are joined by a line break."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Nginx:
    """A running nginx, and what it left in its logs and at its backend."""

    folder: Path
    http: int
    https: int
    instrument: int
    certificate: Path
    seen: list[Mapping[str, str]] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)

    def tls(self, host: str | None, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLSocket:
        """Connect and shake hands for a host name (None: name none). Raises ssl.SSLError."""
        trust = ssl.create_default_context(cafile=str(self.certificate))
        trust.maximum_version = newest
        trust.check_hostname = host is not None
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=10)
        try:
            return trust.wrap_socket(plain, server_hostname=host)
        except ssl.SSLError:
            plain.close()
            raise

    def ask(
        self,
        host: str,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask over HTTPS."""
        return self._ask(self.tls(host), host, method, path, headers, body)

    def ask_plain(self, host: str, path: str) -> Answer:
        """Ask over HTTP."""
        return self._ask(socket.create_connection(("127.0.0.1", self.http), timeout=10), host, "GET", path, None, None)

    @contextlib.contextmanager
    def instruments(self) -> Iterator[Callable[[str, str], bytes]]:
        """Yield a way to ask what nginx makes of an address: ``show("/client", address)``."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.instrument, timeout=10)) as connection:

            def show(path: str, address: str) -> bytes:
                connection.request("GET", path, headers={"Host": "instrument", "X-Test-Client": address})
                return connection.getresponse().read()

            yield show

    def errors(self) -> str:
        """What is in the error log in memory."""
        return (self.folder / "log/error.log").read_text(encoding="utf-8")

    @staticmethod
    def _ask(
        connected: socket.socket,
        host: str,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> Answer:
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.sock = connected
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            said: dict[str, str] = {}
            for name, value in answer.getheaders():
                key = name.lower()
                said[key] = f"{said[key]}\n{value}" if key in said else value
            return Answer(answer.status, said, answer.read())


@contextlib.contextmanager
def started(folder: Path, settings: Settings | None = None) -> Iterator[Nginx]:
    """Start nginx for the examples below `folder`; it is stopped at the end."""
    ports = [free_port() for _ in range(3)]
    running = Nginx(folder, ports[0], ports[1], ports[2], folder / "acme/ca.pem")
    for name in ("log", "run", "temp", "package/sub"):
        (folder / name).mkdir(parents=True)
    (folder / "package/index.html").write_text("<h1>client</h1>" + " " * 2000)
    (folder / "package/robots.txt").write_text("Disallow: /")
    (folder / "package/sub/app.js").write_text("go()" * 500)
    make_certificates(folder / "acme", sorted({site.hostname for site in (*SITES, AWAY)}))
    (folder / "relay").mkdir()
    with (
        backend(running.seen) as port,
        relay(folder / "relay" / RELAY.file, port),
        journal(folder / "journal", running.journal),
    ):
        text = compose(
            configuration(settings or everything_on(), port=port, away=[AWAY]),
            store(folder),
            Machine(
                listen=("127.0.0.1",),
                http=running.http,
                https=running.https,
                mime_types=str(require_tree() / "etc/nginx/mime.types"),
                run=str(folder / "run"),
                certificates=str(folder / "acme"),
                before_sites=temporary(folder) + INSTRUMENTS.replace("PORT", str(running.instrument)),
            ),
        )
        text = text.replace("/var/log/nginx", f"{folder}/log").replace("unix:/dev/log", f"unix:{folder}/journal")
        text = text.replace(f"/run/relay-{RELAY.name}", f"{folder}/relay")
        with serving(text, folder, running.http):
            yield running


@contextlib.contextmanager
def serving(config: str, folder: Path, port: int) -> Iterator[None]:
    """Run nginx with a configuration until the end of the block; `port` is one that it opens."""
    as_root = "user root;\n" if os.geteuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(as_root + config, encoding="utf-8")
    command = [*loader(require_tree(), "/usr/sbin/nginx"), "-p", str(folder), "-c", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if process.poll() is not None:
            assert process.stderr is not None
            raise AssertionError(process.stderr.read())
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError(f"nginx did not open port {port}")


def free_port() -> int:
    """Return a port that nothing listens on, for TCP and UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


def temporary(folder: Path) -> str:
    """Folders that nginx of NixOS has below its private /tmp."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{kind}_temp_path {folder}/temp/{kind};\n" for kind in kinds)


def store(folder: Path) -> Callable[[Expression], str]:
    """Return what stands in for the Nix store: the example package, and files written on the way."""

    def resolve(expression: Expression) -> str:
        if expression == PACKAGE:
            return str(folder / "package")
        if isinstance(expression, Text):
            return "".join(part if isinstance(part, str) else resolve(part) for part in expression.parts)
        assert isinstance(expression, Call)
        name, content = expression.arguments
        assert isinstance(name, str)
        assert isinstance(content, str)
        place = folder / "store" / str(abs(hash(content)))
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(content, encoding="utf-8")
        return str(place)

    return resolve


def make_certificates(folder: Path, hosts: list[str]) -> None:
    """Make a certificate authority and one certificate per host, where NixOS has those of its ACME client."""
    folder.mkdir()
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    authority = folder / "ca.pem"
    key = folder / "ca-key.pem"
    signs = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    named = ("-subj", "/CN=Test authority", "-days", "2")
    openssl("req", "-x509", *new_key, *named, *signs, "-keyout", key, "-out", authority)
    for host in hosts:
        place = folder / host
        place.mkdir()
        leaf = ("req", "-x509", *new_key, "-days", "2", "-subj", f"/CN={host}", "-CA", authority, "-CAkey", key)
        extensions = (
            f"subjectAltName=DNS:{host}",
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=serverAuth",
        )
        added = [word for extension in extensions for word in ("-addext", extension)]
        openssl(*leaf, *added, "-keyout", place / "key.pem", "-out", place / "cert.pem")
        (place / "fullchain.pem").write_bytes((place / "cert.pem").read_bytes() + authority.read_bytes())
        (place / "chain.pem").write_bytes(authority.read_bytes())


def openssl(*arguments: str | Path) -> None:
    """Run the Debian 13 tree's openssl."""
    command = [*loader(require_tree(), "/usr/bin/openssl"), *map(str, arguments)]
    configuration_file = str(require_tree() / "etc/ssl/openssl.cnf")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "OPENSSL_CONF": configuration_file}
    )
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def journal(path: Path, lines: list[str]) -> Iterator[None]:
    """Stand in for the journal's socket: collect what is logged."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))

        def read() -> None:
            with contextlib.suppress(OSError):
                while line := listening.recv(65536).decode():
                    lines.append(line)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            yield
        finally:
            listening.shutdown(socket.SHUT_RD)
            reader.join(timeout=5)


@contextlib.contextmanager
def backend(seen: list[Mapping[str, str]]) -> Iterator[int]:
    """Run an application that records what it is told, and says what the path asks it to say; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            seen.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            if self.headers.get("Upgrade"):
                self.send_response(101)
                self.send_header("Upgrade", self.headers["Upgrade"])
                self.send_header("Connection", "upgrade")
                self.end_headers()
                self.wfile.write(self.rfile.read1(4).upper())
                self.close_connection = True
                return
            size = self.body()
            content = str(size).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            for name, value in said(self.path):
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def body(self) -> int:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            total = 0
            while size := int(self.rfile.readline(), 16):
                total += len(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return total

        do_GET = do_POST = do_HEAD = do_OPTIONS = answer  # noqa: N815 - names that http.server looks for

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def relay(path: Path, port: int) -> Iterator[None]:
    """Stand in for a relay: whoever connects to the socket at `path` gets to a port of the loopback address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as there:
                back = threading.Thread(target=copy, args=(there, self.request), daemon=True)
                back.start()
                copy(self.request, there)
                back.join()

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while some := source.recv(65536):
                target.sendall(some)
            target.shutdown(socket.SHUT_WR)

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def said(path: str) -> list[tuple[str, str]]:
    """What the application answers to ``?say``: headers that it is opinionated about."""
    if not path.endswith("?say"):
        return []
    return [
        ("Strict-Transport-Security", "max-age=1"),
        ("X-Frame-Options", "ALLOWALL"),
        ("X-Powered-By", "Example 1.2"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src *; frame-ancestors https://friend.example.net"),
        ("Access-Control-Allow-Origin", "https://friend.example.net"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    ]
