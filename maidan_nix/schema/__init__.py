"""JSON Schema of community.toml with the installed plugins, so that an editor completes and explains as one types.

It says as much as JSON Schema (draft 2020-12) can say of what `maidan_nix.manifest` demands. What it refuses,
`maidan-nix generate` refuses too; the other way round there is more that only `generate` can know, such as whether a
key is damaged.
"""

from __future__ import annotations

from maidan_nix.schema.document import manifest_schema, render_schema

__all__ = ["manifest_schema", "render_schema"]
