"""The manual page, made from the commands themselves, so that it says what they do.

It is roff with the macros of man(7), and needs nothing but click: it is made when a wheel is built.
"""

from __future__ import annotations

from maidan_nix.manual.page import render_manual

__all__ = ["render_manual"]
