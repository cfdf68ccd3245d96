"""The only code that touches PostgreSQL or starts the target's code; everything else gets facts."""
