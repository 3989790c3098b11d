"""The two ports on loopback that the web server hands requests to."""

from __future__ import annotations

from maidan_nix import api

HTTP = api.Port(name="http", purpose="the homeserver, for the web server in front of it")
MEDIA = api.Port(name="media", purpose="the homeserver's files, for the web server in front of it", setting="workers")
