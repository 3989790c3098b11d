"""The common types take what services take, and refuse the rest with a way out."""

from __future__ import annotations

import base64
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.manifest import types as t
from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.ssh_keys import check_public_key
from maidan_nix.manifest.types import ByteSize, Duration


def refused(check: Callable[[Any], Any], value: Any) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        check(value)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "example.org",
        "a.b",
        "chat.example.org",
        "xn--mnchen-3ya.example.org",
        "1a.example.org",
        f"{'a' * 63}.example.org",
    ],
)
def test_domains(name: str) -> None:
    assert t.check_domain(name) == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("", ""),
        ("example", "name the domain too, as in 'chat.example.org'"),
        ("Example.org", "did you mean 'example.org'?"),
        ("example.org.", "write 'example.org'"),
        ("münchen.example.org", "write it as 'xn--mnchen-3ya.example.org'"),
        ("straße.example.org", "write it as 'xn--strae-oqa.example.org'"),
        ("\u041c\u041e\u0421\u041a\u0412\u0410.example.org", "write it as 'xn--80adxhks.example.org'"),
        ("evil\u202eorg.example.org", ""),
        ("https://example.org", "give the host name alone"),
        ("example.org/path", "give the host name alone"),
        ("192.0.2.1", "a domain name is needed, not an IP address"),
        ("a..example.org", ""),
        ("-a.example.org", ""),
        ("a-.example.org", ""),
        ("a_b.example.org", ""),
        ("example.org\n", ""),
        ("example.org; include /etc/passwd", "give the host name alone"),
        ("${config}.example.org", ""),
        (f"{'a' * 64}.example.org", ""),
        (".".join(["abcdefg"] * 40), ""),
        ("*.example.org", ""),
    ],
)
def test_domains_refused(name: str, hint: str) -> None:
    assert refused(t.check_domain, name).hint == hint


@pytest.mark.parametrize("address", ["a@example.org", "first.last+tag@mail.example.org", "a_b-c@example.net"])
def test_emails(address: str) -> None:
    assert t.check_email(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "@example.org",
        "a@",
        "a@b",
        "a b@example.org",
        "a@b@example.org",
        ".a@example.org",
        "a..b@x.org",
        "a.@example.org",
        '"a b"@example.org',
        "a@example.org\n",
        "ä@example.org",
        "a@Example.org",
        f"{'a' * 65}@example.org",
        "a\r\nbcc:b@example.org",
        "-oQ@example.org",
        "`id`@example.org",
    ],
)
def test_emails_refused(address: str) -> None:
    refused(t.check_email, address)


def test_ports() -> None:
    assert [t.check_port(port) for port in (1, 443, 65535)] == [1, 443, 65535]
    for port in (0, -1, 65536, 2**63 - 1):
        refused(t.check_port, port)


@pytest.mark.parametrize("name", ["main", "a", "node-1", "1a", "a" * 63])
def test_host_names(name: str) -> None:
    assert t.check_host_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "a.b", "Main", "-a", "a-", "a_b", "123", "localhost", "a" * 64, "é", "a\n", "../x"]
)
def test_host_names_refused(name: str) -> None:
    refused(t.check_host_name, name)


@pytest.mark.parametrize("name", ["ada", "_x", "a-b_c9", "a" * 31, "systemx"])
def test_user_names(name: str) -> None:
    assert t.check_user_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "root",
        "nobody",
        "nixbld1",
        "nixbld",
        "systemd-network",
        "wheel",
        "Ada",
        "1a",
        "-a",
        "a b",
        "a.b",
        "a$",
        "ada\n",
        "a:b",
        "a" * 32,
        "é",
        "../etc",
    ],
)
def test_user_names_refused(name: str) -> None:
    refused(t.check_user_name, name)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [("192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1"), ("fe80::1", "fe80::1"), ("::", "::")],
)
def test_addresses(written: str, canonical: str) -> None:
    assert t.check_ip_address(written) == canonical


@pytest.mark.parametrize(
    "text", ["", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1/24", "fe80::1%eth0", "x", "1", "2001:db8::1 "]
)
def test_addresses_refused(text: str) -> None:
    refused(t.check_ip_address, text)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("192.0.2.10/24", "192.0.2.10/24"),
        ("192.0.2.10/32", "192.0.2.10/32"),
        ("192.0.2.0/31", "192.0.2.0/31"),
        ("2001:DB8::10/64", "2001:db8::10/64"),
    ],
)
def test_interfaces(written: str, canonical: str) -> None:
    assert t.check_ip_interface(written) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.10",
        "192.0.2.0/24",
        "192.0.2.255/24",
        "2001:db8::/64",
        "192.0.2.10/33",
        "192.0.2.10/255.255.255.0",
        "x/24",
        "192.0.2.10/",
        "192.0.2.10/-1",
        "192.0.2.10/24/24",
        "fe80::1%eth0/64",
        f"192.0.2.10/{'9' * 5000}",
        "192.0.2.10/²",
    ],
)
def test_interfaces_refused(text: str) -> None:
    refused(t.check_ip_interface, text)


@pytest.mark.parametrize("name", ["nvme-EXAMPLE_1TB_0123", "ata-X.Y:Z+1=2@3", "wwn-0x5000c500a1b2c3d4"])
def test_disks(name: str) -> None:
    assert t.check_disk(f"/dev/disk/by-id/{name}") == f"/dev/disk/by-id/{name}"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/dev/sda",
        "sda",
        "/dev/disk/by-uuid/x",
        "/dev/disk/by-id/",
        "/dev/disk/by-id/..",
        "/dev/disk/by-id/../sda",
        "/dev/disk/by-id/a b",
        "/dev/disk/by-id/a\n",
        "/dev/disk/by-id/nvme-X-part1",
        '/dev/disk/by-id/"; rm',
    ],
)
def test_disks_refused(path: str) -> None:
    refused(t.check_disk, path)


@pytest.mark.parametrize("text", ["en_US.UTF-8", "C.UTF-8", "fil_PH.UTF-8"])
def test_locales(text: str) -> None:
    assert t.check_locale(text) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("de_DE", "write 'de_DE.UTF-8'"),
        ("de_DE.utf8", "write 'de_DE.UTF-8'"),
        ("C", "write 'C.UTF-8'"),
        ("de", ""),
        ("de_DE.ISO-8859-1", ""),
        ("", ""),
        ("de_DE.UTF-8\n", ""),
        ("../x", ""),
    ],
)
def test_locales_refused(text: str, hint: str) -> None:
    assert refused(t.check_locale, text).hint == hint


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "Europe/Berlin",
        "America/Argentina/Buenos_Aires",
        "America/Port-au-Prince",
        "Etc/GMT+1",
        "America/North_Dakota/New_Salem",
        "Antarctica/DumontDUrville",
    ],
)
def test_time_zones(zone: str) -> None:
    assert t.check_time_zone(zone) == zone


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europa/Berlin", "did you mean 'Europe'?"),
        ("europe/Berlin", "did you mean 'Europe'?"),
        ("Europe/berlin", ""),
        ("CET", ""),
        ("", ""),
        ("Europe/../../etc/passwd", ""),
        ("Europe/Berlin\n", ""),
        ("/etc/localtime", ""),
        (f"Europe/B{'e' * 60}", ""),
    ],
)
def test_time_zones_refused(zone: str, hint: str) -> None:
    assert refused(t.check_time_zone, zone).hint == hint


class TestQuantities:
    @pytest.mark.parametrize(
        ("text", "size"),
        [("50M", 50 * 2**20), ("2G", 2**31), ("1T", 2**40), ("3K", 3072), ("0", 0), ("0M", 0), ("1024K", 2**20)],
    )
    def test_sizes(self, text: str, size: int) -> None:
        assert ByteSize.parse(text).bytes == size

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("50m", "did you mean '50M'?"),
            ("50MB", "did you mean '50M'?"),
            ("50MiB", "did you mean '50M'?"),
            ("50", ""),
            ("", ""),
            ("M", ""),
            ("-5M", ""),
            ("1.5G", ""),
            ("05M", ""),
            ("5 M", ""),
            ("5M\n", ""),
            ("\u0665M", ""),
            ("5X", ""),
            ("99999999999T", ""),
            ("9" * 5000 + "M", ""),
        ],
    )
    def test_sizes_refused(self, text: str, hint: str) -> None:
        error = refused(ByteSize.parse, text)
        assert error.hint == hint
        assert error.expected

    def test_sizes_are_written_with_units_others_know(self) -> None:
        assert ByteSize.parse("2048M").suffixed() == "2G"
        assert ByteSize.parse("2G").suffixed("M") == "2048M"
        assert ByteSize.parse("2T").suffixed("G") == "2048G"
        assert ByteSize(1000).suffixed() == "1000"
        assert str(ByteSize(0)) == "0"

    @pytest.mark.parametrize(
        ("text", "seconds"), [("30d", 2592000), ("12h", 43200), ("4w", 2419200), ("90m", 5400), ("1s", 1), ("0", 0)]
    )
    def test_durations(self, text: str, seconds: int) -> None:
        assert Duration.parse(text).seconds == seconds
        assert Duration.parse(text).milliseconds == seconds * 1000

    @pytest.mark.parametrize(
        ("text", "hint"), [("30D", "did you mean '30d'?"), ("30days", "did you mean '30d'?"), ("1y", ""), ("30", "")]
    )
    def test_durations_refused(self, text: str, hint: str) -> None:
        assert refused(Duration.parse, text).hint == hint

    def test_durations_are_written_with_units_others_know(self) -> None:
        assert Duration.parse("720h").suffixed() == "30d"
        assert Duration.parse("4w").suffixed() == "28d"
        assert Duration.parse("4w").suffixed("w") == "4w"
        assert Duration.parse("4w").suffixed("h") == "672h"
        assert Duration.parse("90m").suffixed() == "90m"
        assert Duration.parse("25h").in_days() == 2
        assert Duration(0).suffixed() == "0s"

    @given(st.integers(0, 2**50))
    def test_what_is_written_reads_back(self, amount: int) -> None:
        assert Duration.parse(str(Duration(amount))) == Duration(amount)
        assert ByteSize.parse(str(ByteSize(amount * 1024))) == ByteSize(amount * 1024)

    def test_quantities_compare_by_amount(self) -> None:
        assert ByteSize.parse("1G") == ByteSize.parse("1024M")
        assert Duration.parse("1d") > Duration.parse("23h")
        assert len({Duration.parse("1d"), Duration.parse("24h")}) == 1


def wire(*fields: bytes) -> str:
    return base64.b64encode(b"".join(len(field).to_bytes(4) + field for field in fields)).decode()


def rsa(bits: int, exponent: int = 65537) -> str:
    modulus = (1 << (bits - 1)) | 1
    return wire(b"ssh-rsa", exponent.to_bytes(3), b"\0" * (bits % 8 == 0) + modulus.to_bytes(-(-bits // 8)))


ED25519 = wire(b"ssh-ed25519", bytes(range(32)))
SECURITY_KEY = wire(b"sk-ssh-ed25519@openssh.com", bytes(range(32)), b"ssh:")


class TestPublicKeys:
    @pytest.mark.parametrize(
        "line",
        [
            f"ssh-ed25519 {ED25519}",
            f"ssh-ed25519 {ED25519} ada at the office",
            f"sk-ssh-ed25519@openssh.com {SECURITY_KEY} token",
            f"ssh-rsa {rsa(3072)} ada",
            f"ssh-rsa {rsa(4096)}",
        ],
    )
    def test_good(self, line: str) -> None:
        assert check_public_key(line) == line

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("", "is not a public key"),
            ("ssh-ed25519", "the key is incomplete or damaged"),
            ("ssh-ed25519 AAAA", "the key is incomplete or damaged"),
            ("ssh-ed25519 !!!!", "the key itself is not base64"),
            (f"ssh-ed25519 {ED25519[:-3]}", "the key itself is not base64"),
            (f"ssh-ed25519 {ED25519[:-4]}", "the key is incomplete or damaged"),
            (f"ssh-ed25519  {ED25519}", "the key is incomplete or damaged"),
            (f"ssh-ed25519 {wire(b'ssh-ed25519', bytes(31))}", "the key is incomplete or damaged"),
            (f"ssh-ed25519 {wire(b'ssh-ed25519', bytes(32), b'more')}", "the key is incomplete or damaged"),
            (f"ssh-ed25519 {rsa(3072)}", "the line says ssh-ed25519 and the key inside says otherwise"),
            (f"ssh-rsa {rsa(2048)}", "this RSA key has 2048 bits"),
            (f"ssh-rsa {rsa(3071)}", "this RSA key has 3071 bits"),
            (f"ssh-rsa {rsa(3072, exponent=65536)}", "this RSA key cannot be right"),
            (f"ssh-dss {ED25519}", "keys of type ssh-dss are not accepted"),
            (f"ecdsa-sha2-nistp256 {ED25519}", "keys of type ecdsa-sha2-nistp256 are not accepted"),
            (f"ssh-ed25518 {ED25519}", "'ssh-ed25518' is no known type of key"),
            (f'command="id" ssh-ed25519 {ED25519}', "has options before the key"),
            (f"no-pty ssh-ed25519 {ED25519}", "has options before the key"),
            (f"ssh-ed25519 {ED25519} a\nssh-ed25519 {ED25519}", "has more than one line"),
            (f"ssh-ed25519 {ED25519}\n", "has more than one line"),
            (f"ssh-ed25519 {ED25519} \x1b[2J", "contains a control character"),
            (f"ssh-ed25519 {ED25519} \u202e", "contains a control character"),
            (f" ssh-ed25519 {ED25519}", "starts or ends with a space"),
            (f"ssh-ed25519 {ED25519} {'a' * 5000}", "has more than 4096 characters"),
        ],
    )
    def test_bad(self, line: str, message: str) -> None:
        assert refused(check_public_key, line).message == message

    def test_a_private_key_is_never_repeated(self) -> None:
        secret = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
        error = refused(check_public_key, f"-----BEGIN OPENSSH PRIVATE KEY-----\n{secret}\n")
        assert error.message.startswith("this is a private key")
        assert secret not in f"{error} {error.message} {error.expected} {error.hint}"

    @given(st.text(max_size=80) | st.binary(max_size=60).map(lambda blob: f"ssh-rsa {base64.b64encode(blob).decode()}"))
    def test_anything_is_a_key_or_refused(self, text: str) -> None:
        try:
            accepted = check_public_key(text)
        except InvalidValue as error:
            accepted = text
            refusal = error.message
        else:
            refusal = ""
        assert accepted == text
        assert refusal.isprintable()

    @pytest.mark.parametrize("arguments", [["-t", "ed25519"], ["-t", "rsa", "-b", "3072"]])
    def test_keys_of_the_real_program(self, tmp_path: pathlib.Path, arguments: list[str]) -> None:
        program = shutil.which("ssh-keygen")
        if program is None:
            pytest.skip("ssh-keygen is missing: openssh-client")
        key = tmp_path / "key"
        subprocess.run([program, "-q", "-N", "", "-C", "ada", "-f", str(key), *arguments], check=True)
        line = key.with_suffix(".pub").read_text().strip()
        assert check_public_key(line) == line
        refused(check_public_key, key.read_text())
