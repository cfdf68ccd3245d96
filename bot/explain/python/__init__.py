"""Python source of revisions and models: where values come from, what is secret, what changed."""
