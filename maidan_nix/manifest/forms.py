"""What a setting of a common form is made of: a check of one string, and the words for what it wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class InvalidValue(ValueError):
    """A value that a check refuses.

    `message` says what is wrong without a final stop and without repeating a secret; `expected` what would be right
    (empty: what the form says); `hint` the way out.
    """

    def __init__(self, message: str, expected: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Form:
    """Goes into `typing.Annotated` beside the type: ``Annotated[str, Form("a colour, such as 'red'", check)]``.

    `expected` completes "expected ...". `check` takes a value of the annotated type, returns it (or its one canonical
    spelling) and raises InvalidValue.
    """

    expected: str
    check: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.check, handler(source))
