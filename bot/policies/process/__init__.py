"""How a change is told and what it brings along: messages, commits, the pull request, records."""
