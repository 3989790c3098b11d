"""The platform floor."""
