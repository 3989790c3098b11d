"""All there is to say of one plugin, for ``plugin show``: as data, and as lines of text."""
