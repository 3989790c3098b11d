"""What holds for every test: how hypothesis runs, and that messages are in English wherever it is run."""

from __future__ import annotations

import os

from hypothesis import settings

# Two busy cores make single examples slow without meaning; a failing example is printed so that it can be run again.
settings.register_profile("maidan", deadline=None, print_blob=True)
settings.load_profile("maidan")

os.environ["LANGUAGE"] = "en"
