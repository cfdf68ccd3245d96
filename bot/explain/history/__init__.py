"""The revisions of a change, their graph, and what people wrote about them."""
