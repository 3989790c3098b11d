"""The hardening floor."""
