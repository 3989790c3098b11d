"""What a word of this project means, here and now: a key of the manifest, a finding, or a NixOS option.

What a key feeds is not written down anywhere. It is found by generating twice, with the key changed in between, so it
is true of plugins that nobody here has seen.
"""
