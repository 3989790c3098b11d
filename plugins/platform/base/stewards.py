"""The accounts of the stewards: a key to log in with, and a password to become root with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from .settings import Settings


def in_order(context: api.Context[Settings]) -> Iterator[api.Steward]:
    """The stewards by name, so that the order of the manifest decides nothing."""
    for name in sorted(context.stewards):
        yield context.stewards[name]


def user_id(steward: api.Steward) -> api.UserId:
    """The number of a steward's account, kept for good: files belong to numbers."""
    return api.UserId(user=steward.name, path=("stewards", steward.name))


def password(steward: api.Steward) -> api.Secret:
    """The steward's password, hashed. sudo asks for it: a stolen SSH key alone does not make anyone root."""
    return api.Secret(
        name=f"steward-{steward.name}-password",
        content=api.say(
            "the password hash of {name}, one line made by 'mkpasswd --method=yescrypt'", name=steward.name
        ),
    )


def needs(context: api.Context[Settings]) -> Iterator[api.Need[Any]]:
    """An id and a password for each steward."""
    for steward in in_order(context):
        yield user_id(steward)
        yield password(steward)


def users(context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
    """``users``: these accounts and no others; root has no password."""
    accounts: dict[str, api.Value] = {
        "root": {"hashedPassword": nix.Noted("!", "Nobody logs in as root; stewards use sudo.")}
    }
    for steward in in_order(context):
        account: dict[str, api.Value] = {
            "isNormalUser": True,
            "uid": grants[user_id(steward)],
            "extraGroups": ["wheel"],
            "hashedPasswordFile": grants[password(steward)].path,
            "openssh": {"authorizedKeys": {"keys": list(steward.ssh_keys)}},
        }
        accounts[steward.name] = nix.Noted(account, f"stewards.{steward.name}")
    return {
        "mutableUsers": nix.Noted(False, "Accounts and passwords are these; what is changed by hand is undone."),
        "users": accounts,
    }
