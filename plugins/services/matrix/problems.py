"""What is wrong with the settings beyond their types."""

from __future__ import annotations

from collections.abc import Iterator

from maidan_nix import api

from .needs import outgoing
from .settings import MatrixSettings

_DAY = 24 * 60 * 60


def problems(context: api.Context[MatrixSettings]) -> Iterator[api.Problem]:
    """Each by its key path in the manifest."""
    settings = context.settings
    section = tuple(context.section.split("."))
    if settings.element_domain == settings.domain:
        yield api.Problem(
            (*section, "element_domain"),
            "Element Web and the homeserver have one host name",
            expected="a host name of its own",
            hint="a file that somebody sends could otherwise act as the app of whoever opens it",
        )
    for position, worker in enumerate(settings.workers):
        if worker in settings.workers[:position]:
            message = api.say("'{worker}' is listed twice", worker=worker)
            yield api.Problem((*section, "workers", position), message, hint="remove one")
    if "outgoing" in settings.workers and not tuple(outgoing(context)):
        yield api.Problem(
            (*section, "workers", settings.workers.index("outgoing")),
            "'outgoing' would have nothing to do: nobody federates, and nothing is pushed",
            hint="remove it",
        )
    if context.privacy.message_retention.seconds < _DAY:
        yield api.Problem(
            ("privacy", "message_retention"),
            api.say("{duration} is shorter than Matrix can keep to", duration=context.privacy.message_retention),
            expected="a day or more, since it clears up once a day",
        )
    if settings.server_name in context.privacy.federation_allow:
        yield api.Problem(
            ("privacy", "federation_allow", context.privacy.federation_allow.index(settings.server_name)),
            api.say("'{name}' is this server itself", name=settings.server_name),
            hint="remove it",
        )
