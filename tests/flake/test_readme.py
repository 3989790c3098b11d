"""The README of a community's flake: what a volunteer does literally, and only what is true of their hosts."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from fake_plugins import MANIFEST, Install, generated, installed, source
from maidan_nix.flake.readme import markdown_code, markdown_text

__all__ = ["installed"]

ROOT = Path(__file__).parents[2]
COMMONS = (ROOT / "hosts/commons/community.toml").read_text("utf-8")
MINIMAL = (ROOT / "hosts/minimal/community.toml").read_text("utf-8")
WIKI_MANIFEST = f"{MANIFEST}[services.wiki]\n"


def readme(manifest: str) -> str:
    return generated(manifest).tree["README.md"].content.decode()


def blocks(text: str) -> list[str]:
    """The indented blocks, as Markdown shows them: in a list, at the top, each without its indentation."""
    found = re.findall(r"(?:^(?: {4,}.*|)\n)+", text, re.MULTILINE)
    return ["\n".join(line.strip() for line in block.strip("\n").splitlines()) for block in found if block.strip()]


@pytest.mark.parametrize("manifest", [MINIMAL, COMMONS], ids=["minimal", "commons"])
def test_every_command_is_one_that_a_shell_understands(manifest: str) -> None:
    commands = [block for block in blocks(readme(manifest)) if not block.startswith("[")]
    assert len(commands) >= 8
    for block in commands:
        subprocess.run(["bash", "-n", "-c", block], check=True)


def test_everything_is_committed_before_the_host_is_installed() -> None:
    text = readme(MINIMAL)
    commits = [found.start() for found in re.finditer("git add --all && git commit", text)]
    assert any(text.index("agenix -e steward-STEWARD") < commit < text.index("nixos-anywhere --") for commit in commits)
    assert commits[0] < text.index("nix develop")


def test_the_hosts_private_key_stays_out_of_the_flake(tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: install openssh-client")
    flake = tmp_path / "flake"
    flake.mkdir()
    (commands,) = [block for block in blocks(readme(MINIMAL)) if "ssh-keygen -t" in block]
    subprocess.run(["bash", "-e", "-c", f"umask 077\n{commands}"], cwd=flake, check=True, capture_output=True)
    assert list(flake.iterdir()) == []
    made = tmp_path / "keys-HOST"
    modes = {str(path.relative_to(made)): path.stat().st_mode & 0o777 for path in [made, *made.rglob("*")]}
    assert modes.pop("etc/ssh/ssh_host_ed25519_key") == 0o600
    modes.pop("etc/ssh/ssh_host_ed25519_key.pub")
    assert modes == {".": 0o755, "etc": 0o755, "etc/ssh": 0o755}
    assert "--extra-files ../keys-HOST" in readme(MINIMAL)


def test_a_copy_of_the_hosts_key_is_encrypted_to_every_steward() -> None:
    text = readme(COMMONS)
    (command,) = [block for block in blocks(text) if block.startswith("age \\\n")]
    keys = re.findall(r'ssh_keys = \["(ssh-ed25519 \S+) \w+"\]', COMMONS)
    assert len(keys) == 2
    assert re.findall(r"-r '(.*)' \\", command) == keys
    assert text.index("age \\\n") < text.index("rm -r /dev/shm/HOST.passphrase ../keys-HOST")


def test_a_new_key_is_on_the_host_before_the_switch() -> None:
    leaked = readme(MINIMAL).partition("**The host's key leaked.**")[2].partition("**A steward left.**")[0]
    steps = ["agenix --rekey` in the folder `secrets", "sudo install -m 600", "Then commit and switch"]
    places = [leaked.index(step) for step in steps]
    assert places == sorted(places)


def test_how_to_leave_the_test_service_of_the_certificate_authority() -> None:
    text = readme(MINIMAL)
    item = "- `platform.nginx.acme.staging`: certificates come from the authority's test service"
    assert f"\n\n{item}" in text.partition("\n## Worth a thought\n")[2].partition("\n\n## Daily life")[0]
    assert "set platform.nginx.acme.staging = false. More: `maidan-nix explain certificates-staging`\n" in text
    earnest = readme(f"{MINIMAL}[platform.nginx.acme]\nstaging = false\n")
    assert "staging" not in earnest
    assert "while you switch.\n\n## Daily life" in earnest


def test_without_sites_there_are_no_certificates_to_speak_of(installed: Install) -> None:
    installed()
    assert "staging" not in readme(WIKI_MANIFEST)


def test_a_host_is_checked_on_its_own_system() -> None:
    assert "`nix build .#checks.x86_64-linux.HOST` evaluates" in readme(MINIMAL)
    arm = MINIMAL.replace('boot.firmware = "bios"', 'system = "aarch64-linux"')
    assert "`nix build .#checks.aarch64-linux.HOST` evaluates" in readme(arm)
    more = '[hosts.barn]\ndisk.device = "/dev/disk/by-id/barn"\nnetwork.interface = "enp1s0"\n'
    assert "`nix build .#checks.PROCESSOR.HOST`" in readme(f"{arm}host = 'shed'\n{more}")


def test_no_table_is_announced_that_is_empty(installed: Install) -> None:
    installed()
    text = readme(WIKI_MANIFEST)
    assert "Outward, a service reaches only this machine itself.\n" in text
    assert "| May reach |" not in text
    assert "but for these:\n\n| Host | Unit | May reach | Why |\n| --- | --- | --- | --- |\n| `shed` |" in readme(
        MINIMAL
    )


def test_another_port_of_ssh_is_named_where_it_is_needed() -> None:
    assert "NIX_SSHOPTS" not in readme(MINIMAL)
    text = readme(f"{MINIMAL}[hardening.ssh]\nport = 2222\n")
    assert "`NIX_SSHOPTS='-p 2222'` before" in text
    assert "`ssh -p 2222`" in text


def test_without_ssh_the_way_is_the_console() -> None:
    text = readme(f'{MINIMAL}[plugins.disable]\n"hardening/ssh" = "we always have a console"\n')
    assert "No host can be reached over SSH. " in text


def test_the_ssh_of_a_service_is_no_way_in(installed: Install) -> None:
    needs = 'api.Port(name="ssh", number=2222, open_to="internet", purpose="members push"),'
    installed(source(f"def needs(self, context): return ({needs})"))
    assert "NIX_SSHOPTS" not in readme(f"{MINIMAL}[services.wiki]\n")
    without = readme(f'{MINIMAL}[services.wiki]\n[plugins.disable]\n"hardening/ssh" = "we have a console"\n')
    assert "No host can be reached over SSH. " in without


def test_what_any_plugin_advises_is_repeated(installed: Install) -> None:
    body = """\
    finding_kinds = (api.FindingKind("wiki-open", "advice", "It is open.", "Anybody reads.", "Close it."),)
    def findings(self, context):
        return (
            api.Finding("wiki-open", "advice", "services.wiki", "anybody *reads*", "close it"),
            api.Finding("wiki-key", "missing", "wiki", "there is no key", "make one"),
        )
    """
    installed(source(body))
    text = readme(WIKI_MANIFEST)
    said = "anybody \\*reads\\*. What to do: close it. More: `maidan-nix explain wiki-open`"
    assert f"\n- `services.wiki`: {said}\n\n## Daily life" in text
    assert "there is no key" not in text


def test_what_a_plugin_says_cannot_leave_its_cell(installed: Install) -> None:
    body = """\
    def needs(self, context):
        return (
            api.Secret(name="token", content="a | b `c` <img> --done"),
            api.Outgoing(unit="wiki", to="listed", addresses=("192.0.2.1",), reason="*news* | more"),
            api.Port(name="http", open_to="internet", purpose="a|b\\nc"),
        )
    """
    installed(source(body))
    text = readme(WIKI_MANIFEST)
    assert "| a \\| b \\`c\\` \\<img\\> --done | services/wiki | shed |" in text
    assert "| \\*news\\* \\| more |" in text
    assert "| a\\|b c | services/wiki |" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for row, below in pairwise(rows):
        if below.startswith("| ---"):
            columns = row.count(" | ")
        elif not row.startswith("| ---"):
            assert len(re.findall(r"(?<!\\) \| ", row)) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("wiki", "`wiki`"),
        ("a|b", "`a\\|b`"),
        ("a`b", "a\\`b"),
        ("a\nb", "`a b`"),
        ("", ""),
    ],
)
def test_letters_of_a_program(text: str, shown: str) -> None:
    assert markdown_code(text) == shown


def test_a_hyphen_within_a_line_is_a_hyphen() -> None:
    assert markdown_text("mkpasswd --method=yescrypt") == "mkpasswd --method=yescrypt"
