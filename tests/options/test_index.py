"""The index of the package: what it knows, and that its parts fit together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from maidan_nix.options.build import overlay_table
from maidan_nix.options.index import DATA, Index
from maidan_nix.options.names import join, split
from maidan_nix.options.overlay import Overlay
from maidan_nix.options.table import Table
from maidan_nix.options.types import Atom, AttrsOf, Either, ListOf, NullOr, Type, parse


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.load()


def test_the_compiled_overlay_is_the_overlay() -> None:
    text = (DATA / "overlay.toml").read_text(encoding="utf-8")
    assert (DATA / "overlay.txt").read_text(encoding="ascii") == overlay_table(text), (
        "run: python -m maidan_nix.options.build"
    )


def test_the_recorded_list_says_where_it_is_from_and_is_whole() -> None:
    text = (DATA / "nixpkgs.txt").read_text(encoding="ascii")
    assert "b40629efe5d6ec48dd1efba650c797ddbd39ace0" in text.partition("\n\n")[0]
    assert len(Table(text)) == 15282


@pytest.mark.parametrize("name", ["nixpkgs.txt", "overlay.txt"])
def test_a_table_is_sorted_and_every_name_and_type_in_it_can_be_read(name: str) -> None:
    lines = (DATA / name).read_text(encoding="ascii").partition("\n\n")[2].splitlines()
    assert lines == sorted(set(lines))
    for option in Table.read(DATA / name):
        assert join(split(option.name)) == option.name
        assert str(parse(option.type)) == option.type
        assert option.source


def test_every_option_is_found(index: Index) -> None:
    options = list(index)
    assert len(options) > 16000
    for option in options:
        assert index.describe(option.name) == option
        assert option.status != "current" or index.has_prefix(split(option.name)[:-1])


def submodules(type_: Type, name: str) -> Iterator[str]:
    match type_:
        case Atom("submodule"):
            yield name
        case AttrsOf(element):
            yield from submodules(element, f"{name}.<name>")
        case ListOf(element):
            yield from submodules(element, f"{name}.*")
        case NullOr(other):
            yield from submodules(other, name)
        case Either(choices):
            for choice in choices:
                yield from submodules(choice, name)


def test_options_lie_below_an_option_exactly_where_its_type_has_a_submodule(index: Index) -> None:
    for option in index:
        if option.status != "current":
            continue
        places = set(submodules(parse(option.type), option.name))
        for place in places:
            assert index.has_members(place), f"{option.name} is {option.type}, and nothing is known of {place}"
        if index.has_members(option.name):
            assert places, f"{option.name} is {option.type}, and yet there are options below"


def test_every_new_name_exists(index: Index) -> None:
    renamed = [option for option in index if option.status == "renamed"]
    assert len(renamed) > 80
    for option in renamed:
        path = split(option.replacement)
        found = [index.find(path[:length]) for length in range(1, len(path) + 1)]
        assert index.has_prefix(path) or any(new is not None and new.status == "current" for new in found), option


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("services.openssh.enableRecommendedAlgorithms", "bool"),
        ("systemd.coredump.settings.Coredump", "attrsOf unitOption"),
        ("systemd.settings.Manager", "attrsOf unitOption"),
        ('users.users."ada".uid', "nullOr int"),
        ('fileSystems."/".fsType', "nonEmptyStr"),
        ('boot.kernel.sysctl."net.core.rmem_max"', "nullOr ints.unsigned"),
        ('boot.kernel.sysctl."kernel.kptr_restrict"', "nullOr either(bool, int, str)"),
        ("containers.box.autoStart", "bool"),
        ("age.secrets.x.file", "path"),
        ("maidan.sandbox.units.x.profile", 'enum("socket", "loopback", "internet", "public", "privileged-port")'),
        ('services.xserver.windowManager."2bwm"', "?"),
    ],
)
def test_known(index: Index, name: str, type_: str) -> None:
    option = index.describe(name)
    assert option is not None
    assert (option.status, option.type) == ("current", type_)


@pytest.mark.parametrize("name", ["services", "services.ngnix", "users.users", "boot.kernel.sysctl.a.b", "nosuch"])
def test_a_prefix_and_an_unknown_name_are_no_options(index: Index, name: str) -> None:
    option = index.describe(name)
    assert option is None or name == "users.users"


def test_below_a_removed_option_everything_is_removed(index: Index) -> None:
    option = index.describe("services.promtail.configuration")
    assert option is not None
    assert (option.name, option.status) == ("services.promtail", "removed")
    assert "services.alloy" in option.note


def test_siblings_leave_out_what_is_gone_and_what_may_be_any_name(index: Index) -> None:
    known = index.siblings(("services", "openssh", "x"))
    assert "enable" in known
    assert "settings" in known
    assert not {"banner", "permitRootLogin"} & set(known)
    assert list(known) == sorted(known)
    assert "PermitRootLogin" in index.siblings(("services", "openssh", "settings", "x"))
    assert "<name>" not in index.siblings(("services", "openssh", "settings", "x"))
    assert "extraGroups" in index.siblings(("users", "users", "ada", "x"))
    assert index.siblings(("nosuch", "x")) == ()


def test_prefixes(index: Index) -> None:
    assert index.has_prefix(())
    assert index.has_prefix(("services", "openssh"))
    assert index.has_prefix(("users", "users", "ada", "openssh"))
    assert not index.has_prefix(("services", "openssh", "enable"))
    assert not index.has_prefix(("nosuch",))


def test_a_plugin_adds_options_and_may_correct_one() -> None:
    overlay = Overlay.parse(
        """
        [[source]]
        from = "example/flake@12345678 module.nix"
        [source.options]
        "services.example" = "attrsOf submodule"
        "services.example.<name>.depth" = "ints.positive"
        "services.openssh.ports" = "listOf int"
        """,
        "options.toml",
    )
    index = Index.load((overlay,))
    assert index.describe("services.example.a.depth") == overlay.options[1]
    assert index.describe("services.openssh.ports") == overlay.options[2]
    assert index.describe("services.openssh.enable") == Index.load().describe("services.openssh.enable")
    assert Index.load().describe("services.example.a.depth") is None


def test_two_plugins_may_not_speak_of_one_option() -> None:
    text = "[[source]]\nfrom = '{}'\n[source.options]\n'services.example.enable' = 'bool'\n"
    with pytest.raises(ValueError, match=r"services\.example\.enable is given twice: one, two"):
        Index.load([Overlay.parse(text.format(source), "options.toml") for source in ("one", "two")])
