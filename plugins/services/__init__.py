"""The services floor."""
