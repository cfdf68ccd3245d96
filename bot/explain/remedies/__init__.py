"""Complete code for what a schema lacks."""
