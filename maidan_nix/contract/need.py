"""What every kind of need has in common, and how a provider says no."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

G = TypeVar("G")


class Need(Generic[G]):
    """Base of every kind of need. A kind is a frozen, keyword-only dataclass: needs are compared, and sorted by `repr`.

    `kind` is its name in the manifest (``plugins.providers``) and in messages; `rank` its place in the order of
    granting (third parties use 1000 and up); `provider` the plugin that serves it unless the manifest names another.
    """

    kind: ClassVar[str]
    rank: ClassVar[int]
    provider: ClassVar[str] = ""

    __slots__ = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """Names that only one plugin of a host may hold, such as ``("database wiki",)``."""
        return ()

    @property
    def lasting(self) -> bool:
        """Whether data stays under the claimed name after the plugin is gone, so that nobody else may take it."""
        return False

    @property
    def peer(self) -> str:
        """Another host whose provider of this kind has to know of the need, too; empty for none."""
        return ""

    @property
    def setting(self) -> str:
        """The setting of the asking plugin that this need follows from, to place an error; empty for none."""
        return ""


class Refused(Exception):
    """Raised by a provider for a request that it cannot serve: the error is placed at the setting it follows from.

    `message` says what is wrong without a final stop, `hint` the way out.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
