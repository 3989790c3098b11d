"""Reading community.toml: values, typed sections, and problems with their exact place."""
