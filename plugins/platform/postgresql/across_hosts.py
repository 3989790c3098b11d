"""Databases of services that run on another host: how they are reached, and by which password.

A client on another host comes through a relay, whose process on this host is no user of any database: the kernel
cannot vouch for the service behind it. So each such role has a password, which nobody else's connections are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from maidan_nix import api
from maidan_nix.api import nix

SOCKET = "/run/postgresql"
_NUMBER = 5432
_FILE = f".s.PGSQL.{_NUMBER}"
"""What libpq looks for in the directory that it is given as the host."""

_LONGEST_NAME = 31
"""Characters: what Linux takes as the name of a user or group; the names of relay, unit and secret fit, too."""

# The password must be seen nowhere: not among arguments, not in the environment, not in a statement that the server
# might log. The shell's own `read` and `printf` start no program, and psql's \password sends what SCRAM makes of it.
_SET = r"""
can_log_in() {
  psql --no-psqlrc --no-password --username="$ROLE" --dbname="$DATABASE" --output=/dev/null --command='SELECT'
}

line=
IFS= read -r line <"$PGPASSFILE" || true # also where the line does not end
password=${line#'*:*:*:*:'}
case $password in
  "$line" | *[!A-Za-z0-9]*) password= ;;
esac
if [ ${#password} -lt 32 ]; then
  echo "$PGPASSFILE does not hold *:*:*:*: and then at least 32 letters and digits, in one line: write it anew" >&2
  exit 1
fi

if can_log_in 2>/dev/null; then
  exit 0
fi
printf '\\password "%s"\n%s\n%s\n' "$ROLE" "$password" "$password" |
  psql --no-psqlrc --dbname=postgres --set=ON_ERROR_STOP=1
can_log_in
"""


def check(need: api.Database) -> None:
    """Raise Refused for a name that another host cannot be given."""
    for name in (need.name, need.role):
        if len(name) > _LONGEST_NAME or name[-1] in "-_":
            raise api.Refused(
                api.say("{name} cannot be the name of a database or a role of another host", name=repr(name)),
                api.say("a name is up to {number} characters and ends with a letter or a digit", number=_LONGEST_NAME),
            )


def relay(need: api.Database, serving: str) -> api.Relay:
    """The way from the host that asks to the server's socket on the host `serving`, for the role's group alone."""
    return api.Relay(
        name=f"database-{need.name}",
        to=api.RemoteSocket(host=serving, path=f"{SOCKET}/{_FILE}", number=_NUMBER),
        group=need.role,
        file=_FILE,
    )


def password(need: api.Database, asking: str, owner: str) -> api.Secret:
    """The secret of both ends, as libpq reads it; `asking` is the plugin at the other end, `owner` who may read it."""
    return api.Secret(
        name=f"database-{need.name}",
        content=api.say(
            "the password of {role}, one line made by {command}",
            role=need.role,
            command="""printf '*:*:*:*:%s\\n' "$(openssl rand -hex 32)\"""",
        ),
        owner=owner,
        shared_by=(asking, "platform/postgresql"),
    )


def grant(need: api.Database, asking: str) -> api.DatabaseGrant:
    """What the service on the other host is told. Raises Refused, as `check` does."""
    check(need)
    name = f"relay-database-{need.name}"
    return api.DatabaseGrant(
        name=need.name,
        role=need.role,
        socket=f"/run/{name}",
        unit=f"{name}.socket",
        password=password(need, asking, need.role),
    )


def authentication(needs: Iterable[api.Database]) -> str:
    """The lines of pg_hba.conf: each of these roles gets into its own database, with its password."""
    # In quotes a name is only a name; there are words with a meaning, such as `all`.
    return "".join(f'local "{need.name}" "{need.role}" scram-sha-256\n' for need in needs)


def unit(need: api.Database) -> str:
    """The unit that sets a role's password, without ``.service``."""
    return f"postgresql-password-{need.name}"


def set_password(need: api.Database, after: str, file: nix.Ref) -> api.Value:
    """A unit that makes the password of a role that of the secret; where it is already, it changes nothing."""
    return {
        "description": f"Set the password of {need.role}, who comes from another host",
        "requires": [after],
        "after": [after],
        "wantedBy": nix.Noted(["postgresql.target"], "Wanted, not required: if it fails, all other databases work."),
        "before": ["postgresql.target"],
        "path": [nix.Ref("config", "services", "postgresql", "finalPackage")],
        "environment": {"DATABASE": need.name, "PGPASSFILE": file, "ROLE": need.role},
        "script": _SET.lstrip(),
        "serviceConfig": {"Type": "oneshot", "RemainAfterExit": True, "User": "postgres", "Group": "postgres"},
    }
