"""Secrets, seen in the options that are set."""

from __future__ import annotations

from typing import Any

import pytest

from fake_plugins import WIKI, Install, generated, installed, source
from maidan_nix import api
from maidan_nix.api import nix
from maidan_nix.plugins import load
from maidan_nix.problems import MaidanError
from plugin_harness import configuration, context

__all__ = ["installed"]

NAME = "platform/secrets"


def secret(**more: Any) -> api.Secret:
    return api.Secret(**{"name": "wiki-token", "content": "a token of the wiki", **more})


def grant(need: api.Secret) -> api.SecretGrant:
    granted = load(NAME).grant(context(NAME), api.Request(need, "services/wiki", "main"))
    assert isinstance(granted, api.SecretGrant)
    return granted


def served(*needs: api.Secret) -> api.Grants:
    nothing = api.Grants({})
    return api.Grants({}, tuple(api.Served(need, "services/wiki", "main", nothing) for need in needs))


def declared(need: api.Secret) -> dict[str, Any]:
    secrets = configuration(context(NAME), served(need))["age"]["secrets"]
    assert secrets.keys() == {need.name}
    found: dict[str, Any] = secrets[need.name]
    return found


def test_a_grant_is_the_path_where_the_secret_will_be() -> None:
    assert grant(secret()) == api.SecretGrant(
        path=nix.Ref("config", "age", "secrets", "wiki-token", "path"), name="wiki-token"
    )


def test_the_encrypted_file_lies_beside_the_hosts() -> None:
    assert declared(secret())["file"] == nix.Path("../../../secrets/wiki-token.age")


def test_roots_secret_is_readable_by_root_alone() -> None:
    assert declared(secret()) == {"file": nix.Path("../../../secrets/wiki-token.age"), "mode": "0400"}


def test_a_users_secret_is_readable_by_that_user_alone() -> None:
    made = declared(secret(owner="wiki", group="wiki"))
    assert (made["owner"], made["group"], made["mode"]) == ("wiki", "wiki", "0400")


def test_a_group_reads_only_where_it_is_the_one_way_in() -> None:
    made = declared(secret(group="wiki"))
    assert "owner" not in made
    assert (made["group"], made["mode"]) == ("wiki", "0440")


def test_a_comment_says_who_asked_and_what_the_file_holds() -> None:
    options: Any = load(NAME).configure(context(NAME), served(secret()))
    noted = options["age"]["secrets"]["wiki-token"]
    assert isinstance(noted, nix.Noted)
    assert noted.comment == "services/wiki: a token of the wiki"


def test_secrets_come_in_the_order_of_their_names() -> None:
    made = configuration(context(NAME), served(secret(name="zoo"), secret(name="abc")))
    assert list(made["age"]["secrets"]) == ["abc", "zoo"]


def test_the_hosts_own_key_opens_them_and_never_enters_the_store() -> None:
    (identity,) = configuration(context(NAME))["age"]["identityPaths"]
    assert identity == "/etc/ssh/ssh_host_ed25519_key"
    assert isinstance(identity, str)  # a Nix path would be copied


@pytest.mark.parametrize("name", ["", "../etc/passwd", "a/b", "A", "-a", "a-", "a b", "a.age", "a\n", "é", "a" * 64])
def test_a_name_that_cannot_be_a_files_is_refused(name: str) -> None:
    with pytest.raises(api.Refused, match="cannot be the name of a secret"):
        grant(secret(name=name))


def test_the_plugin_that_asks_under_such_a_name_is_named(installed: Install) -> None:
    installed(source('def needs(self, context): return [api.Secret(name="Wiki Token", content="a token")]'))
    with pytest.raises(MaidanError) as refused:
        generated()
    (problem,) = refused.value.problems
    assert problem.plugin == WIKI
    assert problem.message == "'Wiki Token' cannot be the name of a secret"


@pytest.mark.parametrize("name", ["a", "steward-ada-password", "steward-ada_b-password", "a" * 63])
def test_other_names_are_granted(name: str) -> None:
    assert grant(secret(name=name)).name == name
