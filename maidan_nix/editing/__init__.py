"""Edits of a manifest that change the lines they must, and no other byte.

tomllib says what a text means, a scanner says where things stand in it, tomlkit writes keys and values. The edited text
is read again, and has to mean exactly what was wanted: otherwise the edit is refused, and a person makes it.
"""
