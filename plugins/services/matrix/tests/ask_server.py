"""Runs where Synapse is installed: start a homeserver as its units would, ask it, print the answers as JSON.

    python ask_server.py HTTP_PORT MEDIA_PORT [WORKER ...]
    python ask_server.py HTTP_PORT      only says who is connected to the database

The files of `compose` lie in /judged. PostgreSQL and Redis are started where the settings ask for them. Every process
ends with this one: the caller runs it in a process namespace of its own.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

BIN = "/opt/synapse/bin"
HOMESERVER = "/judged/homeserver.yaml"
LOGS = Path("/judged/logs")
PATIENCE = 25
MESSAGES = ("message", "last message")
PASSWORD = "a password of many words"

answers: dict[str, Any] = {}


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)


def start(name: str, *command: str) -> subprocess.Popen[bytes]:
    with (LOGS / f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def ask(method: str, url: str, body: Any = None, token: str = "", patience: float = PATIENCE) -> tuple[int, Any]:
    """Return the status and the JSON of an answer (text, if it is none); status 0 if there is none in time."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    raw = isinstance(body, bytes)
    data = body if raw or body is None else json.dumps(body).encode()
    headers["Content-Type"] = "text/plain" if raw else "application/json"
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310  # a URL on loopback, made below
    try:
        with urllib.request.urlopen(request, timeout=patience) as answer:  # noqa: S310  # the same
            status, content = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, content = error.code, error.read()
    except TimeoutError:
        return 0, ""
    try:
        return status, json.loads(content)
    except ValueError:
        return status, content.decode(errors="replace")


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(PATIENCE * 10):
        if process.poll() is not None:
            raise SystemExit(f"{process.args!r} ended with {process.returncode}")
        try:
            ask("GET", url)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def wait_for_file(path: str) -> None:
    for _ in range(PATIENCE * 10):
        if Path(path).exists():
            return
        time.sleep(0.1)
    raise SystemExit(f"{path} does not appear")


def postgresql(socket: str, name: str, passfile: str = "") -> None:
    """Start a server with one database. With a `passfile`, its owner is let in with the password in there alone."""
    programs, data = "/usr/lib/postgresql/17/bin", "/var/lib/postgresql/judged"
    Path(socket).mkdir(parents=True, exist_ok=True)
    shutil.chown(socket, "postgres")
    other = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    run(*other, f"{programs}/initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", data)
    if passfile:
        Path(passfile).chmod(0o400)  # libpq reads no file that others can read
        (Path(data) / "pg_hba.conf").write_text(f'local all "{name}" scram-sha-256\nlocal all all trust\n', "utf-8")
    start("postgresql", *other, f"{programs}/postgres", "-D", data, "-k", socket, "-h", "", "-F")
    wait_for_file(f"{socket}/.s.PGSQL.5432")
    connect = (f"--host={socket}", "--username=postgres")
    while subprocess.run([f"{programs}/createuser", *connect, name], check=False, stderr=subprocess.DEVNULL).returncode:
        time.sleep(0.1)
    run(f"{programs}/createdb", *connect, f"--owner={name}", "--template=template0", name)
    if passfile:
        password = Path(passfile).read_text("utf-8").split(":")[-1].strip()
        run(f"{programs}/psql", *connect, "--command", f"ALTER ROLE \"{name}\" PASSWORD '{password}'")


def redis(path: str) -> None:
    Path(path).parent.mkdir(parents=True)
    start("redis", "redis-server", "--port", "0", "--unixsocket", path, "--save", "")
    wait_for_file(path)


def homeserver(main: str, media: str, workers: list[str]) -> None:
    settings = json.loads(Path(HOMESERVER).read_text("utf-8"))
    database = settings["database"]
    if database["name"] == "psycopg2":
        postgresql(database["args"]["host"], database["args"]["user"], database["args"].get("passfile", ""))
    if settings["redis"]["enabled"]:
        redis(settings["redis"]["path"])
    for folder in ("/var/lib/matrix-synapse", "/run/matrix-synapse"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    os.chdir("/var/lib/matrix-synapse")
    run(f"{BIN}/synapse_homeserver", "--config-path", HOMESERVER, "--generate-keys")
    wait_for(f"{main}/health", start("main", f"{BIN}/synapse_homeserver", "--config-path", HOMESERVER))
    started = {
        name: start(
            name, f"{BIN}/synapse_worker", "--config-path", HOMESERVER, "--config-path", f"/judged/worker-{name}.yaml"
        )
        for name in workers
    }
    if "media" in started:
        wait_for(f"{media}/health", started["media"])
    if "outgoing" in started:
        wait_for_file(settings["instance_map"]["outgoing"]["path"])


def accounts(main: str) -> tuple[str, str]:
    """Open two accounts, one as a steward does with the script, one as the script does; return their tokens."""
    register = {"username": "mallory", "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
    answers["register"] = ask("POST", f"{main}/_matrix/client/v3/register", register)
    answers["guest"] = ask("POST", f"{main}/_matrix/client/v3/register?kind=guest", {})
    answers["policy"] = ask("GET", f"{main}/_matrix/client/v3/password_policy")
    run(f"{BIN}/register_new_matrix_user", "-c", HOMESERVER, "--no-admin", "-p", PASSWORD, "-u", "ada", f"{main}/")
    answers["login"] = login(main, "ada", PASSWORD)

    secret = Path(json.loads(Path(HOMESERVER).read_text("utf-8"))["registration_shared_secret_path"]).read_text("utf-8")
    nonce = ask("GET", f"{main}/_synapse/admin/v1/register")[1]["nonce"]
    signed = f"{nonce}\0grace\0{PASSWORD}\0notadmin"
    mac = hmac.new(secret.strip().encode(), signed.encode(), "sha1")
    proven = {"nonce": nonce, "username": "grace", "password": PASSWORD, "mac": mac.hexdigest(), "admin": False}
    other = ask("POST", f"{main}/_synapse/admin/v1/register", proven)
    return str(answers["login"][1]["access_token"]), str(other[1]["access_token"])


def login(main: str, name: str, password: str) -> tuple[int, Any]:
    identifier = {"type": "m.id.user", "user": name}
    body = {"type": "m.login.password", "identifier": identifier, "password": password}
    return ask("POST", f"{main}/_matrix/client/v3/login", body)


def rooms(main: str, token: str, other: str) -> None:
    room = ask("POST", f"{main}/_matrix/client/v3/createRoom", {"preset": "private_chat"}, token)[1]["room_id"]
    place = f"{main}/_matrix/client/v3/rooms/{room}"
    answers["encryption"] = ask("GET", f"{place}/state/m.room.encryption", token=token)
    answers["search"] = ask("POST", f"{main}/_matrix/client/v3/user_directory/search", {"search_term": "gra"}, token)
    answers["invite stranger"] = ask("POST", f"{place}/invite", {"user_id": "@x:elsewhere.example"}, token)
    answers["invite member"] = ask("POST", f"{place}/invite", {"user_id": "@grace:example.org"}, token)
    pusher = {
        "app_display_name": "app",
        "app_id": "org.example.app",
        "data": {"url": "https://push.example.net/_matrix/push/v1/notify"},
        "device_display_name": "phone",
        "kind": "http",
        "lang": "en",
        "pushkey": "key",
    }
    answers["pusher"] = ask("POST", f"{main}/_matrix/client/v3/pushers/set", pusher, token)
    ask("POST", f"{place}/join", {}, other)
    message = {"msgtype": "m.text", "body": "for a phone"}
    answers["message"] = ask("PUT", f"{place}/send/m.room.message/1", message, other)
    answers["last message"] = ask("PUT", f"{place}/send/m.room.message/2", message, other)


def expiry() -> None:
    """Wait until the first message is gone from the database; a room's last event always stays."""
    settings = json.loads(Path(HOMESERVER).read_text("utf-8"))
    if settings["retention"]["default_policy"]["max_lifetime"] != "1s":
        return
    query = "SELECT count(*) FROM event_json WHERE event_id = ?"
    with contextlib.closing(sqlite3.connect(settings["database"]["args"]["database"])) as database:
        for _ in range(PATIENCE * 2):
            kept = [database.execute(query, [answers[name][1]["event_id"]]).fetchone()[0] for name in MESSAGES]
            answers["kept"] = dict(zip(MESSAGES, kept, strict=True))
            if not kept[0]:
                return
            time.sleep(0.5)


def neighbours(main: str, token: str) -> None:
    room = ask("POST", f"{main}/_matrix/client/v3/createRoom", {"preset": "private_chat"}, token)[1]["room_id"]
    # A server that cannot be found is looked for again and again, so nothing may come after this.
    invited = {"user_id": "@x:matrix.example.net"}
    answers["invite neighbour"] = ask(
        "POST", f"{main}/_matrix/client/v3/rooms/{room}/invite", invited, token, patience=3
    )


def files(media: str, token: str) -> None:
    uploaded = ask("POST", f"{media}/_matrix/media/v3/upload", b"a picture", token)
    answers["upload"] = uploaded
    name = str(uploaded[1].get("content_uri", "mxc://example.org/none")).removeprefix("mxc://")
    answers["download"] = ask("GET", f"{media}/_matrix/client/v1/media/download/{name}", token=token)
    answers["download without log-in"] = ask("GET", f"{media}/_matrix/client/v1/media/download/{name}")
    answers["download by old address"] = ask("GET", f"{media}/_matrix/media/v3/download/{name}")
    answers["largest upload"] = ask("GET", f"{media}/_matrix/client/v1/media/config", token=token)
    answers["preview"] = ask("GET", f"{media}/_matrix/client/v1/media/preview_url?url=http://example.net/", token=token)


def strangers(main: str) -> None:
    answers["versions"] = ask("GET", f"{main}/_matrix/client/versions")
    answers["federation"] = ask("GET", f"{main}/_matrix/federation/v1/version")
    answers["keys"] = ask("GET", f"{main}/_matrix/key/v2/server")
    answers["profile"] = ask("GET", f"{main}/_matrix/client/v3/profile/@ada:example.org")
    answers["public rooms"] = ask("GET", f"{main}/_matrix/client/v3/publicRooms")
    answers["wrong passwords"] = [login(main, "grace", "wrong")[0] for _ in range(5)]


def connected() -> list[str]:
    """The users who are connected to the homeserver's database."""
    socket = json.loads(Path(HOMESERVER).read_text("utf-8"))["database"]["args"]["host"]
    query = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'matrix-synapse'"
    psql = ("/usr/lib/postgresql/17/bin/psql", "-XAt", f"--host={socket}", "--username=postgres", "--dbname=postgres")
    asked = subprocess.run([*psql, f"--command={query}"], check=True, stdout=subprocess.PIPE, text=True)
    return asked.stdout.splitlines()


if __name__ == "__main__":
    LOGS.mkdir()
    if len(sys.argv) == 2:
        homeserver(f"http://127.0.0.1:{sys.argv[1]}", "", [])
        print(json.dumps(connected()))  # noqa: T201  # a program, which prints
        sys.exit()
    http_port, media_port, *named = sys.argv[1:]
    at, media_at = f"http://127.0.0.1:{http_port}", f"http://127.0.0.1:{media_port}"
    try:
        homeserver(at, media_at, named)
        member, another = accounts(at)
        rooms(at, member, another)
        files(media_at, member)
        answers["files of the main process"] = ask("POST", f"{at}/_matrix/media/v3/upload", b"a picture", member)[0]
        strangers(at)
        expiry()
        neighbours(at, member)
    finally:
        answers["logs"] = {log.stem: log.read_text(errors="replace") for log in LOGS.glob("*.log")}
        print(json.dumps(answers))  # noqa: T201  # a program, which prints
