"""Debian 13 in a folder: programs run in a throwaway copy of it, and whole systems booted from it."""
