"""``maidan-nix plugin show``: what a plugin is, where a community has it and why, and what it does to a host."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.runner import ROOT, TWO_HOSTS, Maidan
from fake_plugins import Install, installed, source
from maidan_nix.commands.plugin import ShowResult
from maidan_nix.plugins import known

__all__ = ["installed"]

EXEMPT = """
def needs(self, context):
    return (
        HTTP, api.Secret(name="wiki-key", content="one line"),
        api.Outgoing(unit="wiki", reason="asks for news", to="listed", addresses=("192.0.2.0/24",)),
        api.Database(name="wiki", role="wiki"),
    )
def units(self, context, grants):
    yield api.Unit(name="wiki", profile="internet", limits=LIMITS,
        exemptions=(api.Exemption("MemoryDenyWriteExecute", False, "the program compiles as it runs"),))
    yield api.Unit(name="wiki-setup", exempt="one call of a tool as root", oneshot=True)
"""


def wiki() -> str:
    return source(f'conflicts = ("services/notes",)\n{EXEMPT}').replace(
        "LIMITS = ", 'HTTP = api.Port(name="http", number=8443, open_to="internet", purpose="the pages")\nLIMITS = '
    )


@pytest.mark.parametrize("name", sorted(known()))
def test_every_plugin_can_be_shown(tmp_path: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    done = maidan("plugin", "show", name)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith(f"{name}: ")
    assert "In a small example:" in lines
    assert all(line == line.rstrip() for line in lines)


def test_what_a_plugin_is_and_does(
    installed: Install, tmp_path: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(wiki())
    monkeypatch.chdir(tmp_path)
    assert maidan("plugin", "show", "wiki").out.splitlines() == [
        "services/wiki: Wiki",
        "Pages that members write together.",
        "Software: https://example.org/wiki, under MIT",
        "Comes from maidan-nix-wiki 1.0.",
        "Cannot run beside: services/notes",
        "",
        "It has no settings.",
        "",
        "In a small example:",
        "  Needs port http, from hardening/firewall",
        "  Needs secret wiki-key, from platform/secrets",
        "  Needs outgoing wiki, from hardening/egress",
        "  Needs database wiki, from platform/postgresql",
        "  Unit wiki.service, in the sandbox 'internet', with at most 128M of memory",
        "    MemoryDenyWriteExecute is false instead: the program compiles as it runs",
        "  Unit wiki-setup.service, without a sandbox: one call of a tool as root",
        "  Secret wiki-key: one line",
        "  Port 8443/tcp, open to the internet: the pages",
        "  wiki.service connects to 192.0.2.0/24: asks for news",
    ]


PANTRY = source(
    """
    provides = (api.Cache,)
    def grant(self, context, request):
        return api.CacheGrant(socket="/run/pantry", group="pantry", unit="pantry.service")
    """,
    name="pantry",
)


def test_a_need_names_the_provider_that_the_community_chose(
    installed: Install, folder: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both are on the host and could: the manifest names the one that comes later by name.
    installed(source('def needs(self, context):\n    return (api.Cache(name="pages"),)'))
    for name in ("pantry", "shelf"):
        module = PANTRY.replace("pantry", name).replace("Pantry", name.capitalize())
        installed(module, point=f"services.{name}", distribution=f"maidan-nix-{name}")
    manifest = folder / "community.toml"
    added = "[services.wiki]\n[services.pantry]\n[services.shelf]\n[plugins.providers]\ncache = 'services/shelf'\n"
    manifest.write_text(manifest.read_text("utf-8") + added)
    monkeypatch.chdir(folder)
    assert "  Needs cache pages, from services/shelf" in maidan("plugin", "show", "wiki").out.splitlines()


def test_settings_are_told_with_type_default_presets_and_what_is_looser(maidan: Maidan, folder: Path) -> None:
    lines = maidan("plugin", "show", "services/vaultwarden").out.splitlines()
    at = lines.index("Settings, in [services.vaultwarden]:")
    assert lines[at + 1 : at + 5] == [
        "  domain: The address of the vault",
        "    Type: a domain name such as 'chat.example.org'",
        "    It must be given.",
        '    Example: "passwords.example.org"',
    ]
    at = lines.index("  events: How long the log of an organisation's events is kept; 0 for no such log")
    assert lines[at + 2 : at + 4] == [
        '    By preset: "0" (strict), "30d" (balanced), "90d" (open)',
        "    Higher is looser. Looser than the preset needs a reason.",
    ]


def test_settings_in_tables_are_told_too(maidan: Maidan, folder: Path) -> None:
    names = {each["name"] for each in maidan("plugin", "show", "nginx", "--json").json()["plugin"]["settings"]}
    assert {"limits", "limits.requests_per_second"} <= names


def test_a_provider_that_nobody_needs_is_shown_at_work(
    tmp_path: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = maidan("plugin", "show", "redis").out
    assert "Provides: cache" in out
    assert "Unit redis-example.service, in the sandbox 'socket'" in out


# -- in a community ------------------------------------------------------------------------------------------------


def shown(maidan: Maidan, *arguments: str) -> ShowResult:
    document: ShowResult = maidan("plugin", "show", *arguments, "--json").json()
    return document


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("kernel", [("baseline", "", "")]),
        ("vaultwarden", [("section", "", "")]),
        ("postgresql", [("need", "services/vaultwarden", "database")]),
    ],
)
def test_it_says_why_a_host_has_a_plugin(
    folder: Path, maidan: Maidan, name: str, because: list[tuple[str, str, str]]
) -> None:
    document = shown(maidan, name)
    assert document["manifest"] == "community.toml"
    assert document["example"] is None
    (host,) = document["hosts"]
    assert host["host"] == "shed"
    assert [(each["reason"], each["plugin"], each["kind"]) for each in host["because"]] == because


def test_a_plugin_is_shown_on_the_hosts_that_have_it(folder: Path, maidan: Maidan) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    assert [each["host"] for each in shown(maidan, "vaultwarden")["hosts"]] == ["east"]
    assert [each["host"] for each in shown(maidan, "kernel")["hosts"]] == ["east", "west"]
    assert "On the host east, because the manifest names it:" in maidan("plugin", "show", "vaultwarden").out


def test_it_says_which_other_host_serves_it(folder: Path, maidan: Maidan) -> None:
    federation = ROOT / "hosts/federation/community.toml"
    lines = maidan("plugin", "show", "vaultwarden", "--manifest", federation).out.splitlines()
    assert "  Needs database vaultwarden, from platform/postgresql on store" in lines
    lines = maidan("plugin", "show", "postgresql", "--manifest", federation).out.splitlines()
    (reason,) = (line for line in lines if line.startswith("On the host store, because "))
    assert "services/vaultwarden on apps needs database" in reason


def test_a_plugin_that_the_community_does_not_have(folder: Path, maidan: Maidan) -> None:
    out = maidan("plugin", "show", "redis").out
    assert "No host of community.toml has it." in out
    assert "In a small example:" in out
    document = shown(maidan, "redis")
    assert document["hosts"] == []
    assert document["example"] is not None


def test_another_manifest(tmp_path: Path, maidan: Maidan) -> None:
    manifest = tmp_path / "other.toml"
    manifest.write_text(TWO_HOSTS)
    assert len(shown(maidan, "vaultwarden", "--manifest", str(manifest))["hosts"]) == 1
    done = maidan("plugin", "show", "vaultwarden", "--manifest", str(tmp_path / "none.toml"))
    assert done.code == 3
    assert "there is no such file" in done.err


# -- what can be wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["[", "[comunity]", "\xff", ""])
def test_a_manifest_with_faults_at_hand_is_left_out(folder: Path, maidan: Maidan, content: str) -> None:
    (folder / "community.toml").write_bytes(content.encode("latin-1"))
    done = maidan("plugin", "show", "vaultwarden")
    assert done.code == 0
    assert done.err == "community.toml has faults, so its hosts are left out; see 'maidan-nix check'\n"
    assert "In a small example:" in done.out


def test_a_manifest_with_faults_that_was_asked_for_is_an_error(folder: Path, maidan: Maidan) -> None:
    (folder / "community.toml").write_text("[comunity]")
    done = maidan("plugin", "show", "vaultwarden", "--manifest", "community.toml")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("community.toml:1:1: community: the section 'community' is missing")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vaultwardn", "no plugin is named 'vaultwardn', did you mean 'vaultwarden'?"),
        ("services/vault", "no plugin is named 'services/vault', did you mean 'services/vaultwarden'?"),
        ("", "no plugin is named '', see 'maidan-nix plugin list'"),
        ("\x1b[2J", "no plugin is named '\\u001B[2J', see 'maidan-nix plugin list'"),
    ],
)
def test_a_name_that_there_is_not(folder: Path, maidan: Maidan, name: str, said: str) -> None:
    done = maidan("plugin", "show", name)
    assert (done.code, done.out, done.err) == (2, "", f"{said}\n")


def test_a_name_that_two_plugins_have(installed: Install, folder: Path, maidan: Maidan) -> None:
    installed()
    installed(source(base="Hardening"), point="hardening.wiki", distribution="wiki-hardening")
    done = maidan("plugin", "show", "wiki")
    assert (done.code, done.err) == (
        2,
        "several plugins are named 'wiki', expected one of hardening/wiki, services/wiki\n",
    )
    assert maidan("plugin", "show", "services/wiki").code == 0
    assert maidan("plugin", "show", "services.wiki").code == 0


def test_a_plugin_that_cannot_be_loaded(installed: Install, folder: Path, maidan: Maidan) -> None:
    installed("raise OSError('odd')")
    done = maidan("plugin", "show", "wiki")
    assert done.code == 1
    assert "[services/wiki] the plugin failed to be imported: OSError: odd" in done.err


@pytest.mark.parametrize(
    "module",
    [
        source("def configure(self, context, grants): raise OSError('odd')"),
        source().replace('"""What a steward can choose."""', 'pages: int = api.setting("How many", unit="pages")'),
    ],
)
def test_a_plugin_without_an_example_is_shown_without_one(
    installed: Install, folder: Path, maidan: Maidan, module: str
) -> None:
    installed(module)
    done = maidan("plugin", "show", "wiki")
    assert done.code == 0
    assert done.err == "its example cannot be generated; see 'maidan-nix plugin check'\n"
    assert "services/wiki: Wiki" in done.out
    assert shown(maidan, "wiki")["example"] is None


def test_what_a_plugin_says_cannot_act_on_a_terminal(installed: Install, folder: Path, maidan: Maidan) -> None:
    installed(source('title = "Wi\\x1b[31mki"\nsummary = "{x} pages"'))
    out = maidan("plugin", "show", "wiki").out
    assert "\x1b" not in out
    assert "{x} pages." in out
