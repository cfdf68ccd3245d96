"""A team's own policies: declared in the configuration, or in Python and run in the sandbox."""
