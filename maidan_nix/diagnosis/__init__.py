"""What `doctor` looks at: this machine, the manifest, the flake, and the flake's git repository.

Facts are gathered at the edge (`machine_facts`, `flake_facts`, `git_facts`), each with a limit in time and size. Checks
are pure functions from facts to lines. Nothing is written, and nothing in the folder that is looked at is run.
"""
