"""What ``plugin new`` writes: the source of a plugin of somebody's own, which works before a line of it is changed."""
