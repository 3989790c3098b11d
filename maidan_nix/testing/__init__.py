"""Checks that every plugin must pass, ours or a third party's: plain functions, and a pytest plugin on top of them."""
