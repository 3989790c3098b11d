"""From needs to grants: one pure pass over manifest, lock and plugins."""
